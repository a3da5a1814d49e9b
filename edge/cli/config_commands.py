"""`edgectl config`: is the file right, and what is in force."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, emit_json, plain, table
from edge.errors import ConfigError
from edge.redact import redact

if TYPE_CHECKING:
    from rich.console import Console

    from edge.config import Settings


@click.group()
def config() -> None:
    """Check and show the configuration."""


@config.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print file, ok and problems as JSON.")
@click.pass_obj
def check(invocation: Invocation, file: Path | None, as_json: bool) -> None:
    """Check FILE, or the file in force, and name every problem, those of the secrets it names as well.

    The exit status is 1 where there is one.
    """
    from edge.bootstrap.secrets import check_secrets
    from edge.config import load_settings

    try:
        settings = load_settings(file or invocation.config)
        check_secrets(settings)
    except ConfigError as error:
        if not as_json:
            raise
        emit_json({"file": _text(file), "ok": False, "problems": error.problems}, indent=2)
        raise click.exceptions.Exit(1) from error
    found = settings.file
    says = f"{found}: OK" if found else "no configuration file; everything is at its default: OK"
    data: dict[str, Any] = {"file": _text(found), "ok": True, "problems": []}
    emit(data, as_json, lambda out: out.print(plain(says)))


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print the values as JSON.")
@click.pass_obj
def show(invocation: Invocation, as_json: bool) -> None:
    """Show every value in force and where it came from: default, file or environment."""
    from edge.config import load_settings

    settings = load_settings(invocation.config)
    values = _values(settings)
    data = {"file": _text(settings.file), "data_dir": str(settings.data_dir), "values": values}

    def render(out: "Console") -> None:
        rows = [(key, _shown(entry["value"]), _origin(entry)) for key, entry in values.items()]
        out.print(table(("key", "value", "from"), rows, whole=("value",)))
        out.print(plain(f"\nall state is in {settings.data_dir}".strip()))

    emit(data, as_json, render)


def _values(settings: "Settings") -> dict[str, dict[str, Any]]:
    from edge.config import Sections, shown_source

    values = {}
    for name in Sections.model_fields:
        for key, value in getattr(settings, name).model_dump().items():
            origin = settings.origin(f"{name}.{key}")
            in_force = str(settings.data_dir) if (name, key) == ("storage", "data_dir") else value
            hide = shown_source if (name, key) == ("camera", "source") else redact
            safe = hide(in_force) if isinstance(in_force, str) else in_force
            values[f"{name}.{key}"] = {"value": safe, "origin": origin.kind, "where": origin.where}
    return values


def _shown(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else '""' if value == "" else str(value)


def _origin(entry: dict[str, Any]) -> str:
    return str(entry["where"] or entry["origin"])


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
