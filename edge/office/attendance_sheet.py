"""Days of work as rows of a table, and their sums, for screen, CSV, spreadsheet and page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from edge.domain.attendance_report import Day, report
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.moment import local_text
from edge.domain.person import Person
from edge.office.punch_log import PunchLog
from edge.office.table import Cell, Table


@dataclass(frozen=True, slots=True)
class Total:
    """What somebody worked in all days of a report; `open_days` are days with something to look at."""

    person: str
    days: int
    worked: float
    breaks: float
    open_days: int


def days_of_work(
    log: PunchLog, first: date, last: date, rules: AttendanceRules, *, now: float, person: str | None = None
) -> list[Day]:
    """Return the days of work from `first` to `last`, both included, by day and person.

    With `person`, an id, only theirs. Raises StoreError.
    """
    return report(log.between(first, last, rules.zone, person), first, last, now, rules)


def totals(days: Iterable[Day]) -> list[Total]:
    """Return the sums by person, in the order of their first day."""
    found: dict[str, Total] = {}
    for day in days:
        before = found.get(day.person, Total(day.person, 0, 0.0, 0.0, 0))
        found[day.person] = Total(
            day.person,
            before.days + 1,
            before.worked + day.worked,
            before.breaks + day.breaks,
            before.open_days + bool(day.marks),
        )
    return list(found.values())


def day_table(days: Sequence[Day], people: Mapping[str, Person], zone: tzinfo) -> Table:
    """Return the days as a table; a person who was forgotten is shown by their id."""
    rows = tuple(
        (
            day.day,
            *_who(day.person, people),
            _shown(day.came, zone),
            _shown(day.left, zone),
            timedelta(seconds=day.worked),
            timedelta(seconds=day.breaks),
            " ".join(sorted(day.marks)),
        )
        for day in days
    )
    return Table("Days", ("day", "name", "number", "in", "out", "worked", "breaks", "marks"), rows)


def total_table(sums: Sequence[Total], people: Mapping[str, Person]) -> Table:
    """Return the sums as a table, by name."""
    rows = [
        (
            *_who(total.person, people),
            total.days,
            timedelta(seconds=total.worked),
            timedelta(seconds=total.breaks),
            total.open_days,
        )
        for total in sums
    ]
    columns = ("name", "number", "days", "worked", "breaks", "days to look at")
    return Table("Totals", columns, tuple(sorted(rows, key=lambda row: str(row[0]).casefold())))


def _who(person: str, people: Mapping[str, Person]) -> tuple[str, str]:
    known = people.get(person)
    return (person, "") if known is None else (known.name, known.external_id or "")


def _shown(wall: float | None, zone: tzinfo) -> Cell:
    """Return the local time without a zone, to the second, as spreadsheets want it; None stays."""
    if wall is None:
        return None
    try:
        return datetime.fromtimestamp(wall, zone).replace(tzinfo=None, microsecond=0)
    except (OverflowError, ValueError, OSError):
        return local_text(wall, zone)
