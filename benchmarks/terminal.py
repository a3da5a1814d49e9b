"""A terminal of a benchmark's own: its models, people enrolled from one picture each, and its settings."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.scenes import ASSETS, Model
from edge.bootstrap.recognition import enrolment, read_pictures
from edge.config import Settings, load_settings

EDGECTL = Path(sys.executable).with_name("edgectl")


def prepare(folder: Path, people: Iterable[Model]) -> dict[str, str]:
    """Make a terminal in `folder` with these people, as the use cases do it; return names by person id."""
    for words in (["init"], ["models", "prepare", "--from", str(ASSETS / "dlib")]):
        subprocess.run(
            [EDGECTL, *words],
            env=os.environ | {"EDGE_DATA_DIR": str(folder)},
            check=True,
            capture_output=True,
        )
    names = {}
    with enrolment(settings(folder)) as gate:
        for model in people:
            report = gate.add(
                name=model.name,
                external_id=None,
                pictures=read_pictures([model.enrolled]),
                actor="benchmark",
                chosen_face=None,
                allow_look_alike=True,
            )
            assert report.person is not None, (model.name, report.verdicts)
            names[report.person.id] = model.name
    return names


def settings(folder: Path, film: Path | None = None, *, rate: float = 15.0, pace: str = "every") -> Settings:
    """Return the settings of the terminal; one thread, so that CPU seconds are work and not waiting."""
    return load_settings(config(folder, film, rate=rate, pace=pace), {"EDGE_DATA_DIR": str(folder)})


def config(folder: Path, film: Path | None = None, *, rate: float = 15.0, pace: str = "every") -> Path:
    """Write the terminal's configuration and return its path."""
    path = folder / "edge.toml"
    source = f'source = "replay:{film}"' if film else ""
    path.write_text(
        f'[camera]\n{source}\nrate = {rate:.1f}\npace = "{pace}"\n'
        '[vision]\nthreads = 1\n[recognition]\ncooldown_seconds = 0\n[thermal]\nsensor = "none"\n'
        f"[web]\nport = {free_port()}\n"
    )
    return path


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
