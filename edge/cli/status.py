"""`edgectl status`, `health` and `metrics`: how the running daemon stands."""

import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, plain, table

if TYPE_CHECKING:
    from rich.console import Console

EXIT = {"well": 0, "degraded": 3, "failing": 4}  # 1 and 2 are those of every command


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print all that the daemon says of itself.")
@click.pass_obj
def status(invocation: Invocation, as_json: bool) -> None:
    """Show how the running terminal stands, and why."""
    from edge.bootstrap.control import daemon_health

    found = daemon_health(invocation.settings)
    emit(found, as_json, lambda out: _show(out, found))


@click.command()
@click.pass_context
def health(context: click.Context) -> None:
    """Say in a line how the running terminal stands: well (exit status 0), degraded (3), failing (4)."""
    from edge.bootstrap.control import daemon_health

    found = daemon_health(context.obj.settings)
    click.echo(plain(_line(found)))
    context.exit(EXIT.get(str(found.get("state")), EXIT["failing"]))


@click.command()
@click.pass_obj
def metrics(invocation: Invocation) -> None:
    """Print the metrics of the running terminal in Prometheus' text format."""
    from edge.bootstrap.control import daemon_metrics

    text = daemon_metrics(invocation.settings)
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.flush()


def _line(found: Mapping[str, Any]) -> str:
    reasons = "; ".join(str(reason) for reason in found.get("reasons") or ())
    state = str(found.get("state"))
    return f"{state}: {reasons}" if reasons else state


def _show(out: "Console", found: Mapping[str, Any]) -> None:
    out.print(plain(found.get("state")), style="bold")
    for reason in found.get("reasons") or ():
        out.print(plain(f"  {reason}"))
    out.print(table(("what", "value"), _rows(found)))


def _rows(found: Mapping[str, Any]) -> list[tuple[str, object]]:
    model, seen = _part(found, "model"), _part(found, "progress") or _part(found, "model")
    thermal, mqtt = _part(found, "thermal"), _part(found, "mqtt")
    return [
        ("camera", _joined(found.get("camera"), found.get("camera_detail"))),
        ("vision", _joined(found.get("vision"), f"{found.get('restarts')} restarts")),
        ("model", _joined(model.get("model_version"), model.get("provider"))),
        ("gallery", f"{seen.get('people', 0)} people, {seen.get('references', 0)} references"),
        ("heat", _heat(thermal) if thermal else None),
        *((f"door {door.get('name')}", _door(door)) for door in found.get("doors") or ()),
        ("journal", f"last event {_part(found, 'journal').get('last_seq')}"),
        ("door's queue", f"{found.get('waiting')} waiting, {found.get('queue_age_s')} s"),
        ("broker", None if not mqtt else f"{mqtt.get('contact')}, {mqtt.get('waiting')} events waiting"),
        (
            "memory",
            ", ".join(f"{name} {_mebibytes(size)}" for name, size in _part(found, "resident").items()),
        ),
        ("up", str(timedelta(seconds=round(float(found.get("up_s") or 0))))),
        ("version", found.get("version")),
    ]


def _door(door: Mapping[str, Any]) -> str | None:
    phase, causes = door.get("phase"), ", ".join(door.get("causes") or ())
    contact = None if door.get("contact") is None else f"contact {door.get('contact')}"
    return _joined(phase, f"unlocked by {causes}" if causes else None, contact)


def _heat(thermal: Mapping[str, Any]) -> str:
    degrees, rate = thermal.get("temperature"), thermal.get("rate")
    hot = "sensor cannot be read" if degrees is None else f"{degrees} °C"
    work = f"{rate:.0%} of full work" if isinstance(rate, int | float) else "work unknown"
    return f"{hot}, {thermal.get('level')}, {work}"


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = found.get(name)
    return part if isinstance(part, Mapping) else {}


def _joined(*parts: object) -> str | None:
    return ", ".join(str(part) for part in parts if part) or None


def _mebibytes(size: object) -> str:
    return f"{float(size) / 2**20:.0f} MiB" if isinstance(size, int | float) else "?"
