"""Days and months as addresses name them, and when they begin and end."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def today(wall: float, zone: tzinfo) -> date:
    """Return the day that the terminal's clock shows at a UTC second."""
    return datetime.fromtimestamp(wall, UTC).astimezone(zone).date()


def day_of(text: str | None) -> date | None:
    """Return the day of an address such as `2026-11-28`, None for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def month_of(text: str | None) -> date | None:
    """Return the first day of a month such as `2026-11`, None for anything else."""
    return day_of(f"{text}-01") if text else None


def bounds(first: date, last: date, zone: tzinfo) -> tuple[float, float]:
    """Return the UTC second at which `first` begins, and the one at which the day after `last` does."""
    after = last + timedelta(days=1) if last < date.max else last
    begin, end = (datetime.combine(day, time(), zone).timestamp() for day in (first, after))
    return begin, end


def next_month(day: date, step: int) -> date:
    """Return the first day of the month `step` months away."""
    months = min(max(day.year * 12 + day.month - 1 + step, 12), 12 * 9999 + 11)
    return date(months // 12, months % 12 + 1, 1)


def next_day(day: date, step: int) -> date:
    """Return the day `step` days away, within all calendars."""
    return date.fromordinal(min(max(day.toordinal() + step, 1), date.max.toordinal()))
