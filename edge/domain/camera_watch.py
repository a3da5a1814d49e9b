"""When to open, close and reopen a camera, and what to say of it: a state machine without a clock.

Each method takes monotonic seconds and returns what to do now. Whoever drives it calls `tick` twice a second
or more often, and tells what came of opening and reading. A loss is said once, and so is the return.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from edge.domain.frame_look import FrameLook


@dataclass(frozen=True, slots=True)
class WatchRules:
    """How long to wait for what, in seconds; all but the back-off are shorter than the 5 s a fault may hide.

    `silent` without a frame is a loss; so are `frozen` of identical frames (infinite for a source that may
    repeat itself, such as a film of a still or a network camera that codes nothing while nothing moves).
    `covered` of dark or flat frames is said. After a fault the camera is back with good frames for `steady`.
    `first` and `longest` bound the doubling wait before the next try. A driver that hangs for `hang` will not
    come back by itself.
    """

    silent: float = 3.0
    frozen: float = 4.0
    covered: float = 3.0
    steady: float = 1.0
    first: float = 1.0
    longest: float = 30.0
    hang: float = 10.0


class Condition(StrEnum):
    """What is known of the camera."""

    STARTING = "starting"
    LIVE = "live"
    LOST = "lost"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class OpenCamera:
    """Open the camera now, then call `opened` or `failed`."""


@dataclass(frozen=True, slots=True)
class CloseCamera:
    """Close the camera now."""


@dataclass(frozen=True, slots=True)
class SayLive:
    """Tell that frames come; `after` is how long they did not, None at the start."""

    after: float | None


@dataclass(frozen=True, slots=True)
class SayLost:
    """Tell that the camera is lost, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class SayCovered:
    """Tell that there is nothing to be seen; `why` is dark or flat."""

    why: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """End this process: its driver hangs, and only a new process gets rid of it."""

    why: str


Effect: TypeAlias = OpenCamera | CloseCamera | SayLive | SayLost | SayCovered | GiveUp


class CameraWatch:
    """Watches one camera from `at` on; the first `tick` opens it."""

    def __init__(self, rules: WatchRules, at: float) -> None:
        self._rules = rules
        self._open = False
        self._try_at = at
        self._wait = rules.first
        self._trouble_at = at  # when the camera was last known to be well
        self._frame_at = at
        self._changed_at = at
        self._poor_at: float | None = None  # since when frames are dark or flat
        self._good_at: float | None = None  # since when they are not, and differ
        self._hangs_at: float | None = None
        self.condition = Condition.STARTING

    def tick(self, at: float) -> list[Effect]:
        """Do what the passing of time asks for."""
        if not self._open:
            return [OpenCamera()] if at >= self._try_at else []
        if at - self._frame_at >= self._rules.silent:
            return self._lose(at, f"no frame for {self._rules.silent:g} s")
        return []

    def opened(self, at: float) -> list[Effect]:
        """Take note that the camera is open."""
        self._open = True
        self._frame_at = self._changed_at = at
        self._poor_at = self._good_at = self._hangs_at = None
        return []

    def failed(self, at: float, why: str, *, hangs: bool = False) -> list[Effect]:
        """Take note that opening or reading failed; `hangs` says that its driver does not return."""
        self._hangs_at = (at if self._hangs_at is None else self._hangs_at) if hangs else None
        effects = self._lose(at, why)
        if self._hangs_at is None:
            return effects
        end = self._hangs_at + self._rules.hang
        if at >= end:
            effects.append(GiveUp(why))
        else:
            self._try_at = min(self._try_at, end)
        return effects

    def see(self, at: float, look: FrameLook) -> list[Effect]:
        """Take note of a frame."""
        self._frame_at = at
        if not look.identical:
            self._changed_at = at
        if look.dark or look.flat:
            return self._see_poor(at, "dark" if look.dark else "flat")
        self._poor_at = None
        if look.identical:
            return self._see_repeated(at)
        return self._see_good(at)

    def _see_poor(self, at: float, why: str) -> list[Effect]:
        self._good_at = None
        if self._poor_at is None:
            self._poor_at = at
        if at - self._changed_at >= self._rules.longest:  # black frames of a camera that died, maybe
            return self._close(at)
        if self.condition is Condition.COVERED or at - self._poor_at < self._rules.covered:
            return []
        self._enter(Condition.COVERED, self._poor_at)
        return [SayCovered(why)]

    def _see_repeated(self, at: float) -> list[Effect]:
        if at - self._changed_at >= self._rules.frozen:
            return self._lose(at, f"the same picture for {self._rules.frozen:g} s")
        return []

    def _see_good(self, at: float) -> list[Effect]:
        if self._good_at is None:
            self._good_at = at
        if self.condition is Condition.STARTING:
            return self._live(None)
        if self.condition is Condition.LIVE or at - self._good_at < self._rules.steady:
            return []
        return self._live(at - self._trouble_at)

    def _live(self, after: float | None) -> list[Effect]:
        self.condition = Condition.LIVE
        self._wait = self._rules.first
        return [SayLive(after)]

    def _lose(self, at: float, why: str) -> list[Effect]:
        effects = self._close(at)
        if self.condition is not Condition.LOST:
            self._enter(Condition.LOST, at)
            effects.append(SayLost(why))
        return effects

    def _enter(self, condition: Condition, at: float) -> None:
        if self.condition is Condition.LIVE:
            self._trouble_at = at
        self.condition = condition

    def _close(self, at: float) -> list[Effect]:
        """Close the camera, and try again after a wait that doubles."""
        was_open, self._open = self._open, False
        self._try_at = at + self._wait
        self._wait = min(self._wait * 2, self._rules.longest)
        self._good_at = None
        return [CloseCamera()] if was_open else []
