import sqlite3
from contextlib import ExitStack
from pathlib import Path

from edge.adapters.store_sqlite import rows
from edge.adapters.store_sqlite.ballast import BALLAST_BYTES, free_ballast, lay_ballast
from edge.adapters.store_sqlite.connection import connect_writer
from edge.adapters.store_sqlite.faults import RESTORE, store_errors
from edge.adapters.store_sqlite.lock import WriterLock
from edge.adapters.store_sqlite.migrate import add_journal, make_database, migrate
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.stamp import Stamp
from edge.adapters.store_sqlite.store import SqliteStore
from edge.adapters.store_sqlite.vetting import is_there, vet
from edge.adapters.store_sqlite.writer import TIMEOUT, Writer
from edge.errors import StoreError, StoreFullError
from edge.ports import Clock


def open_store(
    path: Path,
    *,
    clock: Clock,
    boot_id: str,
    create: bool = True,
    ballast_bytes: int = BALLAST_BYTES,
    timeout: float = TIMEOUT,
) -> SqliteStore:
    """Open the database at `path` for writing, brought up to this version, and hold the writer's lock.

    Where there is none it is made, and its folder (not the folders above) as well, unless `create` is False.
    `ballast_bytes` are set aside beside it, 0 for none; on a full disk they are given up so that it opens.
    `timeout` is how many seconds a call waits for a slow disk. Raises StoreError with nothing changed where
    the file is not ours, and StoreBusyError where another process writes.
    """
    lock = _claim(path, clock, create=create)
    with ExitStack() as undo:
        undo.callback(lock.release)
        try:
            store = _open(path, lock, clock, boot_id, timeout)
        except StoreFullError:
            if not free_ballast(path.parent):
                raise
            store = _open(path, lock, clock, boot_id, timeout)
        undo.pop_all()
    if ballast_bytes:
        lay_ballast(path.parent, ballast_bytes)
    return store


def renew_journal(path: Path, *, clock: Clock) -> str:
    """Begin a new journal in a database that was put back from a backup, and return its UUID.

    To be called before anything else writes: the restored terminal then never gives an event an id that the
    lost database gave to another. The generation moves as well, so nothing read before is taken for current.
    Raises as `open_store`.
    """
    with ExitStack() as held:
        held.callback(_claim(path, clock, create=False).release)
        connection = connect_writer(path)
        held.callback(connection.close)
        migrate(path, connection)
        with store_errors(path):
            connection.execute("BEGIN IMMEDIATE")
            uuid = add_journal(connection, created=rows.iso(clock.now().wall), why="restored")
            connection.execute("UPDATE generation SET value = value + 1000000")
            connection.execute("COMMIT")
        return uuid


def _claim(path: Path, clock: Clock, *, create: bool) -> WriterLock:
    """Check what is there, take the writer's lock and make what is missing."""
    if is_there(path):
        vet(path)
    elif not create:
        raise StoreError(f"{path}: there is no database yet; run `edgectl init`")
    else:
        _make_folder(path.parent)
    lock = WriterLock(path.parent)
    with ExitStack() as undo:
        undo.callback(lock.release)
        if not is_there(path):
            make_database(path, created=rows.iso(clock.now().wall))
            vet(path)
        undo.pop_all()
    return lock


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError as error:
        raise StoreError(f"{folder.parent}: there is no such folder; make it or correct the path") from error
    except OSError as error:
        raise StoreError(f"{folder}: the folder cannot be made ({error.strerror})") from error


def _open(path: Path, lock: WriterLock, clock: Clock, boot_id: str, timeout: float) -> SqliteStore:
    recovered = _was_cut_off(path)
    connection = connect_writer(path)
    with ExitStack() as undo:
        undo.callback(connection.close)
        if recovered:
            _check(path, connection)
        migrate(path, connection)
        with store_errors(path):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            found = connection.execute("SELECT uuid FROM journal ORDER BY number DESC LIMIT 1").fetchall()
        pool = ReaderPool(path)
        undo.pop_all()
    return SqliteStore(
        path=path,
        pool=pool,
        writer=Writer(path, connection, timeout=timeout),
        stamp=Stamp(found[0]["uuid"], boot_id, clock),
        lock=lock,
        recovered=recovered,
    )


def _was_cut_off(path: Path) -> bool:
    """Return whether the last writer did not close: closing leaves an empty log or none."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _check(path: Path, connection: sqlite3.Connection) -> None:
    """Look for damage, after a power cut or a kill only: it reads the whole file (3 ms per MB in cache)."""
    with store_errors(path):
        found = connection.execute("PRAGMA quick_check(1)").fetchall()[0][0]
    if found != "ok":
        raise StoreError(f"{path}: the database is damaged; {RESTORE} ({found})")
