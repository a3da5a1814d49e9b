"""Schedules as people write them: `mon-fri 08:00-12:00 13:00-17:30; sat 09:00-12:00; holiday 10:00-12:00`."""

from datetime import tzinfo

from edge.domain.schedule import ALWAYS, WEEKDAYS, Intervals, Schedule
from edge.domain.schedule_calendar import DEFAULT_TYPE
from edge.domain.schedule_interval import parse_interval
from edge.errors import RuleError

_ALIASES = {"daily": range(7), "weekdays": range(5), "weekend": range(5, 7)}
_IGNORES = "ignores holidays"


def parse_schedule(name: str, text: str, *, zone: tzinfo | None = None) -> Schedule:
    """Return the schedule of a text: parts separated by `;`, each days or a holiday and their intervals.

    Days are `mon` to `sun`, ranges (`fri-mon`), lists (`mon,wed`), `daily`, `weekdays`, `weekend`. `holiday`
    is what holds on holidays of the type `holiday`, `holiday:half-day` on those of the type `half-day`.
    `ignores holidays` as a part of its own leaves holidays aside; the whole text `always` is round the clock.
    Raises RuleError, which names the schedule and the part.
    """
    if text.strip() == "always":
        return Schedule(name=name, days=ALWAYS.days, observes_holidays=False, zone=zone)
    days: dict[int, Intervals] = {}
    holidays: dict[str, Intervals] = {}
    observes = True
    for part in filter(None, (" ".join(part.split()) for part in text.split(";"))):
        if part == _IGNORES:
            observes = False
            continue
        try:
            _take(part, days, holidays)
        except RuleError as error:
            raise RuleError(f'schedule "{name}": {error}') from error
    if not days and not holidays:
        raise RuleError(f'schedule "{name}": it has no times; write them as in "mon-fri 08:00-17:30"')
    return Schedule(name=name, days=days, holidays=holidays, observes_holidays=observes, zone=zone)


def schedule_text(schedule: Schedule) -> str:
    """Return the text that `parse_schedule` reads back; zone and dates in force are kept beside it."""
    if schedule.round_the_clock:
        return "always"
    parts = [f"{WEEKDAYS[day]} {_times(times)}" for day, times in sorted(schedule.days.items()) if times]
    for kind, times in sorted(schedule.holidays.items()):
        head = kind if kind == DEFAULT_TYPE else f"{DEFAULT_TYPE}:{kind}"
        parts += [f"{head} {_times(times)}"] if times else []
    if not schedule.observes_holidays:
        parts.append(_IGNORES)
    return "; ".join(parts)


def _take(part: str, days: dict[int, Intervals], holidays: dict[str, Intervals]) -> None:
    head, *times = part.split(" ")
    if not times:
        raise RuleError(f'"{part}" has no times')
    intervals = tuple(parse_interval(time) for time in times)
    word, _, kind = head.partition(":")
    if word == DEFAULT_TYPE:
        holidays[kind or word] = holidays.get(kind or word, ()) + intervals
        return
    for day in _days(head):
        days[day] = days.get(day, ()) + intervals


def _days(head: str) -> list[int]:
    found: list[int] = []
    for item in head.split(","):
        first, _, last = item.partition("-")
        if item in _ALIASES:
            found += _ALIASES[item]
        elif first in WEEKDAYS and (not last or last in WEEKDAYS):
            start = WEEKDAYS.index(first)
            count = (WEEKDAYS.index(last) - start) % 7 if last else 0
            found += [(start + step) % 7 for step in range(count + 1)]
        else:
            raise RuleError(f'"{item}" is no day; write mon to sun, daily, weekdays, weekend or holiday')
    return found


def _times(intervals: Intervals) -> str:
    return " ".join(str(interval) for interval in intervals)
