"""How long a pulse of the relay is under full recognition load, and how soon one command makes a relay idle.

Beside the pulses one process per core does the vision child's whole work, frame after frame without a pause,
on films of somebody who stays before the camera. Door, journal and database are those of the daemon; the
relay is gpiozero's driver on a mock pin that keeps the times of its levels. The peer is a bare
threading.Timer of the same length in the same process, in turns with the pulses: what the machine adds to any
timer.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from gpiozero.pins.mock import MockFactory

from benchmarks import scenes, terminal
from benchmarks.film_cpu import stay
from benchmarks.scenes import ROOT, Actor
from deploy.demo.films import RATE
from edge.adapters.clock_system import ClockSystem, boot_id
from edge.adapters.gpio.relay import RelayGpio
from edge.adapters.store_sqlite import open_store
from edge.domain.door_input import Cause, Committed, Pulse
from edge.domain.door_state import LockRules
from edge.door_loop import DoorLoop
from edge.door_site import DoorWriter
from edge.log import configure_logging

RESULTS = ROOT / "var" / "benchmarks"
PULSES = 500
LENGTH = 0.1  # s; shorter than a door's, so that 500 of them fit into a benchmark
WITHIN = 100.0  # ms by which the 99th percentile may be off
PIN = 17
STAY = 20.0  # s of film with a face in it
IDLES = 20  # times `edgectl relay idle` is run
SOON = 1.0  # s within which it has driven the relay idle

Row = dict[str, Any]


class Load:
    """Vision at full speed on every core, film after film; counts the frames."""

    def __init__(self, folder: Path, film: Path) -> None:
        self._command = [sys.executable, "-m", "benchmarks.film_ours", str(folder), str(film), str(RATE)]
        self._stopping = False
        self._running: list[subprocess.Popen[str]] = []
        self.frames = 0
        self._threads = [threading.Thread(target=self._work) for _ in range(os.cpu_count() or 1)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping = True
        for one in list(self._running):
            one.kill()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._stopping:
            one = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            self._running.append(one)
            told = one.communicate()[0]
            self._running.remove(one)
            if one.returncode == 0:
                self.frames += json.loads(told.splitlines()[-1])["frames"]


class Site:
    """A door in operation over a database, whose relay is a mock pin."""

    def __init__(self, folder: Path) -> None:
        lines = MockFactory()
        folder.mkdir()
        self.store = open_store(
            folder / "edge.db", clock=ClockSystem(), boot_id=boot_id(), create=True, ballast_bytes=0
        )
        writer = DoorWriter(self.store.journal)
        writer.begin()
        self.relay = RelayGpio(lines, PIN, active_high=True, clock=time.monotonic)
        self.pin = lines.pin(PIN)
        self.loop = DoorLoop(LockRules(), self.relay, writer, ClockSystem())
        self.loop.start()

    def pulse(self) -> float:
        """Return how many seconds the line was energised for one grant."""
        self.pin.clear_states()
        self.loop.post(Committed(Pulse(Cause.GRANT, LENGTH), 1))
        until = time.monotonic() + 5
        while len(self.pin.states) < 3 and time.monotonic() < until:
            time.sleep(0.005)
        return float(self.pin.states[2].timestamp)

    def close(self) -> None:
        self.loop.stop()
        self.relay.close()
        self.store.close()


@contextmanager
def at_work(folder: Path) -> Iterator[Load]:
    """Load every core with recognition, from before the first pulse to after the last."""
    folder.mkdir()
    obama, _ = scenes.presidents()
    terminal.prepare(folder, [obama])
    film = folder / "stay.avi"
    scenes.write(film, scenes.frames([Actor(obama, stay(STAY))], STAY + 1.5))
    load = Load(folder, film)
    load.start()
    try:
        while load.frames == 0:  # models are loaded, and a first film is over
            time.sleep(0.1)
        yield load
    finally:
        load.stop()


def timer() -> float:
    """Return after how many seconds a bare timer of the same length fires."""
    fired = threading.Event()
    ended = 0.0

    def end() -> None:
        nonlocal ended
        ended = time.monotonic()
        fired.set()

    began = time.monotonic()
    threading.Timer(LENGTH, end).start()
    fired.wait()
    return ended - began


def off(seconds: list[float]) -> float:
    """Return by how many ms the 99th percentile is off the length asked for."""
    return sorted(abs(one - LENGTH) * 1000 for one in seconds)[int(len(seconds) * 0.99)]


def pulses() -> Row:
    """Measure pulses and timers in turns, under full load."""
    ours, peers = [], []
    with tempfile.TemporaryDirectory() as name:
        site = Site(Path(name) / "door")
        try:
            with at_work(Path(name) / "vision") as load:
                psutil.cpu_percent()
                before = load.frames
                for _ in range(PULSES):
                    ours.append(site.pulse())
                    peers.append(timer())
                busy, frames = psutil.cpu_percent(), load.frames - before
        finally:
            site.close()
    return {
        "name": f"pulse: {PULSES} of {LENGTH * 1000:.0f} ms under full recognition load (every core, CPU "
        f"{busy:.0f} %, {frames} frames beside), p99 off its length",
        "figure": round(off(ours), 2),
        "unit": "ms",
        "peer": f"a bare threading.Timer: {off(peers):.2f} ms",
        "ratio": round(off(ours) / off(peers), 2),
        "goal": f"at most {WITHIN:.0f} ms",
        "holds": off(ours) <= WITHIN,
    }


def idle() -> Row:
    """Measure how long `edgectl relay idle` takes, from its start to its end."""
    took = []
    with tempfile.TemporaryDirectory() as name:
        config = Path(name) / "edge.toml"
        config.write_text('[door]\nrelay = "recording"\n')
        for _ in range(IDLES):
            began = time.monotonic()
            subprocess.run(
                [terminal.EDGECTL, "--config", config, "relay", "idle"],
                env=os.environ | {"EDGE_DATA_DIR": name},
                check=True,
                capture_output=True,
            )
            took.append(time.monotonic() - began)
    return {
        "name": f"edgectl relay idle: the slowest of {IDLES}, the whole command with gpiozero on mock pins",
        "figure": round(max(took), 2),
        "unit": "s",
        "peer": f"the median of them: {statistics.median(took):.2f} s",
        "ratio": round(max(took) / statistics.median(took), 2),
        "goal": f"at most {SOON:g} s",
        "holds": max(took) <= SOON,
    }


def main() -> int:
    """Print the rows and keep them; the exit status says whether every goal holds."""
    configure_logging("warning", "text")
    RESULTS.mkdir(parents=True, exist_ok=True)
    measured = [idle(), pulses()]
    (RESULTS / "pulse.json").write_text(json.dumps(measured, indent=2, ensure_ascii=False) + "\n")
    for one in measured:
        print(json.dumps(one, ensure_ascii=False))
    return 0 if all(one["holds"] for one in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
