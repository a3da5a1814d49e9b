"""`edgectl mqtt`: does the broker work, and do events arrive."""

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, table

if TYPE_CHECKING:
    from rich.console import Console


@click.group()
def mqtt() -> None:
    """Test the broker, and show whether events arrive there."""


@mqtt.command()
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@click.pass_obj
def test(invocation: Invocation, as_json: bool) -> None:
    """Connect to the broker as the terminal does, publish, read back, and say what TLS has agreed on."""
    from edge.bootstrap.mqtt_tools import probe_broker

    settings = invocation.settings
    found = probe_broker(settings)
    facts = dataclasses.asdict(found.facts)
    if found.facts.expires is not None:
        facts["expires"] = datetime.fromtimestamp(found.facts.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    data: dict[str, Any] = {
        "broker": f"{settings.mqtt.host}:{settings.mqtt.port}",
        **facts,
        "round_trip_ms": round(found.round_trip * 1000, 1),
    }
    _emit(data, as_json)
    if found.facts.tls is None:
        note("without TLS everybody on the network reads along")
    if found.facts.protocol != "MQTT 5":
        note("a broker of MQTT 3.1.1 cannot say that its ACL refuses an event; check that events arrive")


@mqtt.command()
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON.")
@click.pass_obj
def status(invocation: Invocation, as_json: bool) -> None:
    """Show what the running daemon says of its publisher.

    What counts is oldest_age: the age in seconds of the oldest event that the broker has not acknowledged.
    """
    from edge.bootstrap.mqtt_tools import publisher_health

    found = publisher_health(invocation.settings)
    if found is None:
        note("no broker is configured")
    if found is not None or as_json:
        _emit(found, as_json)


def _emit(data: dict[str, Any] | None, as_json: bool) -> None:
    def render(out: "Console") -> None:
        out.print(table(("what", "value"), [(key, _shown(value)) for key, value in (data or {}).items()]))

    emit(data, as_json, render)


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {inner}" for key, inner in value.items()) or None
    return value
