"""How many events of each type were journaled since the daemon began, whoever wrote them."""

import threading

from edge.ports import EventReader

PAGE = 1000
MOST_PAGES = 50  # read for one answer; what is left comes with the next


class EventCounts:
    """Reads on in the journal whenever it is asked; from any thread.

    Counting where events are read, and not where they are written, misses none: people are changed by pages,
    by `edgectl` and by imports.
    """

    def __init__(self, journal: EventReader) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._upto = journal.last_seq()

    def read(self) -> tuple[dict[str, int], int]:
        """Return the counts by type, and the number of the last event counted. Raises StoreError."""
        with self._lock:
            for _ in range(MOST_PAGES):
                page = self._journal.events(since_seq=self._upto, limit=PAGE)
                for event in page:
                    self._counts[str(event.type)] = self._counts.get(str(event.type), 0) + 1
                    self._upto = event.seq
                if len(page) < PAGE:
                    break
            return dict(self._counts), self._upto
