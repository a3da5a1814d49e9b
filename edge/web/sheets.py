"""Days of work as the sheets of the pages show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from edge.domain.attendance_punch import Mark, PunchKind, Source
from edge.domain.attendance_report import Day
from edge.domain.person import Person
from edge.office.attendance_sheet import Total
from edge.office.table import Cell, Table
from edge.web.event_grade import Grade
from edge.web.language import Language, translate

MARKS: dict[Mark, tuple[Grade, str]] = {
    Mark.OPEN: ("info", "at work"),
    Mark.MISSING_IN: ("warn", "coming not punched"),
    Mark.MISSING_OUT: ("warn", "going not punched"),
    Mark.MISSING_BREAK_START: ("warn", "beginning of a break not punched"),
    Mark.MISSING_BREAK_END: ("warn", "end of a break not punched"),
    Mark.CLOCK_UNTRUSTED: ("warn", "clock not vouched for"),
    Mark.REDATED: ("idle", "dated afterwards"),
    Mark.CLOCK_STEPPED: ("warn", "the clock was set in between"),
    Mark.CORRECTED: ("idle", "corrected"),
}
KINDS = {
    PunchKind.IN: "Came",
    PunchKind.OUT: "Left",
    PunchKind.BREAK_START: "Break began",
    PunchKind.BREAK_END: "Break ended",
}
SOURCES = {
    Source.KEY: "key pressed",
    Source.DIRECTION: "way of the door",
    Source.SCHEDULE: "time of day",
    Source.TURN: "automatic",
    Source.ADMIN: "correction",
}
COLUMNS = {
    "day": "Date",
    "name": "Name",
    "number": "Employee number",
    "in": "Came",
    "out": "Left",
    "worked": "Worked",
    "breaks": "Breaks",
    "marks": "Remarks",
    "days": "Days",
    "days to look at": "Days to check",
    "Days": "Days",
    "Totals": "Totals",
}


@dataclass(frozen=True, slots=True)
class Who:
    """A person on a sheet; somebody who was forgotten has no name, `gone` says so."""

    id: str
    name: str
    number: str
    gone: bool = False


def who(person_id: str, people: Mapping[str, Person], language: Language) -> Who:
    """Return a person as sheets name them."""
    known = people.get(person_id)
    if known is None:
        return Who(person_id, translate("somebody who was removed", language), "", gone=True)
    return Who(person_id, known.name, known.external_id or "")


def marks(found: Iterable[Mark], language: Language) -> list[tuple[Grade, str]]:
    """Return marks as (grade, word), what has to be looked at first."""
    order = list(MARKS)
    return [(MARKS[one][0], translate(MARKS[one][1], language)) for one in sorted(found, key=order.index)]


def by_name(days: Sequence[Day], people: Mapping[str, Person]) -> list[Day]:
    """Return the days of one date by the names of the people."""
    return sorted(days, key=lambda day: _key(day.person, people))


def totals_by_name(totals: Sequence[Total], people: Mapping[str, Person]) -> list[Total]:
    """Return sums by the names of the people."""
    return sorted(totals, key=lambda total: _key(total.person, people))


def in_words(table: Table, language: Language) -> Table:
    """Return a table of the office with its headings and marks in a language."""

    def cell(name: str, value: Cell) -> Cell:
        if name != "marks" or not isinstance(value, str):
            return value
        return ", ".join(word for _, word in marks((Mark(one) for one in value.split()), language))

    return replace(
        table,
        title=translate(COLUMNS[table.title], language),
        columns=[translate(COLUMNS[name], language) for name in table.columns],
        rows=[[cell(*pair) for pair in zip(table.columns, row, strict=True)] for row in table.rows],
    )


def days_of_month(first: date) -> list[date]:
    """Return the days of the month that begins on `first`."""
    number = first.toordinal()
    found = [date.fromordinal(number + step) for step in range(31) if number + step <= date.max.toordinal()]
    return [day for day in found if day.month == first.month]


def _key(person_id: str, people: Mapping[str, Person]) -> tuple[str, str]:
    known = people.get(person_id)
    return (known.name.casefold() if known else "\uffff", person_id)
