"""A journal, a clock that is set by hand, certificates, and servers that alerts go to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.domain.alert import AlertKind
from edge.domain.alert_limits import LimitRules
from edge.domain.alert_notice import AlertNotice, Writer
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.publish import alert_sink
from edge.publish.alert_queue import AlertQueue, AlertRules
from tests.alerts.mail_server import MailServer
from tests.alerts.receiver import Receiver
from tests.mqtt.certificates import Authority, Pair


@dataclass
class HandClock:
    """Time that a test sets."""

    at: float = 1000.0
    wall: float = 1_800_000_000.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> Instant:
        return Instant(self.wall, int(self.at * 1e9), trusted=True)

    def go(self, seconds: float) -> None:
        self.at += seconds
        self.wall += seconds


@dataclass
class Site:
    """A terminal's journal, and the queues of alerts over it."""

    folder: Path
    clock: HandClock = field(default_factory=HandClock)
    rules: dict[str, Any] = field(default_factory=dict)
    limits: LimitRules = field(default_factory=LimitRules)
    store: SqliteStore = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        path = self.folder / "edge.db"
        self.store = open_store(path, clock=self.clock, boot_id="boot-1", ballast_bytes=0)

    def happen(self, kind: EventType, person: str | None = None, **data: object) -> Event:
        return self.store.journal.append(NewEvent(kind, person, data))

    def queue(self, sink: str = "mail") -> AlertQueue:
        known: dict[str, Any] = {"kinds": frozenset(AlertKind), "limits": self.limits} | self.rules
        rules = AlertRules(sink=sink, journal=self.store.journal.uuid, **known)
        return AlertQueue(self.store.journal, rules, Writer("gate-1", "en"), self.clock)

    def drain(self, queue: AlertQueue) -> list[AlertNotice]:
        """Deliver everything that is due."""
        found = []
        while (pending := queue.next()) is not None:
            found.append(pending.notice)
            queue.done()
        return found

    def types(self, queue: AlertQueue) -> list[str]:
        return [notice.body["type"].removeprefix("edge.") for notice in self.drain(queue)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "terminal"
    folder.mkdir(mode=0o700)
    found = Site(folder)
    yield found
    found.store.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have sinks look into the journal more often than a site needs."""
    monkeypatch.setattr(alert_sink, "LOOK", 0.02)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "ours")


@pytest.fixture(scope="session")
def pair(authority: Authority) -> Pair:
    return authority.sign("server")


Receivers = Callable[..., Receiver]
MailServers = Callable[..., MailServer]


@pytest.fixture
def receivers(pair: Pair) -> Iterator[Receivers]:
    """Return what starts receivers."""
    made: list[Receiver] = []

    def start(*, pair: Pair | None = pair, **how: Any) -> Receiver:
        made.append(Receiver(pair, **how).start())
        return made[-1]

    yield start
    for one in made:
        one.stop()


@pytest.fixture
def mail_servers(pair: Pair) -> Iterator[MailServers]:
    """Return what starts mail servers."""
    made: list[MailServer] = []

    def start(*, pair: Pair | None = pair, **how: Any) -> MailServer:
        made.append(MailServer(pair, **how).start())
        return made[-1]

    yield start
    for one in made:
        one.stop()
