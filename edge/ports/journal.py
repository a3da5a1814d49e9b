"""What is asked of the event log, which is also the outbox."""

from collections.abc import Mapping
from typing import Any, Protocol

from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, NewEvent


class EventReader(Protocol):
    """Reads the event log."""

    def events(self, *, since_seq: int = 0, limit: int = 1000) -> list[Event]:
        """Return events with seq > since_seq, in order, at most `limit`."""
        ...

    def last_seq(self) -> int:
        """Return the highest sequence number written, 0 where there is none."""
        ...


class EventQuery(Protocol):
    """Looks into the event log, quickly also where it is long. All methods raise StoreError."""

    def newest(self, which: EventFilter, *, before: int | None = None, limit: int = 100) -> list[Event]:
        """Return the newest matching events with seq < before (None: all), the newest first."""
        ...

    def oldest(self, which: EventFilter, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return the first matching events with seq > after, in the order of the journal."""
        ...

    def count(self, which: EventFilter) -> int:
        """Return the number of matching events."""
        ...


class Journal(EventReader, Protocol):
    """The event log, which is also the outbox. A returned event is durable."""

    def append(self, event: NewEvent) -> Event:
        """Write one event durably and return it; raises StoreError where nothing was written.

        Raises StoreUncertainError where that is not known yet; its result is then the event, or None.
        """
        ...


class SinkReader(EventReader, Protocol):
    """Reads the event log, and how far each sink has come in it."""

    def cursor(self, sink: str) -> int:
        """Return the last sequence number that `sink` has acknowledged, 0 for a new one."""
        ...

    def memory(self, sink: str) -> Mapping[str, Any] | None:
        """Return what `sink` remembers, None for one that has no cursor yet. Raises StoreError."""
        ...


class Outbox(SinkReader, Protocol):
    """The event log as a sink sees it: with the position up to which the sink has acknowledged all."""

    def advance(self, sink: str, seq: int, state: Mapping[str, Any] | None = None) -> None:
        """Note durably that `sink` has acknowledged all up to `seq`; retention waits for it from then on.

        `state` is what it remembers from now on, None where that does not change. Raises StoreError.
        """
        ...

    def forget(self, sink: str) -> None:
        """Have nothing wait for `sink` any more. Raises StoreError."""
        ...


class SinkJournal(Journal, Outbox, Protocol):
    """The event log for a sink that tells there what it could not deliver."""


class Nonces(Protocol):
    """Remembers across restarts which nonces were used."""

    def use(self, nonce: str, *, expires: int, now: float) -> bool:
        """Use up a nonce and return True, False where it was used before; times are UTC seconds.

        Raises StoreError.
        """
        ...


class Pruner(Protocol):
    """Deletes old events."""

    def prune(
        self, *, before: float | None = None, keep: int | None = None, disk_is_filling: bool = False
    ) -> int:
        """Delete events older than `before` (UTC seconds) and beyond the newest `keep`; return how many.

        Never one that a sink has not acknowledged, unless `disk_is_filling`. Raises StoreError.
        """
        ...
