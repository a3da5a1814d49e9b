"""Runs the programs of this environment as a user would: `edgectl` to prepare, `edged` on a film."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent


class DemoError(SystemExit):
    """Something of the demo itself did not work; the text says what."""


class Terminal:
    """One terminal whose whole state is `folder`; `cpu` are the seconds its last film took of the CPU."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.cpu = 0.0
        self._environment = os.environ | {"EDGE_DATA_DIR": str(self.data)}
        self._environment["EDGE_CONFIG"] = str(self._write_config("edge.toml", ""))

    def edgectl(self, *arguments: str | Path) -> str:
        """Run `edgectl` and return what it printed; raises DemoError with what it complained about."""
        command = [BIN / "edgectl", *arguments]
        run = subprocess.run(
            command,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise DemoError(f"edgectl {arguments[0]}: exit {run.returncode}: {run.stderr.strip()}")
        return run.stdout

    def watch(self, film: Path, rate: float) -> Iterator[dict[str, Any]]:
        """Play `film` to the daemon and yield its events as they become durable."""
        config = self._write_config(
            f"{film.stem}.toml", f'[camera]\nsource = "replay:{film}"\nrate = {rate:.1f}\n'
        )
        log = self.folder / f"{film.stem}.log"
        with log.open("w") as complaints:
            daemon = subprocess.Popen(
                [BIN / "edged", "--config", config, "--until-end", "--print-events"],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
        with _ended(daemon):
            assert daemon.stdout is not None  # noqa: S101 - it is a pipe, as asked for above
            for line in daemon.stdout:
                yield json.loads(line)
            _, status, used = os.wait4(daemon.pid, 0)  # with the vision child, which the parent waited for
            daemon.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = used.ru_utime + used.ru_stime
        if daemon.returncode != 0:
            raise DemoError(f"edged: exit {daemon.returncode} on {film.name}: {_last_line(log)}; see {log}")

    def pulses(self) -> int:
        """Return how often the recording relay was energised since this terminal began."""
        record = self.data / "relay.jsonl"
        lines = record.read_text().splitlines() if record.exists() else []
        return sum(json.loads(line)["level"] for line in lines)

    def _write_config(self, name: str, camera: str) -> Path:
        path = self.folder / name
        fixed = '[door]\nrelay = "recording"\n[web]\nenabled = false\n'  # nobody looks
        path.write_text(f'[device]\nname = "demo"\n\n{camera}\n{fixed}')
        return path


@contextmanager
def _ended(daemon: "subprocess.Popen[str]") -> Iterator[None]:
    """Stop the daemon where its reader gives up."""
    try:
        yield
    finally:
        if daemon.returncode is None:
            daemon.terminate()
            daemon.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text().splitlines()
    return lines[-1] if lines else "it said nothing"
