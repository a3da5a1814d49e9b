"""One thread owns the connection that writes; every other thread hands it a job and waits for the result."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from edge.adapters.store_sqlite.ballast import free_ballast
from edge.adapters.store_sqlite.faults import store_errors
from edge.errors import StoreBusyError, StoreError, StoreFullError

T = TypeVar("T")
QUEUE = 256  # jobs that may wait; each waiting job is a waiting thread
TIMEOUT = 10.0  # seconds: a disk that takes longer is a fault the caller must hear of


class Writer:
    """Runs jobs one after the other, each inside its own `BEGIN IMMEDIATE` … `COMMIT`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, timeout: float = TIMEOUT) -> None:
        self.path = path
        self._connection = connection
        self._timeout = timeout
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._room = threading.BoundedSemaphore(QUEUE)
        self._closing = threading.Lock()
        self._closed = False
        self._erase_due = False

    def run(self, job: Callable[[sqlite3.Connection], T], *, erase: bool = False) -> T:
        """Return what `job` returns, once its transaction is durable; an exception of it undoes all.

        `erase` says that the job deleted or overwrote something that must be gone from the files as well.
        Raises StoreError, and StoreBusyError where the thread does not get to it in time; if it had begun by
        then, it may still be written.
        """
        return self._submit(lambda: self._transaction(job, erase=erase))

    def run_freeing(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job that deletes, as `run` with `erase`; on a full disk the ballast is given up for it."""
        try:
            return self.run(job, erase=True)
        except StoreFullError:
            if not free_ballast(self.path.parent):
                raise
            return self.run(job, erase=True)

    def shrink(self) -> None:
        """Give the pages that deletions left free back to the file system. Raises StoreError."""
        self._submit(self._shrink)

    def close(self) -> None:
        """Finish what waits, then close the connection; may be called twice."""
        with self._closing:
            if not self._closed:
                try:
                    self._submit(self._finish)
                    self._thread.shutdown()
                finally:
                    self._closed = True
                    self._thread.shutdown(wait=False)

    def _submit(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise StoreError(f"{self.path}: the database was closed")
        if not self._room.acquire(timeout=self._timeout):
            raise StoreBusyError(f"{self.path}: {QUEUE} writes are waiting; the disk is too slow or stuck")
        future = self._thread.submit(work)
        future.add_done_callback(lambda _: self._room.release())
        try:
            return future.result(self._timeout)
        except TimeoutError as error:
            outcome = "nothing was written" if future.cancel() else "it may yet be written"
            raise StoreBusyError(
                f"{self.path}: no answer within {self._timeout:g} s, {outcome}; the disk is too slow or stuck"
            ) from error

    def _transaction(self, job: Callable[[sqlite3.Connection], T], *, erase: bool) -> T:
        with store_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                result = job(self._connection)
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            self._erase_due = self._erase_due or erase
            if self._erase_due:
                self._empty_log()
        return result

    def _empty_log(self) -> None:
        """Move the write-ahead log into the database, where deleted text is zeroed, and cut it to nothing.

        A reader in the middle of a long read prevents that; then the next write tries again.
        """
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
        self._erase_due = bool(busy)

    def _shrink(self) -> None:
        with store_errors(self.path):
            self._connection.executescript("PRAGMA incremental_vacuum")  # execute() would free a single page
            self._empty_log()

    def _finish(self) -> None:
        try:
            with store_errors(self.path):
                self._empty_log()
        finally:
            self._connection.close()
