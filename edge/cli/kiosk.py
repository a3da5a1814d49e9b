"""`edgectl kiosk`: the screens beside the door."""

from typing import TYPE_CHECKING

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, plain, table

if TYPE_CHECKING:
    from rich.console import Console

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def kiosk() -> None:
    """Pair screens beside the door, list and revoke them; only while the daemon runs."""


@kiosk.command()
@JSON
@click.pass_obj
def code(invocation: Invocation, as_json: bool) -> None:
    """Print a code that pairs one screen within ten minutes: open /kiosk there and enter it."""
    from edge.bootstrap.kiosk import screens
    from edge.bootstrap.web import web_addresses

    drawn = screens(invocation.settings).offer()
    addresses = [f"{address}kiosk" for address in web_addresses(invocation.settings)]

    def render(out: "Console") -> None:
        out.print(plain(f"{drawn[:4]} {drawn[4:]}"))
        for address in addresses:
            out.print(plain(address))

    emit({"code": drawn, "addresses": addresses}, as_json, render)


@kiosk.command("list")
@JSON
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the paired screens."""
    from edge.bootstrap.kiosk import screens

    found = screens(invocation.settings).screens()
    rows = [(one.get("id"), one.get("paired"), one.get("address")) for one in found]
    emit(found, as_json, lambda out: out.print(table(("screen", "paired", "from"), rows)))


@kiosk.command()
@click.argument("screen", metavar="SCREEN")
@click.pass_obj
def revoke(invocation: Invocation, screen: str) -> None:
    """Forget SCREEN, by its id: it shows nothing any more."""
    from edge.bootstrap.kiosk import screens

    screens(invocation.settings).revoke(screen)
    note(f"screen {screen} is revoked")
