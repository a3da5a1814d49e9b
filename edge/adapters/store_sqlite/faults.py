"""SQLite's errors in the operator's words: one line that names the file, the fault and the remedy."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import StoreBusyError, StoreError, StoreFullError

RESTORE = "restore a backup"
_FULL = (
    "SQLITE_FULL",
    "SQLITE_IOERR_SHMSIZE",
)  # the second is how a full disk shows when the WAL index grows
_FAULTS = (
    ("SQLITE_NOTADB", f"this is no database; {RESTORE}, or move the file away"),
    ("SQLITE_CORRUPT", f"the database is damaged; {RESTORE}"),
    ("SQLITE_READONLY", "it may not be written; check the owner and mode of the file and its folder"),
    ("SQLITE_CANTOPEN", "it cannot be opened; check that it exists and the owner and mode of its folder"),
    ("SQLITE_PERM", "access is denied; check the owner and mode of the file and its folder"),
    ("SQLITE_IOERR", "the disk reports errors; check it and its file system"),
)


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn each SQLite error inside into a StoreError about the database at `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise explained(path, error) from error


def explained(path: Path, error: sqlite3.Error) -> StoreError:
    """Return the StoreError that says what `error` means for the database at `path`."""
    name: str = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusyError(f"{path}: another process holds the database; try again when it is done")
    if name in _FULL:
        return StoreFullError(f"{path}: the disk is full; free some space")
    text = " ".join(str(error).split())
    for prefix, remedy in _FAULTS:
        if name.startswith(prefix):
            return StoreError(f"{path}: {remedy} ({text})")
    return StoreError(f"{path}: {text}")
