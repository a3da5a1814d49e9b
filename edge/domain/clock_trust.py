"""Who vouches for the wall clock: NTP, a hardware clock, or an admin for the rest of this boot."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from edge.domain.events import Event, EventType, Instant
from edge.errors import RuleError

EARLIEST = datetime(2025, 1, 1, tzinfo=UTC).timestamp()  # this program is younger
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
STEP = 5.0  # s; both clocks run by one oscillator, so that they part only where one is set


class Witness(StrEnum):
    """Who vouches."""

    NTP = "ntp"
    HARDWARE = "hardware"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ClockStanding:
    """How the clock stands: the present moment, and who vouches for it."""

    at: Instant
    witnesses: tuple[Witness, ...]


@dataclass(frozen=True, slots=True)
class Vouch:
    """An admin's word that the wall clock was right at a moment of this boot."""

    wall: float
    monotonic_ns: int

    def holds(self, wall: float, monotonic_ns: int) -> bool:
        """Return whether the word still says something: not after the clock was set by somebody else."""
        passed = (monotonic_ns - self.monotonic_ns) / 1e9
        return passed >= 0 and abs(wall - self.wall - passed) <= STEP


def vouch(at: Instant) -> Vouch:
    """Return an admin's word for this moment; raises RuleError for a year that it cannot be."""
    if not EARLIEST <= at.wall < LATEST:
        raise RuleError("clock: it shows a year that it cannot be; set it first")
    return Vouch(at.wall, at.monotonic_ns)


def last_vouch(events: list[Event], boot_id: str) -> Vouch | None:
    """Return the last word given in this boot, of events in journal order; None where there is none."""
    for event in reversed(events):
        if event.boot_id == boot_id and event.type in (EventType.CLOCK_VOUCHED, EventType.CLOCK_SET):
            return Vouch(datetime.fromisoformat(event.time).timestamp(), event.monotonic_ns)
    return None
