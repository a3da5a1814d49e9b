"""`edgectl alerts`: do alerts arrive where people are."""

from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, table
from edge.errors import AlertError, ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from edge.config import Settings


@click.group()
def alerts() -> None:
    """Try the ways alerts take, and show whether they arrive."""


@alerts.command()
@click.argument("way", type=click.Choice(["webhook", "mail"]), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print what became of each as JSON.")
@click.pass_obj
def test(invocation: Invocation, way: str | None, as_json: bool) -> None:
    """Send a test by WAY, or by every way that is configured, and say who took it.

    The exit status is 1 where one failed.
    """
    from edge.bootstrap.alert_tools import configured_ways, try_alert

    settings = invocation.settings
    if way is not None:
        found = [try_alert(settings, way)]
    else:
        found = [_tried(settings, name) for name in configured_ways(settings)]

    def render(out: "Console") -> None:
        rows = [(one["way"], one.get("ms"), one.get("problem") or one["answer"]) for one in found]
        out.print(table(("way", "ms", "what came of it"), rows, right=("ms",)))

    emit(found, as_json, render)
    if any("problem" in one for one in found):
        raise click.exceptions.Exit(1)


def _tried(settings: "Settings", way: str) -> dict[str, Any]:
    """Return what became of a test; what went wrong with one keeps no other from being tried."""
    from edge.bootstrap.alert_tools import try_alert

    try:
        return try_alert(settings, way)
    except (AlertError, ConfigError) as error:
        return {"way": way, "problem": str(error)}


@alerts.command()
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON.")
@click.pass_obj
def status(invocation: Invocation, as_json: bool) -> None:
    """Show what the running daemon says of its alerts.

    What counts is oldest_age: the age in seconds of the alert that is being tried and has not arrived.
    """
    from edge.bootstrap.alert_tools import alerts_health

    found = alerts_health(invocation.settings)
    if not found:
        note("nobody is told of anything; see [alerts] of the configuration")

    def render(out: "Console") -> None:
        keys = list(next(iter(found.values()), {}))
        rows = [(key, *(one.get(key) for one in found.values())) for key in keys]
        out.print(table(("what", *found), rows))

    if found or as_json:
        emit(found, as_json, render)
