"""Setting the machine's clocks, which needs root (CAP_SYS_TIME)."""

import fcntl
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

from edge.errors import DeviceError

RTC = Path("/dev/rtc0")
RTC_SET_TIME = 0x4024700A  # <linux/rtc.h>: _IOW('p', 0x0a, struct rtc_time)


def set_clock(wall: float) -> None:
    """Set CLOCK_REALTIME to a UTC second; raises DeviceError where that is not allowed."""
    try:
        time.clock_settime(time.CLOCK_REALTIME, wall)
    except OSError as error:
        raise DeviceError(f"clock: it cannot be set ({error.strerror}); do it as root") from None


def set_hardware_clock(wall: float, rtc: Path = RTC) -> bool:
    """Set the hardware clock to a UTC second, so that it is right after a restart; False where there is none.

    Raises DeviceError where it cannot be set.
    """
    shown = datetime.fromtimestamp(wall, UTC)
    parts = (shown.second, shown.minute, shown.hour, shown.day, shown.month - 1, shown.year - 1900, 0, 0, 0)
    try:
        with rtc.open("rb") as file:  # for writing, a missing one would be made
            fcntl.ioctl(file, RTC_SET_TIME, struct.pack("9i", *parts))
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DeviceError(f"{rtc}: the hardware clock cannot be set ({error.strerror})") from None
    return True
