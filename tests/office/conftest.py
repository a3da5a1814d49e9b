from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.adapters.hasher_argon2 import HasherArgon2
from edge.adapters.store_sqlite import SqliteStore
from tests.store.conftest import Terminal


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
def hasher() -> HasherArgon2:
    """Return the real one at a cost that a test can pay."""
    return HasherArgon2(memory_kib=64, passes=1)
