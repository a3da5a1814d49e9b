"""`edgectl schedule`: weeks of intervals in which something is allowed."""

from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, plain, table

if TYPE_CHECKING:
    from edge.domain.schedule import Schedule

NAME = click.argument("name", metavar="NAME")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def schedule() -> None:
    """Write down when something is allowed: weeks of intervals, by name."""


@schedule.command("list")
@JSON
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the schedules."""
    from edge.bootstrap.storage import open_reader

    with closing(open_reader(invocation.settings)) as reader:
        rows = [_row(one) for one in reader.access.schedules().values()]
    columns = ("name", "text", "zone", "first", "last")
    shown = table(columns, [[row[column] for column in columns] for row in rows])
    emit(rows, as_json, lambda out: out.print(shown))


@schedule.command()
@NAME
@JSON
@click.pass_obj
def show(invocation: Invocation, name: str, as_json: bool) -> None:
    """Show a schedule, whether it allows now, and until when."""
    import time

    from edge.bootstrap.storage import open_reader
    from edge.bootstrap.time_zone import site_zone
    from edge.domain.access_request import AccessRules
    from edge.domain.schedule_words import schedule_words
    from edge.errors import NotFoundError

    with closing(open_reader(invocation.settings)) as reader:
        rules = AccessRules(schedules=reader.access.schedules(), calendar=reader.access.calendar())
    found = rules.schedule(name)
    if found is None:
        raise NotFoundError(f'schedule "{name}": there is none by this name')
    words = schedule_words(found, time.time(), rules.calendar, site_zone(invocation.settings))
    row = {**_row(found), "now": words}
    emit(row, as_json, lambda out: out.print(table(("", ""), list(row.items()))))


@schedule.command("set")
@NAME
@click.argument("text", metavar="TEXT")
@click.option("--zone", metavar="ZONE", help="Its own time zone, as in Asia/Tokyo; else the terminal's.")
@click.option("--first", metavar="DAY", help="First day on which it is in force, as in 2026-01-31.")
@click.option("--last", metavar="DAY", help="Last day.")
@JSON
@click.pass_obj
def set_(
    invocation: Invocation,
    *,
    name: str,
    text: str,
    zone: str | None,
    first: str | None,
    last: str | None,
    as_json: bool,
) -> None:
    """Write a schedule down as TEXT, in the place of the one by this NAME.

    TEXT is as in "mon-fri 08:00-12:00 13:00-17:30; sat 09:00-12:00; holiday 10:00-12:00", or "always".
    """
    from edge.bootstrap.desks import schedule_desk
    from edge.bootstrap.storage import actor, office
    from edge.domain.moment import parse_day

    days = (None if day is None else parse_day(day) for day in (first, last))
    begin, end = days
    with office(invocation.settings) as found:
        desk = schedule_desk(invocation.settings, found)
        written = desk.set_schedule(name, text, zone=zone, first=begin, last=end, actor=actor())
    row = _row(written)
    emit(row, as_json, lambda out: out.print(plain(f"{row['name']}: {row['text']}")))


@schedule.command()
@NAME
@click.pass_obj
def remove(invocation: Invocation, name: str) -> None:
    """Remove a schedule that nobody has any more."""
    from edge.bootstrap.desks import schedule_desk
    from edge.bootstrap.storage import actor, office

    with office(invocation.settings) as found:
        schedule_desk(invocation.settings, found).remove_schedule(name, actor=actor())
    note(f"{name} is removed")


def _row(one: "Schedule") -> dict[str, Any]:
    from edge.domain.schedule_text import schedule_text

    return {
        "name": one.name,
        "text": schedule_text(one) or "never",
        "zone": None if one.zone is None else str(one.zone),
        "first": None if one.first is None else one.first.isoformat(),
        "last": None if one.last is None else one.last.isoformat(),
    }
