"""Anti-passback: whoever came in must go out before coming in again."""

from dataclasses import dataclass
from enum import StrEnum

NOT_OPENED = "not opened"  # why those are forgiven whom a grant named that was not carried out


class Direction(StrEnum):
    """Which way through a door."""

    IN = "in"
    OUT = "out"

    @property
    def opposite(self) -> "Direction":
        """Return the other way."""
        return Direction.OUT if self is Direction.IN else Direction.IN


class PassbackMode(StrEnum):
    """What a violation leads to."""

    OFF = "off"
    SOFT = "soft"  # passes, and the event says so
    HARD = "hard"  # does not pass
    TIMED = "timed"  # does not enter the same area again within a time


@dataclass(frozen=True, slots=True, kw_only=True)
class PassbackRules:
    """What holds at a door that leads from area `outer` to area `inner`; `seconds` are those of TIMED."""

    mode: PassbackMode = PassbackMode.OFF
    outer: str = "outside"
    inner: str = "inside"
    seconds: float = 600.0

    def target(self, direction: Direction) -> str:
        """Return the area that somebody is in after passing."""
        return self.inner if direction is Direction.IN else self.outer

    def source(self, direction: Direction) -> str:
        """Return the area that somebody must be in before passing."""
        return self.target(direction.opposite)


@dataclass(frozen=True, slots=True)
class Presence:
    """The area that somebody was let into last, at monotonic second `at`."""

    area: str
    at: float


def violates(presence: Presence | None, direction: Direction, now: float, rules: PassbackRules) -> bool:
    """Return whether passing at monotonic second `now` would break the rule.

    Somebody of whom nothing is known, or who was forgiven, breaks none.
    """
    if presence is None or rules.mode is PassbackMode.OFF:
        return False
    if rules.mode is PassbackMode.TIMED:
        return presence.area == rules.target(direction) and now - presence.at < rules.seconds
    return presence.area != rules.source(direction)
