"""A week in pictures and words: the bars of a schedule, and whether it allows at this moment."""

from dataclasses import dataclass
from datetime import tzinfo

from edge.domain.schedule import WEEKDAYS, Schedule, inside
from edge.domain.schedule_calendar import DEFAULT_TYPE, Calendar
from edge.domain.schedule_change import next_change
from edge.domain.schedule_interval import DAY
from edge.domain.schedule_text import schedule_text
from edge.web.language import translate
from edge.web.show import WEEKDAYS as DAY_NAMES
from edge.web.show import Show


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One day of a week: `bars` are (start, length) in minutes of that day."""

    key: str
    name: str
    bars: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ShownSchedule:
    """A schedule as a page shows it; `now` says whether it allows at this moment."""

    name: str
    text: str
    rows: tuple[WeekRow, ...]
    now: bool
    until: str
    schedule: Schedule


def shown_schedule(
    schedule: Schedule, wall: float, calendar: Calendar, zone: tzinfo, show: Show
) -> ShownSchedule:
    """Return a schedule as it stands at UTC second `wall`; `zone` is the terminal's."""
    allows = inside(schedule, wall, calendar, zone)
    change = next_change(schedule, wall, calendar, zone)
    sentence = "until {moment}" if allows else "from {moment} on"
    return ShownSchedule(
        name=schedule.name,
        text=schedule_text(schedule),
        rows=week_rows(schedule, show),
        now=allows,
        until="" if change is None else translate(sentence, show.language, moment=show.moment(change)),
        schedule=schedule,
    )


def week_rows(schedule: Schedule, show: Show) -> tuple[WeekRow, ...]:
    """Return the days of a schedule, and its holidays where it has hours on them."""
    bars: dict[str, list[tuple[int, int]]] = {key: [] for key in WEEKDAYS}
    for day, intervals in schedule.days.items():
        for interval in intervals:
            end = min(interval.end, DAY)
            bars[WEEKDAYS[day]].append((interval.start, end - interval.start))
            if interval.end > DAY:  # it runs on into the next day
                bars[WEEKDAYS[(day + 1) % 7]].append((0, interval.end - DAY))
    rows = [WeekRow(key, DAY_NAMES[show.language][n], tuple(bars[key])) for n, key in enumerate(WEEKDAYS)]
    if schedule.observes_holidays:
        own = schedule.holidays.get(DEFAULT_TYPE, ())
        found = tuple((one.start, min(one.end, DAY) - one.start) for one in own)
        rows.append(WeekRow(DEFAULT_TYPE, translate("Holidays", show.language), found))
    return tuple(rows)
