"""Moments and days as people write them."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from edge.errors import RuleError

_LATER = re.compile(r"\+(\d{1,6})\s*(min|h|d)")
_UNITS = {"min": 60.0, "h": 3600.0, "d": 86400.0}


def parse_day(text: str) -> date:
    """Return the date of a text as in 2026-01-31; raises RuleError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise RuleError(f'"{text}" is no day; write one as in 2026-01-31') from None


def parse_moment(text: str, zone: tzinfo, now: float, *, end: bool = False) -> float:
    """Return the UTC second of a text.

    That is `now`; a date, whose first second it is, or with `end` the first one after it; a date and time by
    the clock on the wall of `zone`, or with an offset as in 2026-01-31T18:00+01:00; or `+8h`, `+30min`, `+2d`
    from `now` on. Raises RuleError.
    """
    words = text.strip()
    if words == "now":
        return now
    if later := _LATER.fullmatch(words):
        return now + int(later[1]) * _UNITS[later[2]]
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
            return first_second(date.fromisoformat(words) + timedelta(days=end), zone)
        read = datetime.fromisoformat(words)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise RuleError(
            f'"{text}" is no time; write one as in "2026-01-31 18:00", 2026-01-31, +8h or now'
        ) from None


def first_second(day: date, zone: tzinfo) -> float:
    """Return the UTC second with which a day begins by the clock on the wall."""
    return datetime.combine(day, time(), zone).timestamp()


def local_text(wall: float, zone: tzinfo) -> str:
    """Return a UTC second as the clock on the wall shows it: 2026-01-31 18:00:00."""
    try:
        return f"{datetime.fromtimestamp(wall, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return str(wall)
