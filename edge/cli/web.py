"""`edgectl web`: how browsers reach the pages."""

from typing import TYPE_CHECKING

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, plain

if TYPE_CHECKING:
    from rich.console import Console


@click.group()
def web() -> None:
    """Show how the pages of the terminal are reached and known."""


@web.command()
@click.option("--json", "as_json", is_flag=True, help="Print addresses and fingerprint as JSON.")
@click.pass_obj
def fingerprint(invocation: Invocation, as_json: bool) -> None:
    """Show the fingerprint of the certificate, to be compared with the one that the browser shows."""
    from edge.bootstrap.web import web_addresses, web_fingerprint

    found = web_fingerprint(invocation.settings)
    addresses = web_addresses(invocation.settings)

    def render(out: "Console") -> None:
        for address in addresses:
            out.print(plain(address))
        out.print(plain(f"SHA-256 {found}"))

    emit({"addresses": addresses, "sha256": found}, as_json, render)
