import json
from collections.abc import Mapping
from typing import Any

from edge.adapters.store_sqlite import rows
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.domain.events import Event, EventType

MOST_EVENTS = 10_000  # of one call; a longer log is read in pages


class SqliteEvents:
    """The event log, read by any thread. All methods raise StoreError where the database cannot be read."""

    def __init__(self, pool: ReaderPool) -> None:
        self._pool = pool

    def events(self, *, since_seq: int = 0, limit: int = 1000, type: EventType | None = None) -> list[Event]:  # noqa: A002 - the name of the field
        """Return events with seq > since_seq, in order, at most `limit` and never more than MOST_EVENTS.

        With `type` only those of that type.
        """
        only = "" if type is None else "type = :type AND"
        sql = f"SELECT * FROM event WHERE {only} seq > :since ORDER BY seq LIMIT :limit"  # noqa: S608 - ours
        values = {"since": since_seq, "type": type, "limit": max(0, min(limit, MOST_EVENTS))}
        return [rows.event(row) for row in self._pool.rows(sql, values)]

    def last_seq(self) -> int:
        """Return the highest sequence number ever written, 0 where there is none."""
        found = self._pool.rows("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
        return int(found[0]["seq"]) if found else 0

    def memory(self, sink: str) -> Mapping[str, Any] | None:
        """Return what `sink` remembers, empty where it is nothing yet, None for a sink that has no cursor."""
        found = self._pool.rows("SELECT state FROM cursor WHERE sink = ?", [sink])
        return json.loads(found[0]["state"] or "{}") if found else None

    def cursor(self, sink: str) -> int:
        """Return the last sequence number that `sink` has acknowledged, 0 for a new one."""
        found = self._pool.rows("SELECT seq FROM cursor WHERE sink = ?", [sink])
        return int(found[0]["seq"]) if found else 0
