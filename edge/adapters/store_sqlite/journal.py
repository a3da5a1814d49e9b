import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from edge.adapters.store_sqlite import rows
from edge.adapters.store_sqlite.events import SqliteEvents
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.retention import Batch, last_to_go
from edge.adapters.store_sqlite.stamp import ReadyEvent, Stamp
from edge.adapters.store_sqlite.writer import Writer
from edge.domain.events import Event, NewEvent
from edge.errors import ConflictError

MAX_STATE_BYTES = 16 * 1024 * 1024  # of what a sink remembers: some fifty bytes for each person


class SqliteJournal(SqliteEvents):
    """The event log. Sequence numbers grow by exactly one; a failed write uses none up."""

    def __init__(self, pool: ReaderPool, writer: Writer, stamp: Stamp) -> None:
        super().__init__(pool)
        self._writer = writer
        self._stamp = stamp

    @property
    def uuid(self) -> str:
        """Return the UUID of the journal that new events belong to."""
        return self._stamp.journal

    def append(self, event: NewEvent) -> Event:
        """Write one event durably and return it; raises StoreError where that is not possible.

        The outcome of a StoreUncertainError is the event.
        """
        ready = ReadyEvent(self._stamp, event, self._stamp.now())
        return self._writer.run(ready.insert)

    def append_many(self, events: Sequence[NewEvent]) -> list[Event]:
        """Write events in one transaction, all or none, and return them in order. Raises StoreError.

        An event's time is when it happened (`NewEvent.at`), else the moment of this call.
        """
        now = self._stamp.now()
        ready = [ReadyEvent(self._stamp, event, now) for event in events]
        return self._writer.run(lambda connection: [event.insert(connection) for event in ready])

    def advance(self, sink: str, seq: int, state: Mapping[str, Any] | None = None) -> None:
        """Note durably that `sink` has acknowledged all events up to `seq`; a lower one moves nothing back.

        From its first call on, with 0 if nothing was acknowledged yet, retention waits for the sink. `state`
        is what the sink wants to remember with it, in the same transaction; None leaves it as it is.
        Raises ConflictError for a number that was never written.
        """
        text = None if state is None else rows.json_text(f"cursor {sink}", state, most=MAX_STATE_BYTES)

        def job(connection: sqlite3.Connection) -> None:
            found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchall()
            last = found[0]["seq"] if found else 0
            if not 0 <= seq <= last:
                raise ConflictError(f"cursor {sink}: {seq} is no event, the last one is {last}")
            connection.execute(
                "INSERT INTO cursor (sink, journal, seq, state) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (sink) DO UPDATE SET journal = excluded.journal,"
                " seq = max(seq, excluded.seq), state = coalesce(excluded.state, state)",
                [sink, self._stamp.journal, seq, text],
            )

        self._writer.run(job)

    def forget(self, sink: str) -> None:
        """Remove the cursor of a sink that is no longer used, so that retention stops waiting for it."""
        self._writer.run(lambda connection: connection.execute("DELETE FROM cursor WHERE sink = ?", [sink]))

    def prune(
        self, *, before: float | None = None, keep: int | None = None, disk_is_filling: bool = False
    ) -> int:
        """Delete events from the oldest on, and return how many.

        Deleted are those older than `before` (UTC seconds) and those beyond the newest `keep`; never one that
        a sink with a cursor has not acknowledged, unless `disk_is_filling`. Each loss of such events is told
        by a `journal.gap` event in the same transaction, and the space goes back to the file system.
        Other writes get their turn every few thousand rows. Raises StoreError.
        """
        last = last_to_go(
            self._pool,
            before=None if before is None else rows.iso(before),
            now=rows.iso(self._stamp.now().wall),
            keep=keep,
        )
        batch = Batch(self._stamp, last, past_cursors=disk_is_filling)
        deleted = 0
        while count := self._writer.run_freeing(batch.delete):
            deleted += count
        if deleted and disk_is_filling:
            self._writer.shrink()
        return deleted
