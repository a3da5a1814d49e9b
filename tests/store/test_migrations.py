import sqlite3
from pathlib import Path

import pytest

from edge.adapters.store_sqlite import open_reader
from edge.adapters.store_sqlite.connection import connect_writer
from edge.adapters.store_sqlite.migrate import VERSIONS, migrate
from edge.adapters.store_sqlite.schema import APPLICATION_ID, SCHEMA_VERSION
from edge.errors import StoreError
from tests.store.conftest import Terminal


def make_version(path: Path, version: int) -> None:
    """Make a database as the given version of this program left it."""
    path.parent.mkdir()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    if version:
        migrate(path, connection, VERSIONS[:version])
        uuid = "00000000-0000-4000-8000-000000000000"
        connection.execute("INSERT INTO journal (uuid, created, why) VALUES (?, '', 'created')", [uuid])
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.close()


def tables(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    return [str(row[0]) for row in found]


def test_the_schema_number_counts_the_versions() -> None:
    assert len(VERSIONS) == SCHEMA_VERSION


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_each_older_version_is_brought_up_to_date_and_works(terminal: Terminal, version: int) -> None:
    make_version(terminal.path, version)
    store = terminal.open()
    person = terminal.enrol(store)
    store.close()
    fresh = Terminal(terminal.folder.with_name("fresh"))
    fresh.open().close()
    assert tables(terminal.path) == tables(fresh.path)
    reader = open_reader(terminal.path)
    assert reader.find(person.id) == person
    reader.close()


def test_a_reader_leaves_an_older_version_alone_and_says_what_to_do(terminal: Terminal) -> None:
    make_version(terminal.path, 0)
    with pytest.raises(StoreError, match=r"older version \(schema 0.*edgectl init"):
        open_reader(terminal.path)
    assert tables(terminal.path) == []


def test_a_further_version_is_applied_to_a_filled_database_and_this_program_then_refuses_it(
    terminal: Terminal,
) -> None:
    store = terminal.open()
    person = terminal.enrol(store)
    store.close()
    further = (*VERSIONS, ("ALTER TABLE person ADD COLUMN note TEXT", "UPDATE person SET note = name"))
    connection = connect_writer(terminal.path)
    migrate(terminal.path, connection, further)
    migrate(terminal.path, connection, further)
    assert connection.execute("SELECT note FROM person").fetchone()["note"] == person.name
    connection.close()
    with pytest.raises(StoreError, match=f"schema {SCHEMA_VERSION + 1}"):
        terminal.open()


def test_a_version_that_fails_half_way_changes_nothing(terminal: Terminal) -> None:
    store = terminal.open()
    terminal.enrol(store)
    store.close()
    before = tables(terminal.path)
    broken = (*VERSIONS, ("ALTER TABLE person ADD COLUMN note TEXT", "UPDATE person SET no_such_column = 1"))
    connection = connect_writer(terminal.path)
    with pytest.raises(StoreError, match="no_such_column"):
        migrate(terminal.path, connection, broken)
    connection.close()
    assert tables(terminal.path) == before
    assert len(terminal.open().people.people()) == 1
