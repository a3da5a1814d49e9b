import os
from pathlib import Path

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import open_store
from edge.bootstrap.backup import backups
from edge.config import load_settings
from edge.domain.events import EventType
from edge.errors import StoreBusyError
from edge.web.control import create_control_app
from edge.web.control_backup import backup_routes
from edge.web.server import ControlServer

CONFIGURATION = '[storage]\ndata_dir = "."\nballast_mib = 0\n'
PASSPHRASE = "seven green umbrellas"


def test_a_backup_beside_a_running_daemon_is_journaled_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.adapters.backup_file.COST", {"n": 1024, "r": 8, "p": 1})
    file = tmp_path / "edge.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    settings = load_settings(file, environ={})
    store = open_store(settings.database, clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    app = create_control_app(
        people=store.people,
        health=dict,
        allowed_uids=frozenset({os.getuid()}),
        more=[backup_routes(store.journal)],
    )
    server = ControlServer(settings.control_socket, app)
    server.start()
    try:
        with backups(settings) as desk, (tmp_path / "one.edgebackup").open("wb") as out:
            desk.take(out, PASSPHRASE, actor="uid:0")
        last = store.journal.events()[-1]
    finally:
        server.stop()
        store.close()
    assert (last.type, last.data["actor"]) == (EventType.ADMIN_BACKUP_TAKEN, f"uid:{os.getuid()}")
    assert (tmp_path / "one.edgebackup").stat().st_size > 0


def test_a_database_that_no_daemon_answers_for_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    settings = load_settings(file, environ={})
    store = open_store(settings.database, clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    try:
        with pytest.raises(StoreBusyError), backups(settings):
            pytest.fail("the backup was begun")
    finally:
        store.close()
