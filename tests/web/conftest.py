from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.conftest import Terminal
from tests.web.secured import Browser, Secured


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    """Return a terminal whose pages have accounts, and nobody has one yet."""
    (tmp_path / "data").mkdir()
    terminal = Terminal(tmp_path / "data")
    store = terminal.open()
    yield Secured(store, terminal.clock)
    store.close()


@pytest.fixture
def yui(secured: Secured) -> Browser:
    """Return a browser in which an admin is logged in."""
    secured.join()
    browser = secured.browser()
    assert browser.log_in().status_code == 303
    return browser
