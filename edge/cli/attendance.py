"""`edgectl attendance` and `inside`: who worked when, and who is here now."""

import time
from pathlib import Path

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, plain
from edge.domain.attendance_punch import PunchKind

FIRST = click.option("--from", "begin", metavar="DAY", help="First day; that of this month unless told.")
LAST = click.option("--to", "end", metavar="DAY", help="Last day; today unless told.")
PERSON = click.option("--person", metavar="PERSON", help="Only this one.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
KIND = click.Choice([str(kind) for kind in PunchKind])
TIME = 'as in "2026-01-31 18:00"'


@click.group()
def attendance() -> None:
    """See who worked when, and put punches right."""


@attendance.command()
@FIRST
@LAST
@PERSON
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "xlsx", "json"]),
    default="table",
    show_default=True,
    help="How it is written.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to; for csv and xlsx.",
)
@JSON
@click.pass_obj
def report(
    invocation: Invocation,
    *,
    begin: str | None,
    end: str | None,
    person: str | None,
    form: str,
    output: Path | None,
    as_json: bool,
) -> None:
    """Write the days of work with what was worked, and what somebody should look at."""
    from edge.bootstrap.attendance import report as make
    from edge.cli import attendance_view as view

    form = "json" if as_json else form
    if form == "xlsx" and output is None:
        raise click.BadParameter("a workbook is written into a file; name it", param_hint="--output")
    sheet = make(invocation.settings, begin, end, person, now=time.time())
    if form in ("csv", "xlsx"):
        view.write(sheet, form, output)
    elif output is not None:
        raise click.BadParameter("only csv and xlsx are written into a file", param_hint="--output")
    else:
        emit(view.report_json(sheet), form == "json", lambda out: view.show_report(out, sheet))


@attendance.command()
@FIRST
@LAST
@PERSON
@JSON
@click.pass_obj
def punches(
    invocation: Invocation, begin: str | None, end: str | None, person: str | None, as_json: bool
) -> None:
    """List the punches as they count, with the ids by which they are corrected."""
    from edge.bootstrap.attendance import punches as read
    from edge.cli import attendance_view as view

    sheet = read(invocation.settings, begin, end, person, now=time.time())
    emit(view.punches_json(sheet), as_json, lambda out: view.show_punches(out, sheet))


@attendance.command()
@click.argument("person", metavar="PERSON")
@click.argument("kind", metavar="KIND", type=KIND)
@click.argument("moment", metavar="TIME")
@JSON
@click.pass_obj
def add(invocation: Invocation, person: str, kind: str, moment: str, as_json: bool) -> None:
    """Add a punch that PERSON forgot: KIND is in, out, break_start or break_end."""
    from edge.bootstrap.storage import actor, office

    wall = _wall(invocation, moment)
    with office(invocation.settings) as found:
        who = found.people.find(person)
        punch_id = found.attendance.add(who.id, PunchKind(kind), wall, actor=actor())
    emit(
        {"id": punch_id}, as_json, lambda out: out.print(plain(f"{who.name}: {kind} is added as {punch_id}"))
    )


@attendance.command()
@click.argument("punch", metavar="PUNCH")
@click.option("--kind", type=KIND, help="What it was.")
@click.option("--time", "moment", metavar="TIME", help=f"When it was, {TIME}.")
@click.pass_obj
def correct(invocation: Invocation, punch: str, kind: str | None, moment: str | None) -> None:
    """Give a PUNCH, named by its id, another kind or time."""
    from edge.bootstrap.storage import actor, office

    wall = None if moment is None else _wall(invocation, moment)
    with office(invocation.settings) as found:
        word = None if kind is None else PunchKind(kind)
        found.attendance.change(punch, kind=word, wall=wall, actor=actor())
    note("the punch is corrected")


@attendance.command()
@click.argument("punch", metavar="PUNCH")
@click.pass_obj
def void(invocation: Invocation, punch: str) -> None:
    """Let a PUNCH, named by its id, count no more."""
    from edge.bootstrap.storage import actor, office

    with office(invocation.settings) as found:
        found.attendance.void(punch, actor=actor())
    note("the punch counts no more")


@click.command()
@click.option("--gone", multiple=True, metavar="PERSON", help="Take them off the list first; repeatable.")
@click.option("--all-gone", is_flag=True, help="Take everybody off the list first.")
@JSON
@click.pass_obj
def inside(invocation: Invocation, gone: tuple[str, ...], all_gone: bool, as_json: bool) -> None:
    """List who is inside: let in or punched in, and not known to have left.

    The list errs on the long side: whoever came long ago, or under a clock that nobody vouched for, is
    marked as not certain.
    """
    from edge.bootstrap.attendance import inside as read
    from edge.bootstrap.storage import actor, office
    from edge.cli import attendance_view as view

    if gone or all_gone:
        with office(invocation.settings) as found:
            ids = [None] if all_gone else [found.people.find(person).id for person in gone]
            for person_id in ids:
                found.attendance.clear_inside(person_id, actor=actor())
    here = read(invocation.settings, now=time.time())
    emit(view.inside_json(here), as_json, lambda out: view.show_inside(out, here))


def _wall(invocation: Invocation, moment: str) -> float:
    from edge.bootstrap.time_zone import site_zone
    from edge.domain.moment import parse_moment

    return parse_moment(moment, site_zone(invocation.settings), time.time())
