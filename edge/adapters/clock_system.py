"""The system's clocks, and whether the wall clock is vouched for."""

import ctypes
import time
from pathlib import Path

from edge.domain.clock_trust import EARLIEST, ClockStanding, Vouch, Witness
from edge.domain.events import Instant

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
RTC = Path("/sys/class/rtc/rtc0")
TIME_ERROR = 5  # <sys/timex.h>: adjtimex() of a clock that no time service keeps
TIMEX_BYTES = 512  # more than struct timex has on any Linux; all zero, it only asks
DRIFT = 120.0  # seconds; a working clock with a battery is set from the other one, or sets it, at each boot


class ClockSystem:
    """CLOCK_MONOTONIC and CLOCK_REALTIME; the first is the same for all processes of one boot."""

    def __init__(self) -> None:
        self._vouch: Vouch | None = None

    def accept(self, vouch: Vouch | None) -> None:
        """Take an admin's word for the wall clock of this boot, in the place of an earlier one."""
        self._vouch = vouch

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def now(self) -> Instant:
        """Return this instant; `trusted` is what `is_trusted` says of the two other witnesses."""
        wall, monotonic, state = time.time(), time.monotonic_ns(), _adjtimex()
        sure = _is_kept(state) or self._is_vouched(wall, monotonic)
        hardware = None if sure else hardware_time()  # over I²C that takes a millisecond
        return Instant(
            wall, monotonic, self._is_vouched(wall, monotonic) or is_trusted(wall, state, hardware)
        )

    def standing(self) -> ClockStanding:
        """Return this instant with everybody who vouches for it."""
        wall, monotonic, state = time.time(), time.monotonic_ns(), _adjtimex()
        known = {
            Witness.NTP: is_trusted(wall, state, None),
            Witness.HARDWARE: is_trusted(wall, TIME_ERROR, hardware_time()),
            Witness.ADMIN: self._is_vouched(wall, monotonic),
        }
        witnesses = tuple(witness for witness, vouches in known.items() if vouches)
        return ClockStanding(Instant(wall, monotonic, bool(witnesses)), witnesses)

    def _is_vouched(self, wall: float, monotonic_ns: int) -> bool:
        vouch = self._vouch
        return vouch is not None and vouch.holds(wall, monotonic_ns)


def is_trusted(wall: float, state: int, hardware: float | None) -> bool:
    """Return whether somebody vouches for the wall clock.

    Nobody does for a time before this program was written. NTP does where the kernel's clock `state` (the
    return value of adjtimex(2)) says that it is kept; else a battery-backed clock does that tells a plausible
    time of its own, in agreement with the wall clock: one with an empty battery starts in the year 2000.
    """
    if wall < EARLIEST:
        return False
    if _is_kept(state):
        return True
    return hardware is not None and hardware >= EARLIEST and abs(hardware - wall) <= DRIFT


def hardware_time(rtc: Path = RTC) -> float | None:
    """Return the UTC seconds of the hardware clock, None where there is none that can be read."""
    try:
        return float((rtc / "since_epoch").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def boot_id() -> str:
    """Return the kernel's id of this boot."""
    return BOOT_ID.read_text(encoding="ascii").strip()


def _is_kept(state: int) -> bool:
    return 0 <= state < TIME_ERROR


def _adjtimex() -> int:
    state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    return state
