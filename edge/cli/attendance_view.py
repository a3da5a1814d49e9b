"""How days of work, punches and the list of who is inside are printed and written."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from edge.bootstrap.attendance import Here, Sheet
from edge.cli.output import note, plain, table
from edge.domain.moment import local_text
from edge.domain.person import Person
from edge.errors import StoreError
from edge.office.attendance_sheet import day_table, total_table, totals
from edge.office.table import Table, cell_text, csv_bytes


def report_json(sheet: Sheet) -> dict[str, Any]:
    """Return the days and their sums; lengths in seconds, times in UTC seconds."""
    return {
        "from": sheet.first.isoformat(),
        "to": sheet.last.isoformat(),
        "days": [
            {
                "day": day.day.isoformat(),
                **_who(day.person, sheet.people),
                "in": day.came,
                "out": day.left,
                "worked": day.worked,
                "breaks": day.breaks,
                "marks": sorted(str(mark) for mark in day.marks),
            }
            for day in sheet.days
        ],
        "totals": [
            {
                **_who(total.person, sheet.people),
                "days": total.days,
                "worked": total.worked,
                "breaks": total.breaks,
                "days_to_look_at": total.open_days,
            }
            for total in totals(sheet.days)
        ],
    }


def show_report(out: Console, sheet: Sheet) -> None:
    """Print the days, and the sums below them."""
    if not sheet.days:
        out.print(plain(f"nobody punched from {sheet.first} to {sheet.last}"))
        return
    for made in _tables(sheet):
        rows = [[cell_text(cell).removeprefix("'") or None for cell in row] for row in made.rows]
        out.print(table(made.columns, rows, right=("worked", "breaks", "days", "days to look at")))
        out.print()


def write(sheet: Sheet, form: str, output: Path | None) -> None:
    """Write the days as CSV, or days and sums as a workbook; raises StoreError where the file cannot be."""
    if form == "csv":
        data = csv_bytes(day_table(sheet.days, sheet.people, sheet.zone))
    else:
        from edge.bootstrap.desks import workbook

        data = workbook(_tables(sheet))
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise StoreError(f"{output}: it cannot be written ({error.strerror})") from None
    note(f"{len(sheet.days)} days are written to {output}")


def punches_json(sheet: Sheet) -> list[dict[str, Any]]:
    """Return the punches; times in UTC seconds."""
    return [
        {
            "id": punch.id,
            **_who(punch.person, sheet.people),
            "kind": str(punch.kind),
            "time": punch.wall,
            "source": str(punch.source),
            "marks": sorted(str(mark) for mark in punch.marks),
        }
        for punch in sheet.punches
    ]


def show_punches(out: Console, sheet: Sheet) -> None:
    """Print the punches as a table."""
    rows = [
        (
            local_text(punch.wall, sheet.zone),
            _who(punch.person, sheet.people)["name"] or punch.person,
            punch.kind,
            punch.source,
            " ".join(sorted(punch.marks)),
            punch.id,
        )
        for punch in sheet.punches
    ]
    out.print(table(("time", "name", "kind", "by", "marks", "punch"), rows))


def inside_json(here: Here) -> list[dict[str, Any]]:
    """Return who is inside; times in UTC seconds."""
    return [
        {
            **_who(one.person, here.people),
            "area": one.area,
            "since": one.since,
            "on_break": one.on_break,
            "certain": one.certain,
        }
        for one in here.inside
    ]


def show_inside(out: Console, here: Here) -> None:
    """Print who is inside, and how many."""
    rows = [
        (
            _who(one.person, here.people)["name"] or one.person,
            _who(one.person, here.people)["external_id"],
            one.area,
            local_text(one.since, here.zone),
            ", ".join((["on a break"] if one.on_break else []) + ([] if one.certain else ["not certain"])),
        )
        for one in here.inside
    ]
    out.print(table(("name", "number", "area", "since", "remark"), rows))
    out.print(plain(f"{len(rows)} inside"))


def _tables(sheet: Sheet) -> list[Table]:
    return [
        day_table(sheet.days, sheet.people, sheet.zone),
        total_table(totals(sheet.days), sheet.people),
    ]


def _who(person: str, people: Mapping[str, Person]) -> dict[str, str | None]:
    """Return id, name and number; nobody has a name any more who was forgotten."""
    known = people.get(person)
    return {
        "person": person,
        "name": None if known is None else known.name,
        "external_id": None if known is None else known.external_id,
    }
