"""`edgectl init`: the folders, the database and, if wanted, a configuration file to edit."""

import contextlib
import importlib.resources
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, plain
from edge.errors import ConfigError, EdgeError, StoreBusyError, StoreError

if TYPE_CHECKING:
    from rich.console import Console

    from edge.config import Settings

CONFIG_MODE = 0o640  # a camera's address may hold a password


@click.command()
@click.option(
    "--write-config", is_flag=True, help="Also write a configuration file with every key explained."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@click.pass_obj
def init(invocation: Invocation, write_config: bool, as_json: bool) -> None:
    """Make the folders and the database; run again, it keeps what is there.

    Says what it made and what to do next.
    """
    from edge.config import config_file

    made: list[Path] = []
    file = config_file(invocation.config)
    if write_config and _write_config(file):
        made.append(file)
    settings = invocation.settings
    made += _make_state(settings)
    data = {
        "data_dir": str(settings.data_dir),
        "database": str(settings.database),
        "config": None if settings.file is None else str(settings.file),
        "made": [str(path) for path in made],
    }

    def render(out: "Console") -> None:
        for path in made:
            out.print(plain(f"made {path}"))
        if not made:
            out.print(plain(f"{settings.data_dir}: everything is there"))
        for step in _next_steps(settings, file):
            out.print(plain(f"next: {step}"))

    emit(data, as_json, render)


def _make_state(settings: "Settings") -> list[Path]:
    """Make what is missing; a database that is there is opened, to see that it is good.

    Where a daemon holds it, reading is enough; one that has to be brought up to date first is an error then.
    """
    from edge.bootstrap.storage import open_reader, open_store
    from edge.state_folders import make_state_folders

    made = make_state_folders(settings.data_dir)
    new = not settings.database.exists()
    try:
        open_store(settings, create=True).close()
    except StoreBusyError as busy:
        try:
            open_reader(settings).close()
        except StoreError as unread:
            raise StoreBusyError(f"{busy}; {unread}") from unread
    except EdgeError:
        for folder in reversed(made):
            with contextlib.suppress(OSError):  # it holds something by now
                folder.rmdir()
        raise
    return [*made, settings.database] if new else made


def _write_config(file: Path) -> bool:
    """Write the documented file with every key commented out; False where there is a file already."""
    text = importlib.resources.files("edge.config").joinpath("edge.toml").read_bytes()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, CONFIG_MODE)
    except FileExistsError:
        if file.is_file():
            return False
        raise ConfigError(
            [f"{file}: it is in the way of a configuration file; move it or name another"]
        ) from None
    except OSError as error:
        raise ConfigError(
            [f"{file}: it cannot be written ({error.strerror}); name another with --config"]
        ) from error
    with os.fdopen(opened, "wb") as target:
        target.write(text)
    return True


def _next_steps(settings: "Settings", file: Path) -> list[str]:
    steps = []
    if not any(settings.models_dir.glob("*/profile.toml")):
        steps.append("edgectl models prepare")
    steps.append("edgectl people add NAME PHOTO…")
    if not settings.camera.source:
        steps.append(f"name the camera: [camera] source in {file}")
    return steps
