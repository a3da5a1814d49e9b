"""Looks at a file before SQLite touches it, so that what is not ours stays exactly as it is.

A read-only SQLite connection to a database in WAL mode leaves files beside it, so the header is read as
bytes. But closing a file drops every POSIX lock this process holds on it, SQLite's included
(https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_):
a file that this process has a connection to is not read, it was vetted before that.
"""

import threading
from collections import Counter
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from edge.adapters.store_sqlite.faults import RESTORE
from edge.adapters.store_sqlite.schema import APPLICATION_ID, SCHEMA_VERSION
from edge.errors import StoreError

_MAGIC = b"SQLite format 3\x00"  # https://www.sqlite.org/fileformat2.html#the_database_header
_HEADER_BYTES = 100
_USER_VERSION = slice(60, 64)
_APPLICATION_ID = slice(68, 72)

_connections: Counter[tuple[int, int]] = Counter()  # of this process, by device and inode
_counting = threading.Lock()


def is_there(path: Path) -> bool:
    """Return whether there is a file at `path`; raises StoreError for a folder, a device or a denied look."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError(f"{path}: it cannot be reached ({error.strerror})") from error
    if S_ISDIR(mode):
        raise StoreError(f"{path}: this is a folder, not a database; move it away or correct the path")
    if not S_ISREG(mode):
        raise StoreError(f"{path}: this is no plain file; correct the path")
    return True


def vet(path: Path) -> None:
    """Check the header of the existing file at `path`; raises StoreError unless it is a database of ours."""
    with _counting:
        if not _connections[_identity(path)]:
            _check_header(path)


def connected(path: Path) -> tuple[int, int]:
    """Note that a connection to the file at `path` is about to be made; return what `disconnected` takes."""
    with _counting:
        identity = _identity(path)
        _connections[identity] += 1
        return identity


def disconnected(identity: tuple[int, int]) -> None:
    """Note that a connection was closed."""
    with _counting:
        _connections[identity] -= 1


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise StoreError(f"{path}: it cannot be reached ({error.strerror})") from error
    return status.st_dev, status.st_ino


def _check_header(path: Path) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError as error:
        raise StoreError(f"{path}: it cannot be read ({error.strerror}); check its owner and mode") from error
    if not header:
        raise StoreError(f"{path}: the file is empty; {RESTORE}, or remove it to start anew")
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise StoreError(f"{path}: this is no database; {RESTORE}, or move the file away")
    check_identity(
        path,
        application_id=int.from_bytes(header[_APPLICATION_ID], "big"),
        version=int.from_bytes(header[_USER_VERSION], "big"),
    )


def check_identity(path: Path, *, application_id: int, version: int) -> None:
    """Raise StoreError for the database of another program or of a newer version of this one."""
    if application_id != APPLICATION_ID:
        raise StoreError(f"{path}: this is the database of another program; correct the path or move it away")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path}: it was written by a newer version (schema {version}, this program knows "
            f"{SCHEMA_VERSION}); update this program, or restore an older backup"
        )
