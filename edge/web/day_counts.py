"""How many were let in, turned away and punched today: counted once, then carried on with what is new."""

import threading
from dataclasses import dataclass, field
from datetime import date, tzinfo

from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType
from edge.ports import EventQuery, EventReader
from edge.web.days import bounds

COUNTED = {
    EventType.ACCESS_GRANTED: "granted",
    EventType.ACCESS_DENIED: "denied",
    EventType.ATTENDANCE_PUNCHED: "punched",
}
READ = 1000
TRIES = 5


@dataclass(slots=True)
class _Day:
    """A day's counts up to and with event number `upto`."""

    day: date
    upto: int = 0
    counts: dict[str, int] = field(default_factory=dict)


class DayCounts:
    """Counts the events of the present day, for all viewers; from any thread."""

    def __init__(self, query: EventQuery, journal: EventReader, zone: tzinfo) -> None:
        self._query = query
        self._journal = journal
        self._zone = zone
        self._lock = threading.Lock()
        self._day: _Day | None = None

    def of(self, day: date) -> dict[str, int]:
        """Return the counts `granted`, `denied` and `punched` of the present day. Raises StoreError."""
        with self._lock:
            if self._day is None or self._day.day != day:
                self._day = self._counted(day)
            self._carry_on(self._day)
            return dict(self._day.counts)

    def _counted(self, day: date) -> _Day:
        begin, end = bounds(day, day, self._zone)
        found = _Day(day)
        for _ in range(TRIES):
            found.upto = self._journal.last_seq()
            for kind, name in COUNTED.items():
                which = EventFilter(types=frozenset({kind}), begin=begin, end=end)
                found.counts[name] = self._query.count(which)
            if self._journal.last_seq() == found.upto:
                break  # nothing came in between that would be counted twice
        return found

    def _carry_on(self, found: _Day) -> None:
        while page := self._journal.events(since_seq=found.upto, limit=READ):
            for event in page:
                name = COUNTED.get(event.type)
                if name is not None:
                    found.counts[name] += 1  # written just now: dated today, but for a clock that was set
            found.upto = page[-1].seq
            if len(page) < READ:
                return
