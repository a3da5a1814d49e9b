"""Which events may go, and the gap event where unacknowledged ones had to."""

import sqlite3

from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.stamp import ReadyEvent, Stamp
from edge.domain.events import EventType, NewEvent

BATCH = 5000  # rows of one transaction: some 1.5 MB of log, and the longest another write waits


def last_to_go(pool: ReaderPool, *, before: str | None, now: str, keep: int | None) -> int:
    """Return the newest sequence number that age or count allow to delete, 0 for none.

    Times are as stored. Everything up to the first event between `before` and `now` is old: an event from the
    future, written by a wrong clock, does not count as young.
    """
    newest = int(pool.rows("SELECT coalesce(max(seq), 0) AS seq FROM event")[0]["seq"])
    last = 0 if keep is None else max(0, newest - keep)
    if before is None:
        return last
    young = pool.rows("SELECT seq FROM event WHERE time BETWEEN ? AND ? ORDER BY seq LIMIT 1", [before, now])
    return max(last, int(young[0]["seq"]) - 1 if young else newest)


class Batch:
    """Deletes up to `last`, BATCH rows at a time; past unacknowledged events only where `past_cursors`."""

    def __init__(self, stamp: Stamp, last: int, *, past_cursors: bool) -> None:
        self._stamp = stamp
        self._last = last
        self._past_cursors = past_cursors

    def delete(self, connection: sqlite3.Connection) -> int:
        """Delete the oldest events that may go, inside the caller's transaction, and return how many."""
        first = _number(connection, "SELECT min(seq) FROM event")
        if first is None or first > self._last:
            return 0
        last = min(self._last, first + BATCH - 1)
        slowest = _number(connection, "SELECT min(seq) FROM cursor")
        if slowest is not None and slowest < last:
            if self._past_cursors and slowest < first:
                self._tell(connection, first, last)
            else:
                last = slowest  # what is acknowledged goes by itself, and without a word
        return max(0, connection.execute("DELETE FROM event WHERE seq <= ?", [last]).rowcount)

    def _tell(self, connection: sqlite3.Connection, first: int, last: int) -> None:
        behind = connection.execute("SELECT sink FROM cursor WHERE seq < ? ORDER BY sink", [last]).fetchall()
        sinks = [row["sink"] for row in behind]
        data = {"first_seq": first, "last_seq": last, "count": last - first + 1, "sinks": sinks}
        ReadyEvent(self._stamp, NewEvent(EventType.JOURNAL_GAP, data=data), self._stamp.now()).insert(
            connection
        )


def _number(connection: sqlite3.Connection, sql: str) -> int | None:
    found = connection.execute(sql).fetchall()
    return int(found[0][0]) if found and found[0][0] is not None else None
