"""Makes a database and brings an older one up to date. sqlite-utils is loaded only where there is work."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from edge.adapters.store_sqlite.faults import store_errors
from edge.adapters.store_sqlite.lock import give_to_owner
from edge.adapters.store_sqlite.schema import APPLICATION_ID, VERSION_1, VERSION_2, VERSION_4
from edge.adapters.store_sqlite.schema_access import VERSION_3
from edge.adapters.store_sqlite.schema_screens import VERSION_5
from edge.adapters.store_sqlite.schema_web import VERSION_6
from edge.errors import StoreError

if TYPE_CHECKING:
    from sqlite_utils.db import Database

VERSIONS: Sequence[Sequence[str]] = (VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6)


def make_database(path: Path, *, created: str) -> None:
    """Make the database whole in a file beside `path` and give it its name at the end.

    So a power cut leaves either no database or a complete one. `created` is ISO 8601 UTC. The caller holds
    the writer's lock. Raises StoreError.
    """
    for leftover in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if leftover.exists():
            raise StoreError(
                f"{leftover}: it belongs to a database that is gone; put that back or move this away"
            )
    draft = path.with_name(path.name + ".new")
    try:
        for suffix in ("", "-journal", "-wal", "-shm"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)
        file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            give_to_owner(file, path.parent)
        finally:
            os.close(file)
        _fill(draft, created)
        draft.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"{path}: it cannot be made ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)


def _fill(draft: Path, created: str) -> None:
    with store_errors(draft):
        connection = sqlite3.connect(draft, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(
                "PRAGMA auto_vacuum = INCREMENTAL"
            )  # can only be chosen before the first table
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(draft, connection)
            connection.execute("BEGIN IMMEDIATE")
            add_journal(connection, created=created, why="created")
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        finally:
            connection.close()


def add_journal(connection: sqlite3.Connection, *, created: str, why: str) -> str:
    """Begin a journal with a new random UUID, inside the caller's transaction, and return the UUID."""
    uuid = str(uuid4())
    connection.execute("INSERT INTO journal (uuid, created, why) VALUES (?, ?, ?)", (uuid, created, why))
    return uuid


def migrate(path: Path, connection: sqlite3.Connection, versions: Sequence[Sequence[str]] = VERSIONS) -> None:
    """Apply the versions this database lacks, each in a transaction of its own. Raises StoreError."""
    with store_errors(path):
        if connection.execute("PRAGMA user_version").fetchall()[0][0] >= len(versions):
            return
        from sqlite_utils import Database, Migrations

        migrations = Migrations("edge")
        for number, statements in enumerate(versions, start=1):
            migrations(name=f"version_{number:03}")(_step(number, statements))
        migrations.apply(Database(connection, recursive_triggers=False, execute_plugins=False))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # the header now tells the version


def _step(number: int, statements: Sequence[str]) -> Callable[["Database"], None]:
    def step(database: "Database") -> None:
        for statement in statements:
            database.conn.execute(statement)
        database.conn.execute(f"PRAGMA user_version = {number}")

    return step


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
