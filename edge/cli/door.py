"""`edgectl door`: the doors of the running terminal."""

from collections.abc import Mapping
from typing import Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, plain, table

DOOR = click.option("--door", metavar="DOOR", help="Which door, where there are several.")
REASON = click.option("--reason", default="", metavar="TEXT", help="Why; it stands in the event.")


@click.group()
def door() -> None:
    """Look at the doors and command them; only while the daemon runs."""


@door.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(invocation: Invocation, as_json: bool) -> None:
    """Show how each door stands."""
    from edge.bootstrap.desks import doors

    found = doors(invocation.settings).status()
    emit(found, as_json, lambda out: _show(out, found))


@door.command()
@DOOR
@click.option(
    "--seconds",
    type=click.FloatRange(0, 3600, min_open=True),
    metavar="S",
    help="How long, instead of as a grant.",
)
@REASON
@click.pass_obj
def unlock(invocation: Invocation, door: str | None, seconds: float | None, reason: str) -> None:
    """Unlock a door for some seconds; refused in a lockdown."""
    from edge.bootstrap.desks import doors

    note(doors(invocation.settings).unlock(door, seconds, reason))


@door.command()
@DOOR
@click.pass_obj
def lock(invocation: Invocation, door: str | None) -> None:
    """Lock a door now: holds and office hours end, the latter until they begin anew."""
    from edge.bootstrap.desks import doors

    note(doors(invocation.settings).lock(door))


@door.command()
@DOOR
@REASON
@click.pass_obj
def hold(invocation: Invocation, door: str | None, reason: str) -> None:
    """Keep a door unlocked until it is released, locked, or the daemon ends."""
    from edge.bootstrap.desks import doors

    note(doors(invocation.settings).hold(door, reason))


@door.command()
@DOOR
@click.pass_obj
def release(invocation: Invocation, door: str | None) -> None:
    """End a hold."""
    from edge.bootstrap.desks import doors

    note(doors(invocation.settings).release(door))


@door.command()
@click.argument("what", type=click.Choice(["on", "off"]))
@click.pass_obj
def lockdown(invocation: Invocation, what: str) -> None:
    """Lock the whole site down, or end that; exit button and fire release still open."""
    from edge.bootstrap.desks import doors

    note(doors(invocation.settings).lockdown(on=what == "on"))


@door.command()
@click.argument("what", type=click.Choice(["on", "off"]))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def evacuation(invocation: Invocation, what: str, yes: bool) -> None:
    """Open all doors of the site, or end that."""
    from edge.bootstrap.desks import doors

    if what == "on" and not yes:
        click.confirm("This opens all doors until it is ended. Go on?", abort=True, err=True)
    note(doors(invocation.settings).evacuation(on=what == "on"))


@door.command()
@click.argument("person", metavar="[PERSON]", required=False)
@click.option("--all", "everybody", is_flag=True, help="Everybody.")
@click.pass_obj
def forgive(invocation: Invocation, person: str | None, everybody: bool) -> None:
    """Forgive PERSON anti-passback, so that they may come in or leave once whatever was seen of them."""
    from contextlib import closing

    from edge.bootstrap.desks import doors
    from edge.bootstrap.storage import open_reader

    if (person is None) is not everybody:
        raise click.UsageError("name a person, or give --all")
    person_id = None
    if person is not None:
        with closing(open_reader(invocation.settings)) as reader:
            person_id = reader.people.find(person).id
    note(doors(invocation.settings).forgive(person_id))


def _show(out: Any, found: list[dict[str, Any]]) -> None:
    rows = [(one.get("name"), one.get("phase"), _why(one), one.get("contact"), _alarms(one)) for one in found]
    out.print(table(("door", "state", "why", "contact", "alarm"), rows))
    for one in found:
        for trouble in one.get("trouble") or ():
            out.print(plain(f"{one.get('name')}: {trouble}"))


def _why(one: Mapping[str, Any]) -> str | None:
    words = ", ".join(str(cause) for cause in one.get("causes") or ())
    seconds = one.get("seconds")
    return (words if seconds is None else f"{words}, {seconds} s more") or None


def _alarms(one: Mapping[str, Any]) -> str | None:
    on = [name for name in ("fire", "forced", "tampered", "lockdown", "evacuation") if one.get(name)]
    on += [f"held open ({one['held']})"] if one.get("held") not in (None, "no") else []
    return ", ".join(on) or None
