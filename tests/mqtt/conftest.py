"""A broker, a subscriber and a terminal's journal for each test."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.bootstrap.publisher import build_publisher
from edge.config import Settings, load_settings
from edge.domain.command import CommandName
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.publish.commands import Handler
from edge.publish.publisher import Publisher
from tests.mqtt.broker import Broker
from tests.mqtt.gate import Gate
from tests.mqtt.recorder import Recorder

REPOSITORY = Path(__file__).resolve().parents[2]
Recorders = Callable[..., Recorder]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Return a running broker that lets everybody in."""
    found = Broker(tmp_path).start()
    yield found
    found.kill()


Brokers = Callable[..., Broker]


@pytest.fixture
def brokers(tmp_path: Path) -> Iterator[Brokers]:
    """Return what starts brokers set up as the test wants them, each in a folder of its own."""
    made: list[Broker] = []

    def start(*, lines: Sequence[str] = ("allow_anonymous true",), listener: Sequence[str] = ()) -> Broker:
        folder = tmp_path / f"broker{len(made)}"
        folder.mkdir()
        made.append(Broker(folder, lines=tuple(lines), listener=tuple(listener)))
        return made[-1].start()

    yield start
    for one in made:
        one.kill()


@pytest.fixture
def gate(broker: Broker) -> Iterator[Gate]:
    """Return an open gate before the broker."""
    found = Gate(broker.port)
    found.open()
    yield found
    found.close()


@pytest.fixture
def recorder() -> Iterator[Recorders]:
    """Return what makes subscribers."""
    made: list[Recorder] = []

    def make(port: int, topic: str = "#", **login: str) -> Recorder:
        made.append(Recorder(port, topic, **login).ready())
        return made[-1]

    yield make
    for one in made:
        one.close()


class TrustedClock(ClockSystem):
    """The machine's clock, vouched for whatever machine that is; `ahead` seconds of it."""

    ahead = 0.0

    def now(self) -> Instant:
        found = super().now()
        return Instant(found.wall + self.ahead, found.monotonic_ns, trusted=True)


@dataclass
class Terminal:
    """A data folder with its journal, and the publishers made over it."""

    folder: Path
    stores: list[SqliteStore] = field(default_factory=list)
    publishers: list[Publisher] = field(default_factory=list)
    children: list[subprocess.Popen[str]] = field(default_factory=list)
    handlers: dict[CommandName, Handler] = field(default_factory=dict)
    clock: TrustedClock = field(default_factory=TrustedClock)
    health: dict[str, object] = field(default_factory=lambda: {"camera": "live"})

    def config(self, port: int, **keys: object) -> Path:
        """Write and return a configuration for the broker at `port`."""
        values = {"host": "127.0.0.1", "port": port, "tls": False, "keepalive_seconds": 2} | keys
        lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
        text = f'[device]\nname = "gate-1"\n[storage]\ndata_dir = "{self.folder}"\nballast_mib = 0\n[mqtt]\n'
        path = self.folder / "edge.toml"
        path.write_text(text + "\n".join(lines) + "\n")
        return path

    def settings(self, port: int, **keys: object) -> Settings:
        return load_settings(self.config(port, **keys), {})

    def store(self) -> SqliteStore:
        if not self.stores:
            self.stores.append(
                open_store(self.folder / "edge.db", clock=ClockSystem(), boot_id="boot-1", ballast_bytes=0)
            )
        return self.stores[-1]

    def happen(self, count: int = 1, kind: EventType = EventType.ACCESS_GRANTED) -> list[Event]:
        return self.store().journal.append_many([NewEvent(kind, data={"n": n}) for n in range(count)])

    def publisher(self, settings: Settings) -> Publisher:
        made = build_publisher(
            settings, self.store(), lambda: self.health, handlers=self.handlers, clock=self.clock
        )
        assert made is not None
        self.publishers.append(made)
        return made

    def child(self, config: Path, total: int, rate: float) -> subprocess.Popen[str]:
        """Start a process that journals and publishes, and return it once it does."""
        command = [sys.executable, "-m", "tests.mqtt.publisher_child", str(config), str(total), str(rate)]
        with (self.folder / "child.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=log, text=True)
        self.children.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", (self.folder / "child.log").read_text()
        return process

    def close(self) -> None:
        for child in self.children:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        for publisher in self.publishers:
            publisher.stop()
        for store in self.stores:
            store.close()
        self.stores.clear()


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Return a terminal with nothing in its journal."""
    folder = tmp_path / "terminal"
    folder.mkdir(mode=0o700)
    found = Terminal(folder)
    yield found
    found.close()
