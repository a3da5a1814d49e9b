"""A daemon of a benchmark's own, watched from outside: what both of its processes cost and hold."""

import os
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from edge.bootstrap.control import daemon_health
from edge.config import Settings, load_settings
from edge.errors import ControlError

START = 60.0  # seconds within which vision works
MISSED = 3  # questions in a row that may stay without an answer
MIB = 2**20


@dataclass(frozen=True)
class Memory:
    """What a process holds in MiB: `resident`, and `share` with every page divided by those who use it."""

    resident: float
    share: float


@dataclass(frozen=True)
class Running:
    """A daemon that runs: its settings, its own process and that of vision."""

    settings: Settings
    parent: psutil.Process
    vision: psutil.Process

    @property
    def processes(self) -> tuple[psutil.Process, psutil.Process]:
        """Return the parent and vision."""
        return self.parent, self.vision

    def health(self) -> dict[str, Any]:
        """Return what the daemon says of itself; on a busy machine it may miss a question."""
        for _ in range(MISSED):
            try:
                return daemon_health(self.settings)
            except ControlError:
                time.sleep(1)
        return daemon_health(self.settings)

    def page(self) -> str:
        """Return the first page that a browser is shown."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        address = f"https://127.0.0.1:{self.settings.web.port}/"
        with urllib.request.urlopen(address, timeout=10, context=context) as answer:
            return str(answer.read().decode())

    def cpu(self) -> tuple[float, float]:
        """Return the CPU seconds that the parent and vision have used so far."""
        spent = [one.cpu_times() for one in self.processes]
        return spent[0].user + spent[0].system, spent[1].user + spent[1].system

    def memory(self) -> tuple[Memory, Memory]:
        """Return what the parent and vision hold."""
        return _memory(self.parent), _memory(self.vision)


@contextmanager
def daemon(folder: Path, config: Path, *, core: int | None = None) -> Iterator[Running]:
    """Run the daemon of a terminal's folder, on one core where `core` says which, until the block ends."""
    settings = load_settings(config, {"EDGE_DATA_DIR": str(folder)})
    words = [sys.executable, "-m", "edge.daemon", "--config", str(config)]
    if core is not None:
        words = ["taskset", "--cpu-list", str(core), *words]
    with (folder / "daemon.log").open("wb") as log:
        process = subprocess.Popen(words, stderr=log, env=os.environ | {"EDGE_DATA_DIR": str(folder)})
    try:
        yield _ready(settings, process)
    finally:
        process.terminate()
        process.wait(30)


def _ready(settings: Settings, process: "subprocess.Popen[bytes]") -> Running:
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        try:
            health = daemon_health(settings)
        except ControlError:
            health = {}
        if health.get("camera") == "live" and (health.get("progress") or {}).get("frames"):
            parent = psutil.Process(process.pid)
            [vision] = [one for one in parent.children() if "edge.vision_main" in one.cmdline()]
            return Running(settings, parent, vision)
        time.sleep(0.1)
    raise AssertionError(f"the daemon does not work: {settings.data_dir / 'daemon.log'}")


def _memory(process: psutil.Process) -> Memory:
    facts = process.memory_full_info()
    return Memory(facts.rss / MIB, facts.pss / MIB)
