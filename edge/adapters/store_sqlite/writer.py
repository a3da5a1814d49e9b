"""One thread owns the connection that writes; every other thread hands it a job and waits for the result."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import structlog

from edge.adapters.store_sqlite.ballast import free_ballast
from edge.adapters.store_sqlite.connection import BUSY_MS
from edge.adapters.store_sqlite.faults import explained, store_errors
from edge.errors import StoreBusyError, StoreError, StoreFullError, StoreUncertainError

log = structlog.get_logger("edge.store")
T = TypeVar("T")
QUEUE = 256  # jobs that may wait; each waiting job is a waiting thread
TIMEOUT = 10.0  # seconds: a disk that takes longer is a fault the caller must hear of
_SLOW = "the disk is too slow or stuck"


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
        self._erase_fails = False

    def run(self, job: Callable[[sqlite3.Connection], T], *, erase: bool = False) -> T:
        """Return what `job` returns, once its transaction is durable; an exception of it undoes all.

        `erase` says that the job deleted or overwrote something that must be gone from the files as well.
        Raises StoreError where nothing was written, as StoreBusyError where the thread does not get to it in
        time; and StoreUncertainError where it had begun by then and may yet be written.
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
            raise StoreBusyError(f"{self.path}: {QUEUE} writes are waiting; {_SLOW}")
        future = self._thread.submit(work)
        future.add_done_callback(lambda _: self._room.release())
        try:
            return future.result(self._timeout)
        except TimeoutError as error:
            late = f"{self.path}: no answer within {self._timeout:g} s, "
            if future.cancel():
                raise StoreBusyError(f"{late}nothing was written; {_SLOW}") from error
            raise StoreUncertainError(f"{late}it may yet be written; {_SLOW}", future) from error

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

        A reader in the middle of a long read prevents that, as a disk may; then the next write tries again.
        It waits for no reader, and raises nothing: what was committed before is durable in any case.
        """
        self._erase_due = True
        try:
            self._connection.execute("PRAGMA busy_timeout = 0").fetchall()
            try:
                self._erase_due = not self._checkpoint()
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}").fetchall()
            self._erase_fails = False
        except sqlite3.Error as error:
            if not self._erase_fails:  # it is tried again with each write
                why = str(explained(self.path, error))
                log.warning("what was deleted is not gone from the files yet", error=why)
            self._erase_fails = True

    def _checkpoint(self) -> bool:
        """Return whether the whole log was moved."""
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
        return not busy

    def _shrink(self) -> None:
        with store_errors(self.path):
            self._connection.executescript("PRAGMA incremental_vacuum")  # execute() would free a single page
        self._empty_log()

    def _finish(self) -> None:
        """Close. Only this waits for readers: a log that is left makes the next start look for damage."""
        try:
            with store_errors(self.path):
                self._checkpoint()
        finally:
            self._connection.close()
