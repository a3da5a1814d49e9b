from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.conftest import Terminal
from tests.web.secured import Secured


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    """Return a terminal whose pages have accounts, and nobody has one yet."""
    (tmp_path / "data").mkdir()
    terminal = Terminal(tmp_path / "data")
    store = terminal.open()
    yield Secured(store, terminal.clock)
    store.close()
