"""New events for whoever looks, soon after they are durable."""

import threading
from collections.abc import Callable

from edge.domain.events import Event
from edge.ports import EventReader

LOOK = 0.2  # seconds between two looks while somebody waits: not all who journal could announce it


class LiveEvents:
    """Implements `ports.EventFeed` over the journal; nobody waits, nothing is read."""

    def __init__(self, journal: EventReader, clock: Callable[[], float]) -> None:
        self._journal = journal
        self._clock = clock
        self._closed = threading.Event()

    def last(self) -> int:
        """Return the highest sequence number so far."""
        return self._journal.last_seq()

    def wait(self, *, after: int, timeout: float, limit: int = 100) -> list[Event]:
        """Return the events behind `after`; see `ports.EventFeed.wait`."""
        end = self._clock() + timeout
        while not (found := self._journal.events(since_seq=after, limit=limit)):
            rest = end - self._clock()
            if rest <= 0 or self._closed.wait(min(rest, LOOK)):
                break
        return found

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._closed.set()
