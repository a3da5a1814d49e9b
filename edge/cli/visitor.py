"""`edgectl visitor`: PINs with an end."""

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, plain, table

if TYPE_CHECKING:
    from datetime import tzinfo

    from edge.domain.person import Person

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def visitor() -> None:
    """Let visitors in by a PIN that says who they are and has an end."""


@visitor.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--until", required=True, metavar="TIME", help='When it ends: "2026-01-31 18:00", 2026-01-31, +8h.'
)
@click.option("--from", "begin", metavar="TIME", help="When it begins; at once unless told.")
@click.option(
    "--max-visits", type=click.IntRange(1, 1_000_000), metavar="N", help="It opens N times at most."
)
@click.option("--schedule", metavar="NAME", help="Within these times only.")
@click.option(
    "--group", "groups", multiple=True, metavar="NAME", help="As a member; may be given several times."
)
@JSON
@click.pass_obj
def add(
    invocation: Invocation,
    *,
    name: str,
    until: str,
    begin: str | None,
    max_visits: int | None,
    schedule: str | None,
    groups: tuple[str, ...],
    as_json: bool,
) -> None:
    """Add a visitor by NAME and print the PIN that was drawn for them, once."""
    from edge.bootstrap.desks import visitor_desk
    from edge.bootstrap.storage import actor, office
    from edge.bootstrap.time_zone import site_zone
    from edge.domain.moment import parse_moment

    zone, now = site_zone(invocation.settings), time.time()
    end = parse_moment(until, zone, now, end=True)
    start = None if begin is None else parse_moment(begin, zone, now)
    with office(invocation.settings) as found:
        made, pin = visitor_desk(invocation.settings, found).add(
            name=name,
            valid_until=end,
            now=now,
            valid_from=start,
            max_visits=max_visits,
            schedule=schedule,
            groups=groups,
            actor=actor(),
        )
    row = {**_row(made, 0, zone), "pin": pin}
    emit(row, as_json, lambda out: out.print(plain(f"{made.name}: PIN {pin}, until {row['until']}")))


@visitor.command("list")
@JSON
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the visitors, with how often their PINs have opened."""
    from edge.bootstrap.storage import open_reader
    from edge.bootstrap.time_zone import site_zone
    from edge.office.visitors import visits_used

    zone = site_zone(invocation.settings)
    with closing(open_reader(invocation.settings)) as reader:
        visitors = [person for person in reader.people.people() if person.visitor]
        rows = [_row(person, visits_used(reader.query, person), zone) for person in visitors]
    columns = ("id", "name", "from", "until", "visits", "max_visits", "schedule", "groups")
    cells = [[", ".join(row[c]) or None if c == "groups" else row[c] for c in columns] for row in rows]
    shown = table([column.replace("_", " ") for column in columns], cells, right=("visits", "max visits"))
    emit(rows, as_json, lambda out: out.print(shown))


@visitor.command()
@click.argument("person", metavar="[PERSON]", required=False)
@click.option("--expired", is_flag=True, help="All whose end has passed.")
@click.pass_obj
def remove(invocation: Invocation, person: str | None, expired: bool) -> None:
    """Forget a visitor, by id or name, or all whose end has passed; events keep the id."""
    from edge.bootstrap.storage import actor, office
    from edge.office import visitors

    if (person is None) is not expired:
        raise click.UsageError("name a visitor, or give --expired")
    with office(invocation.settings) as found:
        if person is None:
            gone = visitors.expired(found.people.people(), time.time())
        else:
            gone = [visitors.require_visitor(found.people.find(person))]
        for one in gone:
            found.people.remove(person_id=one.id, actor=actor())
    note(f"{gone[0].name} is forgotten" if len(gone) == 1 else f"{len(gone)} visitors are forgotten")


def _row(person: "Person", used: int, zone: "tzinfo") -> dict[str, Any]:
    from edge.domain.moment import local_text

    begin, end = (
        None if wall is None else local_text(wall, zone) for wall in (person.valid_from, person.valid_until)
    )
    return {
        "id": person.id,
        "name": person.name,
        "from": begin,
        "until": end,
        "visits": used,
        "max_visits": person.max_visits,
        "schedule": person.schedule,
        "groups": list(person.groups),
    }
