"""The system's clocks, and whether the wall clock is vouched for."""

import ctypes
import time
from pathlib import Path

from edge.domain.events import Instant

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
RTC = Path("/sys/class/rtc/rtc0")
TIME_ERROR = 5  # <sys/timex.h>: adjtimex() of a clock that no time service keeps
TIMEX_BYTES = 512  # more than struct timex has on any Linux; all zero, it only asks


class ClockSystem:
    """CLOCK_MONOTONIC and CLOCK_REALTIME; the first is the same for all processes of one boot."""

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def now(self) -> Instant:
        """Return this instant; `trusted` where there is a clock with a battery, or NTP keeps this one."""
        return Instant(time.time(), time.monotonic_ns(), trusted=RTC.exists() or _kept_by_ntp())


def boot_id() -> str:
    """Return the kernel's id of this boot."""
    return BOOT_ID.read_text(encoding="ascii").strip()


def _kept_by_ntp() -> bool:
    state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    return 0 <= state < TIME_ERROR
