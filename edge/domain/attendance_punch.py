"""A punch: somebody came, went, or took a break."""

from dataclasses import dataclass
from enum import StrEnum


class PunchKind(StrEnum):
    """What a punch says."""

    IN = "in"
    OUT = "out"
    BREAK_START = "break_start"
    BREAK_END = "break_end"


class Source(StrEnum):
    """How the kind of a punch was found."""

    KEY = "key"  # the person pressed one
    DIRECTION = "direction"  # the terminal is for one way only
    SCHEDULE = "schedule"  # by the time of day
    TURN = "turn"  # the opposite of the last one
    ADMIN = "admin"  # a correction


class Mark(StrEnum):
    """What is to be known of a punch or of the time that was made of it."""

    MISSING_IN = "missing_in"
    MISSING_OUT = "missing_out"
    MISSING_BREAK_START = "missing_break_start"
    MISSING_BREAK_END = "missing_break_end"
    OPEN = "open"  # still at work
    CLOCK_UNTRUSTED = "clock_untrusted"  # nobody vouches for the time
    REDATED = "redated"  # dated afterwards, by a clock that was trusted later in the same boot
    CLOCK_STEPPED = "clock_stepped"  # the clock was set between two punches; their distance is monotonic
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Punch:
    """One punch as it counts now.

    `id` is that of its event; `wall` UTC seconds; `boot` and `monotonic` seconds tell distances within one
    boot and are None where an admin gave the time. `trusted` says whether `wall` was vouched for.
    """

    id: str
    person: str
    kind: PunchKind
    wall: float
    boot: str | None = None
    monotonic: float | None = None
    trusted: bool = True
    source: Source = Source.TURN
    marks: frozenset[Mark] = frozenset()

    def seconds_until(self, later: "Punch") -> float | None:
        """Return the monotonic seconds to a later punch of the same boot, None where that is not known."""
        if self.boot is None or self.boot != later.boot or self.monotonic is None or later.monotonic is None:
            return None
        return later.monotonic - self.monotonic
