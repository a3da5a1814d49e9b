"""`edgectl relay`: the lock's relay without the daemon."""

import time

import click

from edge.cli.invocation import Invocation
from edge.cli.output import note

TEST_SECONDS = 1.0


@click.group()
def relay() -> None:
    """Drive the lock's relay while the daemon is not running."""


@relay.command()
@click.pass_obj
def idle(invocation: Invocation) -> None:
    """Drive the relay idle: locked, on a lock that needs power to open.

    The service runs this whenever the daemon has ended, because a board may keep the line of a killed process
    as it was.
    """
    from edge.bootstrap.relay import build_relay

    build_relay(invocation.settings).close()
    note("the relay is idle")


@relay.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def test(invocation: Invocation, yes: bool) -> None:
    """Energise the relay for one second; the door opens."""
    from edge.bootstrap.relay import build_relay

    if not yes:
        click.confirm("This opens the door for a second. Go on?", abort=True, err=True)
    wired = build_relay(invocation.settings)
    try:
        wired.relay.pulse(TEST_SECONDS)
        time.sleep(TEST_SECONDS + 0.2)
    finally:
        wired.close()
    note("the relay was energised for a second and is idle again")
