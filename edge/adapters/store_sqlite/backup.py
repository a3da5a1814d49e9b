"""Copies of a database: taken while it is in use, and made ready to take its place."""

import os
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.adapters.store_sqlite.connection import connect_reader
from edge.adapters.store_sqlite.faults import store_errors
from edge.adapters.store_sqlite.lock import WriterLock, give_to_owner
from edge.adapters.store_sqlite.migrate import sync_folder
from edge.adapters.store_sqlite.opening import open_store, renew_journal
from edge.adapters.store_sqlite.schema import SCHEMA_VERSION
from edge.adapters.store_sqlite.vetting import vet
from edge.domain.events import EventType, NewEvent
from edge.errors import NotFoundError, StoreError
from edge.ports import Clock

# What is good for one running terminal only: whoever holds a backup must not be able to use it.
LEFT_OUT = ("admin_session", "admin_device", "admin_code", "login_budget", "screen_code")


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What a database holds."""

    schema: int
    people: int
    references: int
    events: int


def copy_database(source: Path, target: Path) -> DatabaseFacts:
    """Write a consistent copy of a database that may be in use, without sessions and codes, to a new file.

    One read transaction: it holds up no writer. Raises StoreError.
    """
    with (
        closing(connect_reader(source)) as reader,
        store_errors(target),
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        reader.backup(copy)
        copy.execute("PRAGMA secure_delete = ON")
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        for table in LEFT_OUT:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
        copy.execute("VACUUM")
        return _facts(copy)


def check_database(path: Path) -> DatabaseFacts:
    """Look through a database from outside, whole; raises StoreError for damage or another program's."""
    vet(path)
    with store_errors(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchall()[0][0]
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if found != "ok" or broken:
            raise StoreError(f"{path}: the database is damaged ({found if found != 'ok' else 'references'})")
        return _facts(connection)


def prepare_restored(
    path: Path, *, clock: Clock, boot_id: str, forget: Collection[str], actor: str, taken: str
) -> None:
    """Make a database from a backup ready to take the place of the present one.

    It is brought up to date, begins a new journal, and forgets the people that were removed since: whoever
    was forgotten stays so. Raises StoreError.
    """
    renew_journal(path, clock=clock)
    with closing(open_store(path, clock=clock, boot_id=boot_id, create=False, ballast_bytes=0)) as store:
        for person_id in forget:
            try:
                store.people.remove(person_id=person_id, actor=actor)
            except NotFoundError:
                continue  # enrolled after the backup
        data = {"actor": actor, "taken": taken}
        store.journal.append(NewEvent(EventType.ADMIN_BACKUP_RESTORED, data=data))


def switch_database(data_dir: Path, waiting: Path, kept: Path) -> None:
    """Have the database `waiting` take the place of the one of a data folder, which goes to `kept`.

    Each step is a rename: a power cut between two of them is made good by the next call. Raises
    StoreBusyError where a process writes, StoreError.
    """
    database = data_dir / waiting.name
    lock = WriterLock(data_dir)
    try:
        if database.exists():
            kept.mkdir(mode=0o700, parents=True, exist_ok=True)
            for suffix in ("-wal", "-shm", ""):
                file = database.with_name(database.name + suffix)
                if file.exists():
                    file.rename(kept / file.name)
            _give_to_owner(data_dir, kept)
            sync_folder(kept)
        waiting.rename(database)
        sync_folder(data_dir)
    except OSError as error:
        raise StoreError(f"{waiting}: it cannot take the database's place ({error.strerror})") from error
    finally:
        lock.release()


def _give_to_owner(of: Path, folder: Path) -> None:
    """Give a folder to the owner of another: a command run as root must not lock out the service."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        give_to_owner(file, of)
    finally:
        os.close(file)


def _facts(connection: sqlite3.Connection) -> DatabaseFacts:
    def count(table: str) -> int:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - ours

    schema = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if not 1 <= schema <= SCHEMA_VERSION:
        raise StoreError(f"this database has schema {schema}; this program knows 1 to {SCHEMA_VERSION}")
    return DatabaseFacts(schema, count("person"), count("reference"), count("event"))
