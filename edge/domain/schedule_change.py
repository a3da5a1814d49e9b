"""When a schedule next changes: for timers, and for telling people until when."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from edge.domain.schedule import Schedule, inside, local_time
from edge.domain.schedule_calendar import Calendar

_HORIZON = 14  # days


def next_change(
    schedule: Schedule, wall: float, calendar: Calendar, zone: tzinfo, *, days: int = _HORIZON
) -> float | None:
    """Return the first UTC second after `wall` at which the schedule begins or ends to allow.

    None where nothing changes within `days` days. `zone` is the terminal's.
    """
    now = inside(schedule, wall, calendar, zone)
    for second in sorted(set(_edges(schedule, wall, calendar, zone, days))):
        if second > wall and inside(schedule, second, calendar, zone) != now:
            return float(second)
    return None


def _edges(schedule: Schedule, wall: float, calendar: Calendar, zone: tzinfo, days: int) -> Iterator[int]:
    """Yield every second at which something may change: interval ends, and jumps of the clock."""
    place = schedule.zone or zone
    now = local_time(wall, place)
    if now is None:
        return
    for ahead in range(-1, days + 1):
        try:
            day = now.date() + timedelta(days=ahead)
        except OverflowError:
            continue
        minutes = {
            minute
            for intervals in schedule.alternatives(day, calendar)
            for interval in intervals
            for minute in (interval.start, interval.end)
        }
        for minute in minutes:
            yield from _moments(day, minute, place)
        yield from _jumps(day, place)


def _moments(day: date, minute: int, zone: tzinfo) -> Iterator[int]:
    """Yield the seconds at which the clock shows a minute of a day: two, where it shows it twice."""
    for fold in (0, 1):
        try:
            shown = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
            yield math.floor(shown.replace(fold=fold).timestamp())
        except (OverflowError, ValueError):
            return


def _jumps(day: date, zone: tzinfo) -> Iterator[int]:
    """Yield the second at which the clock jumps on a day, if it does."""
    try:
        low, high = (
            math.floor(datetime.combine(day + timedelta(days=step), time(), zone).timestamp())
            for step in (0, 1)
        )
    except (OverflowError, ValueError):
        return
    before = _offset(low, zone)
    if _offset(high, zone) == before:
        return
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    yield high


def _offset(second: int, zone: tzinfo) -> timedelta | None:
    return datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
