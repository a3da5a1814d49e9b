"""A real database file per test, a clock the test moves, and short ways to make events and references."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.domain.events import Instant
from edge.domain.person import NewReference, Person

MODEL = "model-1"


@dataclass
class FakeClock:
    """A clock that stands until the test moves it."""

    wall: float = 1_700_000_000.0
    ticks: float = 100.0
    trusted: bool = True

    def monotonic(self) -> float:
        return self.ticks

    def now(self) -> Instant:
        return Instant(self.wall, int(self.ticks * 1e9), self.trusted)


@dataclass
class Terminal:
    """A data folder and the stores opened on it."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    opened: list[SqliteStore] = field(default_factory=list)
    seed: int = 0

    @property
    def path(self) -> Path:
        return self.folder / "edge.db"

    def open(self, *, boot_id: str = "boot-1", timeout: float = 10.0, ballast_bytes: int = 0) -> SqliteStore:
        store = open_store(
            self.path, clock=self.clock, boot_id=boot_id, timeout=timeout, ballast_bytes=ballast_bytes
        )
        self.opened.append(store)
        return store

    def reference(self, model: str = MODEL, dimension: int = 128, source: str = "a.jpg") -> NewReference:
        self.seed += 1
        vector = np.random.default_rng(self.seed).normal(size=dimension).astype(np.float32)
        return NewReference(model, vector, source, {"sharpness": 12.5})

    def enrol(
        self,
        store: SqliteStore,
        name: str = "Hanako",
        references: Sequence[NewReference] | None = None,
        external_id: str | None = None,
    ) -> Person:
        """Enrol somebody with one reference, at the current generation."""
        return store.people.enrol(
            name=name,
            external_id=external_id,
            references=[self.reference()] if references is None else references,
            seen_generation=store.people.generation(),
            actor="test",
        )


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path / "data")
    yield made
    for store in made.opened:
        store.close()


@pytest.fixture
def store(terminal: Terminal) -> SqliteStore:
    return terminal.open()


@pytest.fixture
def files_of(terminal: Terminal) -> Callable[[], bytes]:
    """Return everything the database keeps on disk at the moment."""

    def read() -> bytes:
        parts = (terminal.path, terminal.path.with_name("edge.db-wal"))
        return b"".join(part.read_bytes() for part in parts if part.exists())

    return read
