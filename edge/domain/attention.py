"""Where to look next: at the whole picture, near the faces that are followed, or not at all.

Detection is most of the work. A whole look is taken where something moves, from time to time in any case, and
when a face was lost; between them only the surroundings of the faces that are followed are looked at.
"""

from dataclasses import dataclass
from enum import StrEnum

LEAST = 0.05  # of the full rate: a box that is paused for heat still looks now and then
SLACK = 0.001  # seconds: a period of three frames is over with the third, whatever rounding says


class Look(StrEnum):
    """How a frame is looked at."""

    NONE = "none"
    NEAR = "near"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class AttentionRules:
    """Seconds between two whole looks, and between two looks near faces that are decided.

    `idle` where nothing moves and nobody is followed, doubling up to `empty` while it stays so: who stands
    there was seen to come; `moving` where something moves that is nobody of those who are followed;
    `followed` while a face is, for those who come beside it; `settled` between near looks once every followed
    face is decided. Faces that are not decided are looked at in every frame.
    """

    idle: float = 2.0
    empty: float = 8.0
    moving: float = 0.2
    followed: float = 1.0
    settled: float = 0.2


class Attention:
    """Decides for one frame after the other; times only grow.

    `rate`, 0 to 1, stretches every period, and is the share of frames in which undecided faces are looked at.
    """

    def __init__(self, rules: AttentionRules) -> None:
        self._rules = rules
        self._whole: float | None = None
        self._near: float | None = None
        self._missed = False
        self._calm = rules.idle  # seconds until the next look at a scene in which nothing happens
        self._credit = 0.0  # of frames that may be looked at

    def look(self, at: float, *, moving: bool, followed: int, undecided: int, rate: float = 1.0) -> Look:
        """Return how to look at the frame of `at`; `missed` is to be told afterwards."""
        calm = not (moving or followed or self._missed)
        if not calm:
            self._calm = self._rules.idle
        wait = self._wait(moving=moving, followed=followed, rate=rate)
        if self._whole is None or at - self._whole > wait - SLACK:
            if calm and self._whole is not None:
                self._calm = min(2 * self._calm, max(self._rules.empty, self._rules.idle))
            self._whole = self._near = at
            self._missed = False
            return Look.WHOLE
        self._credit = min(self._credit + max(rate, LEAST), 1.0)
        if followed and (self._credit > 1 - SLACK if undecided else self._due_near(at, rate)):
            self._near = at
            self._credit = 0.0
            return Look.NEAR
        return Look.NONE

    def missed(self) -> None:
        """Take note that a near look did not find a face where it was expected."""
        self._missed = True

    def _wait(self, *, moving: bool, followed: int, rate: float) -> float:
        rules = self._rules
        still = rules.followed if followed else self._calm
        return (rules.moving if self._missed or moving else still) / max(rate, LEAST)

    def _due_near(self, at: float, rate: float) -> bool:
        return self._near is None or at - self._near > self._rules.settled / max(rate, LEAST) - SLACK
