"""What the journal adds to an event, and how it becomes a row."""

import json
import sqlite3
from dataclasses import dataclass

from edge.adapters.store_sqlite import rows
from edge.domain.events import Event, Instant, NewEvent
from edge.ports import Clock


@dataclass(frozen=True, slots=True)
class Stamp:
    """What each event carries beside its content: the journal's UUID, the boot and the time."""

    journal: str
    boot_id: str
    clock: Clock

    def now(self) -> Instant:
        """Return this moment."""
        return self.clock.now()


class ReadyEvent:
    """An event checked and put into JSON by the caller's thread, so that the writer only inserts.

    Raises StoreError for data that is no JSON or too long.
    """

    def __init__(self, stamp: Stamp, event: NewEvent, now: Instant) -> None:
        at = event.at or now
        self._event = event
        self._data = rows.json_text(f"event {event.type}", event.data)
        self._stamp = stamp
        self._at = at
        self._time = rows.iso(at.wall)

    def insert(self, connection: sqlite3.Connection) -> Event:
        """Write it inside the caller's transaction and return it as stored."""
        stamp, at, event = self._stamp, self._at, self._event
        seq = connection.execute(
            "INSERT INTO event (journal, boot_id, time, monotonic_ns, clock_trusted, type, person, data)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                stamp.journal,
                stamp.boot_id,
                self._time,
                at.monotonic_ns,
                at.trusted,
                str(event.type),
                event.person,
                self._data,
            ],
        ).lastrowid
        if seq is None:
            raise AssertionError("an INSERT gave no row id")
        return Event(
            seq=seq,
            id=f"{stamp.journal}:{seq}",
            boot_id=stamp.boot_id,
            time=self._time,
            monotonic_ns=at.monotonic_ns,
            clock_trusted=at.trusted,
            type=event.type,
            person=event.person,
            data=json.loads(self._data),
        )
