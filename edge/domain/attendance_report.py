"""The report: everybody's days, with what was worked and what is not in order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from edge.domain.attendance_punch import Mark, Punch
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.attendance_shift import Shift, pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One person's day of work.

    `worked` seconds without breaks; `breaks` those taken and those taken off by rule; `came` and `left` UTC
    seconds as punched, None where they are missing; `marks` what somebody should look at.
    """

    person: str
    day: date
    shifts: tuple[Shift, ...]
    worked: float
    breaks: float
    came: float | None
    left: float | None
    marks: frozenset[Mark]


def report(
    punches: Iterable[Punch], first: date, last: date, now: float, rules: AttendanceRules
) -> list[Day]:
    """Return the days of work from `first` to `last`, both included, by day and person.

    `punches` come from `read_punches`, and should begin a day earlier and end a day later than the report, so
    that night shifts are whole; `now` is the present UTC second.
    """
    days: dict[tuple[date, str], list[Shift]] = {}
    for person, own in _by_person(punches).items():
        for shift in pair(own, now, rules):
            if first <= shift.day <= last:
                days.setdefault((shift.day, person), []).append(shift)
    return [_day(key[1], key[0], tuple(shifts), rules) for key, shifts in sorted(days.items())]


def _by_person(punches: Iterable[Punch]) -> Mapping[str, list[Punch]]:
    found: dict[str, list[Punch]] = {}
    for punch in punches:
        found.setdefault(punch.person, []).append(punch)
    return found


def _day(person: str, day: date, shifts: tuple[Shift, ...], rules: AttendanceRules) -> Day:
    taken = sum(shift.breaks for shift in shifts)
    worked = sum(shift.seconds for shift in shifts) - taken
    forced = _taken_off(worked, taken, rules)
    starts = [shift.start.wall for shift in shifts if shift.start is not None]
    ends = [shift.end.wall for shift in shifts if shift.end is not None]
    return Day(
        person=person,
        day=day,
        shifts=shifts,
        worked=worked - forced,
        breaks=taken + forced,
        came=min(starts, default=None),
        left=max(ends, default=None),
        marks=frozenset(mark for shift in shifts for mark in shift.marks),
    )


def _taken_off(worked: float, taken: float, rules: AttendanceRules) -> float:
    """Return the break that a rule takes off: what is missing of it, never below the work it begins with."""
    missing = (min(length - taken, worked - after) for after, length in rules.breaks if worked > after)
    return max(0.0, *missing, 0.0)
