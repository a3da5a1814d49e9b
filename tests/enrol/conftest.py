from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import SqliteStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = open_store(tmp_path / "edge.db", clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    yield opened
    opened.close()
