"""People, references and events in one SQLite file: WAL, `synchronous=FULL`, one writer.

`open_store` is for the one process that writes, `open_reader` for every other.
"""

from edge.adapters.store_sqlite.backup import (
    check_database,
    copy_database,
    prepare_restored,
    switch_database,
)
from edge.adapters.store_sqlite.ballast import BALLAST_BYTES, free_ballast, lay_ballast
from edge.adapters.store_sqlite.opening import open_store, renew_journal
from edge.adapters.store_sqlite.reader import SqliteReader, open_reader
from edge.adapters.store_sqlite.references import SqliteReferences
from edge.adapters.store_sqlite.store import SqliteStore

__all__ = [
    "BALLAST_BYTES",
    "SqliteReader",
    "SqliteReferences",
    "SqliteStore",
    "check_database",
    "copy_database",
    "free_ballast",
    "lay_ballast",
    "open_reader",
    "open_store",
    "prepare_restored",
    "renew_journal",
    "switch_database",
]
