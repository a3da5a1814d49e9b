"""A whole site as the daemon wires it: real database, real threads, a lock that notes what it is told."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from edge.adapters.clock_system import ClockSystem
from edge.adapters.hasher_argon2 import HasherArgon2
from edge.adapters.indicator_none import IndicatorNone
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.bootstrap.door_site import SiteParts, assemble
from edge.domain.access import AccessRules
from edge.domain.door_lamps import Lamps
from edge.domain.events import Event, EventType, NewEvent
from edge.domain.person import NewReference, Person
from edge.door_control import SiteControl
from edge.errors import DeviceError, StoreError
from edge.guard import start_thread
from edge.office.current_rules import CurrentRules
from edge.office.pins import NewPins, PinDesk
from edge.vision_wire import Recognised

HASHER = HasherArgon2(memory_kib=8, passes=1)


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < until:
        time.sleep(0.005)
    return held


class Lock:
    """Notes each time that it is energised, with what it was told."""

    def __init__(self) -> None:
        self.moves: list[float | None] = []
        self.energised = False
        self.broken = False

    def energise(self, seconds: float | None) -> None:
        if self.broken:
            raise DeviceError("no such line")
        self.moves.append(seconds if seconds is None else round(seconds, 1))
        self.energised = True

    def idle(self) -> None:
        self.energised = False


class Panel(IndicatorNone):
    """Notes what was shown."""

    def __init__(self) -> None:
        self.shown: list[Lamps] = []

    def show(self, lamps: Lamps) -> None:
        self.shown.append(lamps)


class Journal:
    """The real journal, which fails or hangs as a test says."""

    def __init__(self, store: SqliteStore) -> None:
        self._journal = store.journal
        self.works = True
        self.waiting = 0
        self.gate = threading.Event()
        self.gate.set()

    def append(self, event: NewEvent) -> Event:
        self.waiting += 1
        self.gate.wait()
        self.waiting -= 1
        if not self.works:
            raise StoreError("edge.db: the disk is full")
        return self._journal.append(event)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)


class Wired:
    """One run of a site over a database."""

    def __init__(self, store: SqliteStore, access: AccessRules | None = None, **parts: Any) -> None:
        self.store = store
        self.lock = Lock()
        self.panel = Panel()
        self.clock = parts.pop("clock", None) or ClockSystem()
        self.journal = Journal(store)
        self.site = assemble(
            SiteParts(
                people=store.people,
                journal=self.journal,
                query=store.query,
                clock=self.clock,
                boot_id="boot",
                rules=CurrentRules(store.access, access or AccessRules()).rules,
                pins=PinDesk(store.access, HASHER),
                **{"lock": self.lock, "indicator": self.panel, **parts},
            )
        )
        self.control = SiteControl(self.site, self.clock)
        self._work: threading.Thread | None = None

    def start(self) -> None:
        self.site.start()
        self.site.begin()
        self._work = start_thread("doorkeeper", self.site.work)
        assert eventually(lambda: self.site.ready)
        self.settle()

    def stop(self) -> None:
        self.journal.gate.set()
        self.site.stop()
        self.site.jobs.end()
        if self._work is not None:
            self._work.join(10)

    def see(self, person: Person, **changes: Any) -> None:
        """Have somebody recognised, and wait until all of it was carried out."""
        seen = recognised(person.id, self.clock.monotonic(), **changes)
        self.site.jobs.post(lambda: self.site.keeper.recognised(seen))
        self.settle()

    def settle(self) -> None:
        done = threading.Event()
        self.site.jobs.post(done.set)
        assert done.wait(20)
        self.site.settle()

    def events(self, *kinds: EventType) -> list[Event]:
        """Return the journal's events of some types, once what has happened is journaled."""
        if self.journal.works and self.journal.gate.is_set():
            for door in self.site.doors:
                assert eventually(lambda door=door: not door.loop.pending)  # type: ignore[misc]
        found = self.store.journal.events(limit=10_000)
        return [event for event in found if not kinds or event.type in kinds]

    def last_access(self) -> Event:
        return self.events(EventType.ACCESS_GRANTED, EventType.ACCESS_DENIED)[-1]


def recognised(person: str, at: float, **changes: Any) -> Recognised:
    return Recognised(
        **{
            "track": 1,
            "person_id": person,
            "score": 0.3,
            "percent": 99.5,
            "band": "clear",
            "frames": 3,
            "frame": 41,
            "at": at,
            "first_seen": at - 0.3,
            "people": 1,
            "model_version": "fake-1",
            "fmr": 0.001,
            "fpir": 0.001,
            **changes,
        }
    )


def enrol(store: SqliteStore, name: str) -> Person:
    return store.people.enrol(
        name=name,
        external_id=None,
        references=[NewReference("fake-1", np.zeros(4, np.float32), "test")],
        seen_generation=store.people.generation(),
        actor="test",
    )


def give_pins(store: SqliteStore, person: Person, pin: str, duress: str | None = None) -> None:
    NewPins(store.access, HASHER).set(person.id, pin, duress, actor="test")


@contextlib.contextmanager
def database(folder: Path) -> Iterator[SqliteStore]:
    store = open_store(folder / "edge.db", clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    try:
        yield store
    finally:
        store.close()
