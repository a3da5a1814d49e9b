"""`edgectl holiday`: days on which schedules give way."""

from contextlib import closing
from typing import Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, table
from edge.domain.schedule_calendar import DEFAULT_TYPE, Holiday

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def holiday() -> None:
    """Write down the days on which schedules give way."""


@holiday.command("list")
@JSON
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the holidays by their first day."""
    from edge.bootstrap.storage import open_reader

    with closing(open_reader(invocation.settings)) as reader:
        rows = [_row(one) for one in reader.access.calendar().holidays]
    columns = ("first", "last", "name", "type", "yearly")
    cells = [[("yes" if row[c] else None) if c == "yearly" else row[c] for c in columns] for row in rows]
    emit(rows, as_json, lambda out: out.print(table(columns, cells)))


@holiday.command()
@click.argument("name", metavar="NAME")
@click.argument("first", metavar="FIRST")
@click.argument("last", metavar="[LAST]", required=False)
@click.option("--type", "kind", default=DEFAULT_TYPE, show_default=True, metavar="TYPE", help="Its type.")
@click.option("--yearly", is_flag=True, help="It is on the same dates of every year.")
@JSON
@click.pass_obj
def add(
    invocation: Invocation,
    *,
    name: str,
    first: str,
    last: str | None,
    kind: str,
    yearly: bool,
    as_json: bool,
) -> None:
    """Add a holiday on the day FIRST, or from FIRST to LAST, as in 2026-12-24 2027-01-02.

    A schedule allows nothing on it, unless it has times for its TYPE: holiday, half-day, shutdown …
    """
    from edge.bootstrap.desks import schedule_desk
    from edge.bootstrap.storage import actor, office
    from edge.domain.moment import parse_day

    begin = parse_day(first)
    made = Holiday(name, begin, begin if last is None else parse_day(last), kind, yearly)
    with office(invocation.settings) as found:
        schedule_desk(invocation.settings, found).add_holiday(made, actor=actor())
    emit(_row(made), as_json, lambda _: note(f"{name} is a holiday of type {kind}"))


@holiday.command()
@click.argument("name", metavar="NAME")
@click.option("--first", metavar="DAY", help="Only the one that begins on this day.")
@click.pass_obj
def remove(invocation: Invocation, name: str, first: str | None) -> None:
    """Remove the holidays of a NAME."""
    from edge.bootstrap.storage import actor, office
    from edge.domain.moment import parse_day

    day = None if first is None else parse_day(first)
    with office(invocation.settings) as found:
        count = found.access.remove_holiday(name, day, actor=actor())
    note(f"{name} is removed" if count == 1 else f"{count} holidays are removed")


def _row(one: Holiday) -> dict[str, Any]:
    return {
        "name": one.name,
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "type": one.type,
        "yearly": one.yearly,
    }
