"""`edgectl setup-code` and `edgectl admin`: the pages' accounts, for whoever is at the machine itself."""

from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, plain, table

if TYPE_CHECKING:
    from rich.console import Console

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("setup-code")
@JSON
@click.pass_obj
def setup_code(invocation: Invocation, as_json: bool) -> None:
    """Print a one-time code that makes the first administrator, while there is none.

    It holds for 24 hours, and takes the place of every earlier one.
    """
    _print_code(invocation, as_json, again=False)


@click.group()
def admin() -> None:
    """List the accounts of the pages, and let somebody in who has lost the password."""


@admin.command()
@JSON
@click.pass_obj
def reset(invocation: Invocation, as_json: bool) -> None:
    """Print a one-time code that makes an administrator, or gives an existing account a new password.

    The code holds for 24 hours. The account whose name is entered with it becomes an administrator; its old
    password and second factor are worth nothing any more, and it is logged out everywhere.
    """
    _print_code(invocation, as_json, again=True)


@admin.command("list")
@JSON
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the accounts."""
    from edge.bootstrap.web_security import accounts

    with accounts(invocation.settings) as at_hand:
        found = at_hand.accounts()
    rows = [_row(one) for one in found]
    columns = ("name", "role", "enabled", "second factor", "last login")
    emit(found, as_json, lambda out: out.print(table(columns, rows)))


def _print_code(invocation: Invocation, as_json: bool, *, again: bool) -> None:
    from edge.bootstrap.web import web_addresses
    from edge.bootstrap.web_security import accounts

    with accounts(invocation.settings) as at_hand:
        code = at_hand.setup_code(again=again)
    addresses = [f"{address}setup" for address in web_addresses(invocation.settings)]

    def render(out: "Console") -> None:
        out.print(plain(code))
        for address in addresses:
            out.print(plain(address))

    emit({"code": code, "addresses": addresses}, as_json, render)


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    words = ["yes" if one.get(key) else "no" for key in ("enabled", "second_factor")]
    return (one.get("name"), one.get("role"), *words, one.get("last_login"))
