"""`edgectl group`: what people may do because of what they belong to."""

from contextlib import closing
from dataclasses import replace
from typing import Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, table
from edge.domain.access_group import Group

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
NAME = click.argument("name", metavar="NAME")
_FLAGS = ("second_factor", "passback_exempt", "alone", "escort", "lockdown_pass", "first_person")


@click.group()
def group() -> None:
    """Write down what people may do because of the groups they are in."""


@group.command("list")
@JSON
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the groups."""
    from edge.bootstrap.storage import open_reader

    with closing(open_reader(invocation.settings)) as reader:
        found = list(reader.access.groups().values())
        everybody = reader.people.people()
    rows = [_row(one, sum(one.name in person.groups for person in everybody)) for one in found]
    columns = ("name", "schedule", "doors", "rights", "members")
    cells = [
        [row["name"], row["schedule"], _doors(one), _rights(one), row["members"]]
        for row, one in zip(rows, found, strict=True)
    ]
    emit(rows, as_json, lambda out: out.print(table(columns, cells, right=("members",))))


@group.command()
@NAME
@JSON
@click.pass_obj
def show(invocation: Invocation, name: str, as_json: bool) -> None:
    """Show a group and who is in it."""
    from edge.bootstrap.storage import open_reader
    from edge.errors import NotFoundError

    with closing(open_reader(invocation.settings)) as reader:
        found = reader.access.groups().get(name)
        members = [person for person in reader.people.people() if name in person.groups]
    if found is None:
        raise NotFoundError(f'group "{name}": there is none by this name')
    row = {**_row(found, len(members)), "people": [{"id": one.id, "name": one.name} for one in members]}
    cells = [(one.id, one.name, one.external_id) for one in members]

    def render(out: Any) -> None:
        facts = [
            ("name", name),
            ("schedule", found.schedule),
            ("doors", _doors(found)),
            ("rights", _rights(found)),
        ]
        out.print(table(("", ""), facts))
        out.print(table(("id", "name", "number"), cells))

    emit(row, as_json, render)


@group.command("set")
@NAME
@click.option("--schedule", metavar="NAME", help="When its members may pass; always for a new one.")
@click.option(
    "--door", "doors", multiple=True, metavar="DOOR", help="Only at this door; may be given several times."
)
@click.option("--all-doors", is_flag=True, help="At all doors again.")
@click.option("--second-factor/--no-second-factor", default=None, help="A PIN every time.")
@click.option("--passback-exempt/--no-passback-exempt", default=None, help="Without anti-passback.")
@click.option("--alone/--no-alone", default=None, help="Without the two-person rule.")
@click.option("--escort/--no-escort", default=None, help="Of those of whom the two-person rule asks for one.")
@click.option("--lockdown-pass/--no-lockdown-pass", default=None, help="Also in a lockdown.")
@click.option(
    "--first-person/--no-first-person", default=None, help="Their arrival may begin the office hours."
)
@JSON
@click.pass_obj
def set_(
    invocation: Invocation,
    /,
    *,
    name: str,
    schedule: str | None,
    doors: tuple[str, ...],
    all_doors: bool,
    as_json: bool,
    **rights: bool | None,
) -> None:
    """Add a group, or change what is named of the one by this NAME."""
    from edge.bootstrap.desks import schedule_desk
    from edge.bootstrap.storage import actor, office

    if doors and all_doors:
        raise click.BadParameter("some doors and all doors do not go together", param_hint="--all-doors")
    changed: dict[str, Any] = {key: value for key, value in rights.items() if value is not None}
    changed |= {} if schedule is None else {"schedule": schedule}
    changed |= {"doors": frozenset(doors)} if doors else {"doors": None} if all_doors else {}
    with office(invocation.settings) as found:
        before = found.access.groups().get(name, Group(name=name))
        wanted = replace(before, **changed)
        schedule_desk(invocation.settings, found).set_group(wanted, actor=actor())
    emit(
        _row(wanted),
        as_json,
        lambda _: note(f"{name}: {wanted.schedule}, {_doors(wanted)}, {_rights(wanted) or 'no rights'}"),
    )


@group.command()
@NAME
@click.pass_obj
def remove(invocation: Invocation, name: str) -> None:
    """Remove a group that nobody is in any more."""
    from edge.bootstrap.storage import actor, office

    with office(invocation.settings) as found:
        found.access.remove_group(name, actor=actor())
    note(f"{name} is removed")


def _row(one: Group, members: int | None = None) -> dict[str, Any]:
    row = {
        "name": one.name,
        "schedule": one.schedule,
        "doors": None if one.doors is None else sorted(one.doors),
        **{flag: getattr(one, flag) for flag in _FLAGS},
    }
    return row if members is None else {**row, "members": members}


def _doors(one: Group) -> str:
    return "all doors" if one.doors is None else ", ".join(sorted(one.doors))


def _rights(one: Group) -> str:
    return ", ".join(flag.replace("_", " ") for flag in _FLAGS if getattr(one, flag))
