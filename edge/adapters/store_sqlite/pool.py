"""Read-only connections for any number of threads: a read waits for no write and for no other read."""

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edge.adapters.store_sqlite.connection import connect_reader
from edge.adapters.store_sqlite.faults import store_errors
from edge.errors import StoreError

KEPT = 4  # idle connections; more are opened while more threads read at once


class ReaderPool:
    """Lends a connection for the time of one read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = [connect_reader(path)]
        self._lock = threading.Lock()
        self._closed = False

    def rows(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """Return all rows of one statement. Raises StoreError.

        All of them: a statement left half read would keep its snapshot, which holds up erasure.
        """
        connection = self._take()
        try:
            with store_errors(self.path):
                return connection.execute(sql, values).fetchall()
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close the idle connections, and the lent ones as they come back; may be called twice."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreError(f"{self.path}: the database was closed")
            connection = self._idle.pop() if self._idle else None
        return connection or connect_reader(self.path)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < KEPT:
                self._idle.append(connection)
                return
        connection.close()
