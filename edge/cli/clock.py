"""`edgectl clock`: whether the time may be trusted."""

import time
from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, table

if TYPE_CHECKING:
    from edge.domain.clock_trust import ClockStanding

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def clock() -> None:
    """See who vouches for the time, set it, and vouch for it.

    Without NTP and without a hardware clock nobody does, and then schedules deny.
    """


@clock.command()
@JSON
@click.pass_obj
def status(invocation: Invocation, as_json: bool) -> None:
    """Show the time and who vouches for it."""
    from edge.bootstrap.clock import standing

    _emit(invocation, standing(invocation.settings), as_json)


@clock.command()
@JSON
@click.pass_obj
def vouch(invocation: Invocation, as_json: bool) -> None:
    """Vouch for the time as the terminal shows it now, until the machine is started anew."""
    from edge.bootstrap.storage import actor, office

    with office(invocation.settings) as found:
        after = found.clock.vouch(actor=actor())
    _emit(invocation, after, as_json)


@clock.command("set")
@click.argument("moment", metavar="TIME")
@JSON
@click.pass_obj
def set_(invocation: Invocation, moment: str, as_json: bool) -> None:
    """Set the time, as root, and vouch for it: TIME is as in "2026-01-31 18:00:00".

    A hardware clock is set as well. Refused while NTP keeps the time.
    """
    from edge.bootstrap.clock import set_system_clock
    from edge.bootstrap.storage import actor, office
    from edge.bootstrap.time_zone import site_zone
    from edge.domain.moment import parse_moment

    wall = parse_moment(moment, site_zone(invocation.settings), time.time())
    with office(invocation.settings) as found:
        set_system_clock(wall)
        after = found.clock.vouch(was_set=True, actor=actor())
    _emit(invocation, after, as_json)


def _emit(invocation: Invocation, standing: "ClockStanding", as_json: bool) -> None:
    from edge.bootstrap.time_zone import site_zone
    from edge.domain.moment import local_text

    zone = site_zone(invocation.settings)
    row: dict[str, Any] = {
        "time": local_text(standing.at.wall, zone),
        "zone": str(zone),
        "trusted": standing.at.trusted,
        "vouched_by": [str(witness) for witness in standing.witnesses],
    }
    words = ", ".join(row["vouched_by"]) or "nobody: schedules deny, and dates do"
    shown = table(("", ""), [("time", row["time"]), ("zone", row["zone"]), ("vouched for by", words)])
    emit(row, as_json, lambda out: out.print(shown))
