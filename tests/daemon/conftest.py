"""A parent with a vision child that plays a given part, over a real database."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.indicator_none import IndicatorNone
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.bootstrap.door_site import SiteParts, assemble
from edge.domain.access import AccessRules
from edge.domain.door_state import LockRules
from edge.domain.events import Event
from edge.domain.person import NewReference, Person
from edge.door_control import SiteControl
from edge.door_site import DoorSite
from edge.doorkeeper import KeeperRules
from edge.office.current_rules import CurrentRules
from edge.runtime import ParentSettings, Runtime
from edge.supervise import Patience

FAKE_VISION = Path(__file__).with_name("fake_vision.py")
QUICK = Patience(start=20, progress=1.5, terminate=0.3, ask=0.3, stop_terminate=0.3, first=0.05, longest=0.4)
Step = dict[str, Any] | list[Any]

READY: Step = {
    "kind": "ready",
    "model_version": "fake-1",
    "provider": "none",
    "camera": "none",
    "people": 1,
    "references": 1,
}
ENDED: Step = {"kind": "ended", "frames": 1}


def recognised(person: str, **changes: Any) -> Step:
    return {
        "kind": "recognised",
        "track": 1,
        "person_id": person,
        "score": 0.3,
        "percent": 99.456789,
        "band": "clear",
        "frames": 3,
        "frame": 41,
        "at": 0.0,
        "first_seen": -0.3,
        "people": 1,
        "model_version": "fake-1",
        "reference": "ref-1",
        "fmr": 0.001,
        "fpir": 0.001,
        **changes,
    }


def wait_for(what: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)


@dataclass
class WatchingLock:
    """A lock that notes, whenever it is energised, how many grants another reader of the database can see."""

    database: Path
    pulses: list[tuple[float, int]] = field(default_factory=list)
    idles: int = 0
    error: Exception | None = None

    def energise(self, seconds: float | None) -> None:
        if self.error is not None:
            raise self.error
        length = -1.0 if seconds is None else round(seconds, 1)
        self.pulses.append((length, grants_on_disk(self.database)))

    def idle(self) -> None:
        self.idles += 1


def grants_on_disk(database: Path) -> int:
    import sqlite3

    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        found = connection.execute("SELECT count(*) FROM event WHERE type = 'access.granted'").fetchone()
    finally:
        connection.close()
    return int(found[0])


@dataclass
class Parent:
    """A runtime on a thread of its own, and what it needs."""

    folder: Path
    store: SqliteStore
    lock: WatchingLock
    person: Person
    runtime: Runtime | None = None
    site: DoorSite | None = None
    used_store: Any = None
    thread: threading.Thread | None = None
    result: list[Any] = field(default_factory=list)
    read_fd: int = -1

    def start(self, *play: Step, door: dict[str, Any] | None = None, **changes: Any) -> None:
        """Start with a child that plays `play`; `door` are parts of the site."""
        path = self.folder / "play.json"
        path.write_text(json.dumps(play))
        settings = ParentSettings(
            device="test",
            **{
                "settings": {"n": 1},
                "patience": QUICK,
                "vision_command": [sys.executable, "-P", str(FAKE_VISION), str(path)],
                **changes,
            },
        )
        store, clock = self.used_store or self.store, ClockSystem()
        rules = (door or {}).pop("access", AccessRules())
        parts = {
            "people": store.people,
            "journal": store.journal,
            "query": self.store.query,
            "clock": clock,
            "boot_id": "boot",
            "rules": CurrentRules(self.store.access, rules).rules,
            "lock": self.lock,
            "indicator": IndicatorNone(),
            "keeper": KeeperRules(mode=rules.mode),
            "door": LockRules(),
            **(door or {}),
        }
        self.site = assemble(SiteParts(**parts))
        runtime = Runtime(
            store=store,
            site=self.site,
            doors=SiteControl(self.site, clock),
            clock=clock,
            settings=settings,
        )
        self.runtime = runtime
        self.thread = threading.Thread(target=self._run, args=[runtime])
        self.thread.start()

    def _run(self, runtime: Runtime) -> None:
        try:
            self.result.append(runtime.run())
        except Exception as error:  # noqa: BLE001 - handed to the test
            self.result.append(error)

    def finish(self) -> Any:
        """Wait for the end and return what `run` returned or raised."""
        assert self.thread is not None
        self.thread.join(30)
        assert self.result, "the parent did not end"
        return self.result[0]

    def stop(self) -> Any:
        assert self.runtime is not None
        self.runtime.stop()
        return self.finish()

    def events(self) -> list[Event]:
        return self.store.journal.events(limit=10_000)

    def types(self) -> list[str]:
        return [str(event.type) for event in self.events()]

    def decided(self) -> list[str]:
        """Return the types without those of the door itself, whose thread journals by its own time."""
        return [kind for kind in self.types() if not kind.startswith("door.")]

    def wait_for(self, kind: str, count: int = 1) -> list[Event]:
        wait_for(lambda: self.types().count(kind) >= count)
        return [event for event in self.events() if event.type == kind]


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    database = tmp_path / "edge.db"
    store = open_store(database, clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    vector = np.zeros(4, np.float32)
    person = store.people.enrol(
        name="A. Tester",
        external_id=None,
        references=[NewReference("fake-1", vector, "test")],
        seen_generation=store.people.generation(),
        actor="test",
    )
    made = Parent(tmp_path, store, WatchingLock(database), person)
    yield made
    if made.thread is not None and made.thread.is_alive() and made.runtime is not None:
        made.runtime.stop()
        made.thread.join(30)
    if made.read_fd >= 0:
        os.close(made.read_fd)
    store.close()
