"""Weekly schedules: when something is allowed, by what a clock on the wall shows.

Daylight saving needs no rule of its own. An hour that the clock skips is never shown, so nothing happens in
it, and an interval that would begin in it begins when the clock has jumped. An hour that the clock shows
twice counts both times. A night shift from 22:00 to 06:00 so lasts seven or nine hours on those nights.

An interval belongs to the day on which it begins: a night shift that began on a working day runs on into a
holiday, and one that would begin on a holiday does not.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo

from edge.domain.schedule_calendar import Calendar
from edge.domain.schedule_interval import DAY, Interval, covers_day
from edge.errors import RuleError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_SECONDS = DAY * 60

Intervals = tuple[Interval, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A named week.

    `days` holds the intervals of each weekday, Monday 0 to Sunday 6; intervals may overlap. On a holiday
    those of its type stand in `holidays` instead, none where the type is not named; where holidays of several
    types meet, all of them must allow. `observes_holidays` off leaves holidays aside. `first` and `last` are
    the days between which it is in force, both included. `zone` is its own time zone, None for that of the
    terminal.
    """

    name: str
    days: Mapping[int, Intervals]
    holidays: Mapping[str, Intervals] = field(default_factory=dict)
    observes_holidays: bool = True
    first: date | None = None
    last: date | None = None
    zone: tzinfo | None = None

    @property
    def round_the_clock(self) -> bool:
        """Return whether it allows at every time, so that no clock is needed to say so."""
        return (
            not self.observes_holidays
            and self.first is None
            and self.last is None
            and all(covers_day(self.days.get(day, ())) for day in range(7))
        )

    def in_force(self, first: date | None, last: date | None) -> "Schedule":
        """Return it in force from day to day; raises RuleError for an end before the beginning."""
        if first is not None and last is not None and last < first:
            raise RuleError(f'schedule "{self.name}": it ends on {last}, before it begins on {first}')
        return replace(self, first=first, last=last)

    def alternatives(self, day: date, calendar: Calendar) -> tuple[Intervals, ...]:
        """Return the sets of intervals that begin on a date, each of which must allow; () allows nothing."""
        if (self.first is not None and day < self.first) or (self.last is not None and day > self.last):
            return ()
        types = calendar.types(day) if self.observes_holidays else frozenset()
        if types:
            return tuple(self.holidays.get(kind, ()) for kind in sorted(types))
        return (self.days.get(day.weekday(), ()),)


ALWAYS = Schedule(name="always", days={day: (Interval(0, DAY),) for day in range(7)}, observes_holidays=False)
NEVER = Schedule(name="never", days={})


def local_time(wall: float, zone: tzinfo) -> datetime | None:
    """Return the local time of a UTC second, fractions cut off; None beyond the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(math.floor(wall), zone)
    except (OverflowError, ValueError, OSError):
        return None


def opened_on(schedule: Schedule, wall: float, calendar: Calendar, zone: tzinfo) -> date | None:
    """Return the local date on which the interval began that holds at UTC second `wall`, None outside.

    `zone` is the terminal's. Where intervals of two days overlap it is the earlier one.
    """
    now = local_time(wall, schedule.zone or zone)
    if now is None:
        return None
    today = now.date()
    second = (now.hour * 60 + now.minute) * 60 + now.second
    candidates = [(today, second)]
    if today > date.min:
        candidates.insert(0, (today - timedelta(days=1), second + _DAY_SECONDS))
    for day, since_midnight in candidates:
        alternatives = schedule.alternatives(day, calendar)
        if alternatives and all(_any(intervals, since_midnight) for intervals in alternatives):
            return day
    return None


def inside(schedule: Schedule, wall: float, calendar: Calendar, zone: tzinfo) -> bool:
    """Return whether the schedule allows at UTC second `wall`; `zone` is the terminal's."""
    return opened_on(schedule, wall, calendar, zone) is not None


def _any(intervals: Intervals, second: int) -> bool:
    return any(interval.contains(second) for interval in intervals)
