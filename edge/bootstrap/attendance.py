"""Attendance as a command reads it: days of work, punches, who is inside."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from edge.config import Settings
from edge.domain.attendance_punch import Punch
from edge.domain.attendance_report import Day
from edge.domain.moment import first_second, parse_day
from edge.domain.muster import Inside
from edge.domain.person import Person
from edge.errors import RuleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was read of days `first` to `last`: either days or punches, with everybody by id."""

    first: date
    last: date
    zone: tzinfo
    people: Mapping[str, Person]
    days: tuple[Day, ...] = ()
    punches: tuple[Punch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Who is inside, with everybody by id."""

    inside: tuple[Inside, ...]
    people: Mapping[str, Person]
    zone: tzinfo


def report(
    settings: Settings, begin: str | None, end: str | None, person: str | None, *, now: float
) -> Sheet:
    """Return the days of work between two days as people write them.

    Raises RuleError for what is no day, NotFoundError, StoreError.
    """
    from edge.bootstrap.desks import current_attendance
    from edge.bootstrap.storage import open_reader
    from edge.bootstrap.time_zone import site_zone
    from edge.office.attendance_sheet import days_of_work
    from edge.office.punch_log import PunchLog

    zone = site_zone(settings)
    first, last = _span(begin, end, now, zone)
    with closing(open_reader(settings)) as reader:
        who = None if person is None else reader.people.find(person).id
        rules = current_attendance(settings, reader.access).rules()
        log = PunchLog(reader.journal, reader.query)
        days = days_of_work(log, first, last, rules, now=now, person=who)
        people = {one.id: one for one in reader.people.people()}
    return Sheet(first=first, last=last, zone=zone, people=people, days=tuple(days))


def punches(
    settings: Settings, begin: str | None, end: str | None, person: str | None, *, now: float
) -> Sheet:
    """Return the punches between two days; raises as `report`."""
    from edge.bootstrap.storage import open_reader
    from edge.bootstrap.time_zone import site_zone
    from edge.office.punch_log import PunchLog

    zone = site_zone(settings)
    first, last = _span(begin, end, now, zone)
    start, stop = first_second(first, zone), first_second(last, zone) + 86_400
    with closing(open_reader(settings)) as reader:
        who = None if person is None else reader.people.find(person).id
        found = PunchLog(reader.journal, reader.query).between(first, last, zone, who)
        people = {one.id: one for one in reader.people.people()}
    kept = tuple(punch for punch in found if start <= punch.wall < stop)
    return Sheet(first=first, last=last, zone=zone, people=people, punches=kept)


def inside(settings: Settings, *, now: float) -> Here:
    """Return who is inside; raises StoreError."""
    from edge.bootstrap.storage import open_reader
    from edge.bootstrap.time_zone import site_zone
    from edge.office.attendance import who_is_inside

    with closing(open_reader(settings)) as reader:
        found = who_is_inside(reader.query, now, settings.attendance.longest_hours * 3600)
        people = {one.id: one for one in reader.people.people()}
    return Here(inside=tuple(found), people=people, zone=site_zone(settings))


def _span(begin: str | None, end: str | None, now: float, zone: tzinfo) -> tuple[date, date]:
    """Return first and last day: this month up to today, where they are not given."""
    today = datetime.fromtimestamp(now, zone).date()
    last = today if end is None else parse_day(end)
    first = min(today, last).replace(day=1) if begin is None else parse_day(begin)
    if last < first:
        raise RuleError(f"the last day, {last}, comes before the first, {first}")
    return first, last
