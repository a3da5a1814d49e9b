"""The time zone in which the site's schedules, days and reports are understood."""

from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.config import Settings

SYSTEM_ZONE = Path("/etc/localtime")


def site_zone(settings: Settings, system: Path = SYSTEM_ZONE) -> tzinfo:
    """Return the zone that the settings name, else the system's own with its daylight saving, else UTC."""
    if settings.device.timezone:
        return ZoneInfo(settings.device.timezone)
    try:
        key = str(system.resolve()).partition("/zoneinfo/")[2]
        with system.open("rb") as file:
            return ZoneInfo.from_file(file, key=key or None)
    except (OSError, ValueError):
        return UTC
