"""Backups, put together: for the pages of the daemon, and for a command beside it."""

import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from edge.backup import DATABASE, REPLACED, WAITING, BackupDesk, BackupPlace, expire_kept
from edge.config import Settings
from edge.domain.events import Event, NewEvent
from edge.errors import StoreBusyError
from edge.ports import Clock, EventQuery, Journal

if TYPE_CHECKING:
    from edge.adapters.control import ControlClient


@dataclass(frozen=True, slots=True)
class SqliteCopies:
    """Implements `backup.Copies` over SQLite and encrypted files."""

    database: Path
    clock: Clock
    boot_id: str

    def copy(self, target: Path) -> Mapping[str, int]:
        """Write a copy of the database in use to a new file."""
        from edge.adapters.store_sqlite import copy_database

        return asdict(copy_database(self.database, target))

    def pack(
        self,
        out: BinaryIO,
        database: Path,
        about: Mapping[str, Any],
        passphrase: str,
        extras: Mapping[str, bytes],
    ) -> None:
        """Write the file of a backup."""
        from edge.adapters.backup_file import write_backup

        write_backup(out, database, about, passphrase, extras)

    def unpack(self, file: Path, folder: Path, passphrase: str) -> dict[str, Any]:
        """Take the database out of a backup."""
        from edge.adapters.backup_file import read_backup

        return read_backup(file, folder, passphrase)

    def check(self, database: Path) -> Mapping[str, int]:
        """Look through a database."""
        from edge.adapters.store_sqlite import check_database

        return asdict(check_database(database))

    def prepare(self, database: Path, *, forget: Collection[str], actor: str, taken: str) -> None:
        """Make a database ready to take the place of the one in use."""
        from edge.adapters.store_sqlite import prepare_restored

        prepare_restored(
            database, clock=self.clock, boot_id=self.boot_id, forget=forget, actor=actor, taken=taken
        )


def backup_desk(settings: Settings, journal: Journal, query: EventQuery, clock: Clock) -> BackupDesk:
    """Return the use case over what this process has open."""
    from edge.adapters.clock_system import boot_id

    return BackupDesk(
        BackupPlace(settings.data_dir, settings.device.name, version("edge"), settings.file),
        SqliteCopies(settings.database, clock, boot_id()),
        journal=journal,
        query=query,
        now=lambda: datetime.fromtimestamp(clock.now().wall, UTC).isoformat(timespec="seconds"),
    )


@contextmanager
def backups(settings: Settings) -> Iterator[BackupDesk]:
    """Give the use case to a command, whoever holds the database; raises StoreError."""
    from edge.adapters.clock_system import ClockSystem
    from edge.bootstrap.storage import daemon_that_holds_it, open_reader, open_store

    clock = ClockSystem()
    try:
        store = open_store(settings, clock=clock)
    except StoreBusyError as busy:
        client = daemon_that_holds_it(settings, busy)
        with closing(open_reader(settings)) as reader:
            yield backup_desk(settings, _OverControl(client), reader.query, clock)
        return
    with closing(store):
        yield backup_desk(settings, store.journal, store.query, clock)


def switch_to_waiting(settings: Settings) -> bool:
    """Have a backup that waits take the place of the database; return whether there was one.

    To be called before anything opens the database. Raises StoreError, StoreBusyError.
    """
    data_dir, waiting = settings.data_dir, settings.data_dir / WAITING / DATABASE
    if not waiting.is_file():
        return False
    from edge.adapters.store_sqlite import switch_database

    stamp = datetime.fromtimestamp(time.time(), UTC).strftime("%Y%m%dT%H%M%SZ")
    switch_database(data_dir, waiting, data_dir / "backups" / f"{REPLACED}{stamp}")
    shutil.rmtree(data_dir / WAITING, ignore_errors=True)
    return True


def expire_replaced(settings: Settings) -> None:
    """Delete databases that a backup took the place of, some weeks after."""
    expire_kept(settings.data_dir, time.time())


class _OverControl:
    """Has the daemon journal that a backup is taken."""

    def __init__(self, client: "ControlClient") -> None:
        self._client = client

    def append(self, event: NewEvent) -> Event:
        """Have the event of a backup journaled; it is not needed again."""
        self._client.ask("POST", "/v1/backups")
        return Event(0, "", "", "", 0, False, event.type, None, event.data)

    def events(self, *, since_seq: int = 0, limit: int = 1000) -> list[Event]:
        """Return nothing: nobody asks."""
        del since_seq, limit
        return []

    def last_seq(self) -> int:
        """Return 0: nobody asks."""
        return 0
