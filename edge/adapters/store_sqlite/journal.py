import sqlite3
from collections.abc import Sequence

from edge.adapters.store_sqlite.events import SqliteEvents
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.stamp import ReadyEvent, Stamp
from edge.adapters.store_sqlite.writer import Writer
from edge.domain.events import Event, NewEvent
from edge.errors import ConflictError


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
        """Write one event durably and return it; raises StoreError where that is not possible."""
        return self.append_many([event])[0]

    def append_many(self, events: Sequence[NewEvent]) -> list[Event]:
        """Write events in one transaction, all or none, and return them in order. Raises StoreError.

        An event's time is when it happened (`NewEvent.at`), else the moment of this call.
        """
        now = self._stamp.now()
        ready = [ReadyEvent(self._stamp, event, now) for event in events]
        return self._writer.run(lambda connection: [event.insert(connection) for event in ready])

    def advance(self, sink: str, seq: int) -> None:
        """Note durably that `sink` has acknowledged all events up to `seq`; a lower number changes nothing.

        Raises ConflictError for a number that was never written.
        """

        def job(connection: sqlite3.Connection) -> None:
            found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchall()
            last = found[0]["seq"] if found else 0
            if not 0 <= seq <= last:
                raise ConflictError(f"cursor {sink}: {seq} is no event, the last one is {last}")
            connection.execute(
                "INSERT INTO cursor (sink, journal, seq) VALUES (?, ?, ?) ON CONFLICT (sink) DO UPDATE"
                " SET journal = excluded.journal, seq = excluded.seq WHERE excluded.seq > seq",
                [sink, self._stamp.journal, seq],
            )

        if seq > self.cursor(sink) or seq <= 0:
            self._writer.run(job)
