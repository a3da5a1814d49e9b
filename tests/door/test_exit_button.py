"""The exit button of a running daemon: database locked, vision stopped, a broker that says nothing."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.door.wired import eventually

PRESSES = 100
WITHIN = 0.2  # s; what the terminal promises of each press, not a figure of speed
FAKE_EDGED = Path(__file__).parents[1] / "daemon" / "fake_edged.py"
READY = {
    "kind": "ready",
    "model_version": "fake-1",
    "provider": "none",
    "camera": "none",
    "people": 0,
    "references": 0,
}
LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def silent_broker() -> Iterator[int]:
    """Give the port of a server that accepts connections and never says a word."""
    server = socket.create_server(("127.0.0.1", 0))
    taken = list[socket.socket]()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                taken.append(server.accept()[0])

    threading.Thread(target=accept, daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    for one in taken:
        one.close()


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """Have another process hold the database exclusively."""
    command = [sys.executable, "-c", LOCKER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        yield
        holder.communicate(b"")


@contextlib.contextmanager
def daemon(folder: Path, broker: int) -> Iterator[psutil.Process]:
    """Run `edged` with a relay that records and contacts that a file plays."""
    (folder / "play.json").write_text(json.dumps([READY, {"kind": "camera", "state": "live"}, ["hang"]]))
    (folder / "edge.toml").write_text(
        f'[door]\nrelay = "recording"\nexit_seconds = 5\n[inputs]\ndriver = "file"\nsettle_ms = 10\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {broker}\ntls = false\n[web]\nenabled = false\n'
    )
    command = [sys.executable, str(FAKE_EDGED), str(folder / "play.json")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--config", str(folder / "edge.toml")],
            stdout=log,
            stderr=log,
            env={**os.environ, "EDGE_DATA_DIR": str(folder / "data")},
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Door:
    """The contacts and the relay of the daemon, as its data folder shows them."""

    def __init__(self, folder: Path) -> None:
        self._inputs = folder / "inputs.txt"
        self._relay = folder / "relay.jsonl"
        self._seen = 0

    def contacts(self, *active: str) -> float:
        """Set the contacts at once, and return when."""
        new = self._inputs.with_suffix(".new")
        new.write_text(" ".join(active))
        at = time.monotonic()
        new.replace(self._inputs)
        return at

    def next(self, level: int) -> float:
        """Return when the relay next took a level, in monotonic seconds."""
        found: dict[str, Any] = {}

        def looked() -> bool:
            lines = self._relay.read_text().splitlines() if self._relay.exists() else []
            for number, line in enumerate(lines[self._seen :], self._seen):
                entry = json.loads(line)
                if entry["level"] == level:
                    found.update(entry)
                    self._seen = number + 1
                    return True
            return False

        assert eventually(looked, 10)
        return float(found["monotonic"])


def stop_vision(edged: psutil.Process) -> None:
    for child in edged.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            child.send_signal(signal.SIGSTOP)


def journaled(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [kind for (kind,) in connection.execute("SELECT type FROM event ORDER BY seq")]


@pytest.mark.slow
def test_it_moves_the_relay_within_a_fifth_of_a_second_each_of_100_times_whatever_hangs(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with silent_broker() as broker, daemon(tmp_path, broker) as edged:
        door = Door(data)
        assert eventually((data / "control.sock").exists, 60)
        assert eventually(lambda: "system.started" in journaled(data / "edge.db"), 30)
        door.contacts()
        took = []
        with locked(data / "edge.db"):
            for _ in range(PRESSES):
                stop_vision(edged)
                pressed = door.contacts("exit")
                took.append(door.next(1) - pressed)
                door.contacts("contact")  # the door opens and closes again, which locks at once
                time.sleep(0.05)
                door.contacts()
                door.next(0)
        assert max(took) < WITHIN, sorted(took)[-5:]
        assert len(took) == PRESSES
        assert eventually(lambda: journaled(data / "edge.db").count("exit.requested") == PRESSES, 60)
        assert "journal.gap" not in journaled(data / "edge.db")
