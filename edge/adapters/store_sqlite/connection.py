"""Connections with what durability and forgetting need, read back and asserted."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from edge.adapters.store_sqlite.faults import store_errors
from edge.adapters.store_sqlite.schema import SCHEMA_VERSION
from edge.adapters.store_sqlite.vetting import check_identity, connected, disconnected
from edge.errors import StoreError

BUSY_MS = 5000
_JOURNAL_BYTES = 4 * 1024 * 1024  # the WAL file is cut back to this after a checkpoint

# name, value set, value expected back
_WRITER_PRAGMAS = (
    ("busy_timeout", str(BUSY_MS), BUSY_MS),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),  # NORMAL loses acknowledged rows at a power cut
    ("foreign_keys", "ON", 1),
    ("secure_delete", "ON", 1),  # what is deleted is overwritten with zeros
    ("journal_size_limit", str(_JOURNAL_BYTES), _JOURNAL_BYTES),
)
_READER_PRAGMAS = (
    ("busy_timeout", str(BUSY_MS), BUSY_MS),
    ("query_only", "ON", 1),
)


def connect_writer(path: Path) -> sqlite3.Connection:
    """Return a connection that may write, for one thread at a time. Raises StoreError."""
    connection = _connect(path, "rw", _WRITER_PRAGMAS)
    try:
        _try_to_write(path, connection)
    except StoreError:
        connection.close()
        raise
    return connection


def _try_to_write(path: Path, connection: sqlite3.Connection) -> None:
    """Find out now, not at the door, that a file was opened read-only: SQLite does so without a word."""
    version = pragma(path, connection, "user_version")
    with store_errors(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(f"PRAGMA user_version = {version}")
        finally:
            connection.execute("ROLLBACK")


def connect_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write, to a database of exactly this version. Raises StoreError."""
    connection = _connect(path, "ro", _READER_PRAGMAS)
    version = pragma(path, connection, "user_version")
    if version != SCHEMA_VERSION:
        connection.close()
        raise StoreError(
            f"{path}: it was written by an older version (schema {version}, this program needs "
            f"{SCHEMA_VERSION}); run `edgectl init` or start the daemon to bring it up to date"
        )
    return connection


def pragma(path: Path, connection: sqlite3.Connection, name: str) -> int:
    """Return the integer value of a pragma."""
    with store_errors(path):
        return int(connection.execute(f"PRAGMA {name}").fetchall()[0][0])


class _Counted(sqlite3.Connection):
    """A connection that `vetting` knows of until it is closed."""

    identity: tuple[int, int] | None = None

    def close(self) -> None:
        super().close()
        if self.identity is not None:
            disconnected(self.identity)
            self.identity = None


def _connect(path: Path, mode: str, pragmas: tuple[tuple[str, str, object], ...]) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"
    identity = connected(path)
    try:
        with store_errors(path):
            connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, factory=_Counted
            )
    except StoreError:
        disconnected(identity)
        raise
    connection.identity = identity
    connection.row_factory = sqlite3.Row
    try:
        with store_errors(path):
            _set(path, connection, pragmas)
        check_identity(
            path,
            application_id=pragma(path, connection, "application_id"),
            version=pragma(path, connection, "user_version"),
        )
    except StoreError:
        connection.close()
        raise
    return connection


def _set(path: Path, connection: sqlite3.Connection, pragmas: tuple[tuple[str, str, object], ...]) -> None:
    for name, value, expected in pragmas:
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
        found = connection.execute(f"PRAGMA {name}").fetchall()[0][0]
        if found != expected:
            raise StoreError(
                f"{path}: SQLite keeps {name} at {found}, {expected} is needed; "
                "put the data on a local file system"
            )
