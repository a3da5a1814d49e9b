import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.control import ControlClient, ScreensOverControl
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.domain.events import EventType
from edge.errors import NotFoundError
from edge.web.control import create_control_app
from edge.web.control_screens import screen_routes
from edge.web.server import ControlServer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = open_store(tmp_path / "edge.db", clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    yield opened
    opened.close()


@pytest.fixture
def remote(tmp_path: Path, store: SqliteStore) -> Iterator[ScreensOverControl]:
    app = create_control_app(
        people=store.people,
        health=dict,
        allowed_uids=frozenset({os.getuid()}),
        more=[screen_routes(store.screens, ClockSystem())],
    )
    server = ControlServer(tmp_path / "control.sock", app)
    server.start()
    yield ScreensOverControl(ControlClient(tmp_path / "control.sock"))
    server.stop()


def test_screens_are_paired_listed_and_revoked(store: SqliteStore, remote: ScreensOverControl) -> None:
    code = remote.offer()
    assert store.screens.pair(code, address="192.0.2.7", now=ClockSystem().now().wall) is not None
    (screen,) = remote.screens()
    assert screen["address"] == "192.0.2.7"
    remote.revoke(screen["id"])
    assert remote.screens() == []
    last = store.journal.events()[-1]
    assert (last.type, last.data["actor"]) == (EventType.SCREEN_REVOKED, f"uid:{os.getuid()}")


def test_a_screen_that_is_not_paired_cannot_be_revoked(remote: ScreensOverControl) -> None:
    with pytest.raises(NotFoundError, match="none is paired"):
        remote.revoke("nobody/../x")
