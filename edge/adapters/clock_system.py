"""The system's clocks, and whether the wall clock is vouched for."""

import ctypes
import time
from datetime import UTC, datetime
from pathlib import Path

from edge.domain.events import Instant

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
RTC = Path("/sys/class/rtc/rtc0")
TIME_ERROR = 5  # <sys/timex.h>: adjtimex() of a clock that no time service keeps
TIMEX_BYTES = 512  # more than struct timex has on any Linux; all zero, it only asks
EARLIEST = datetime(2025, 1, 1, tzinfo=UTC).timestamp()  # this program is younger
DRIFT = 120.0  # seconds; a working clock with a battery is set from the other one, or sets it, at each boot


class ClockSystem:
    """CLOCK_MONOTONIC and CLOCK_REALTIME; the first is the same for all processes of one boot."""

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def now(self) -> Instant:
        """Return this instant; `trusted` is what `is_trusted` says of the two other witnesses."""
        wall, state = time.time(), _adjtimex()
        hardware = None if _is_kept(state) else hardware_time()  # over I²C that takes a millisecond
        return Instant(wall, time.monotonic_ns(), is_trusted(wall, state, hardware))


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
