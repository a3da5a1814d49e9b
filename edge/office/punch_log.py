"""The punches of some days, read from a long journal."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta, tzinfo

from edge.domain.attendance_log import read_punches
from edge.domain.attendance_punch import Punch
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType
from edge.domain.moment import first_second
from edge.errors import NotFoundError
from edge.ports import EventQuery, EventReader

PUNCHES = frozenset({EventType.ATTENDANCE_PUNCHED})
CORRECTIONS = frozenset({EventType.ATTENDANCE_CORRECTED})
_PAGE = 5000
_FAR = 20_000  # events looked through for a trusted one of the same boot


class PunchLog:
    """Reads punches as they count now: dated as well as can be, and corrected. All raises StoreError."""

    def __init__(self, journal: EventReader, query: EventQuery) -> None:
        self._journal = journal
        self._query = query

    def between(self, first: date, last: date, zone: tzinfo, person: str | None = None) -> list[Punch]:
        """Return the punches of days `first` to `last` and at least one day around them, in order.

        With `person`, an id, only theirs. Punches under an untrusted clock are found by their place in the
        journal.
        """
        begin = first_second(max(first, date.min + timedelta(2)) - timedelta(1), zone)
        end = first_second(min(last, date.max - timedelta(3)) + timedelta(2), zone)
        low = self._query.oldest(EventFilter(begin=begin), limit=1)
        high = self._query.newest(EventFilter(end=end), limit=1)
        events: dict[int, Event] = {}
        if low and high:
            which = EventFilter(types=PUNCHES, person=person)
            events = {e.seq: e for e in self._all(which, low[0].seq - 1, high[0].seq)}
        corrections = self._all(EventFilter(types=CORRECTIONS, person=person, begin=begin), 0, None)
        events |= {event.seq: event for event in corrections}
        events |= {event.seq: event for event in self._anchors(list(events.values()))}
        return read_punches(events[seq] for seq in sorted(events))

    def punch(self, of: str) -> Punch:
        """Return a punch that counts by its id; raises NotFoundError."""
        _, _, number = of.rpartition(":")
        seq = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0  # noqa: PLR2004 - a 64-bit number
        found = self._journal.events(since_seq=seq - 1, limit=1) if seq else []
        if found and found[0].id == of and found[0].type in PUNCHES | CORRECTIONS:
            which = EventFilter(types=CORRECTIONS, person=found[0].person)
            later = self._all(which, seq, None)
            events = [found[0], *later, *self._anchors(found)]
            for punch in read_punches(sorted(events, key=lambda event: event.seq)):
                if punch.id == of:
                    return punch
        raise NotFoundError(f'punch "{of}": there is none by this id, or it does not count any more')

    def _all(self, which: EventFilter, after: int, upto: int | None) -> Iterator[Event]:
        while page := self._query.oldest(which, after=after, limit=_PAGE):
            for event in page:
                if upto is not None and event.seq > upto:
                    return
                yield event
            after = page[-1].seq

    def _anchors(self, events: Sequence[Event]) -> Iterator[Event]:
        """Yield, for each boot with punches under an untrusted clock, the next trusted event of that boot."""
        last: dict[str, Event] = {}
        for event in events:
            if event.type in PUNCHES and not event.clock_trusted:
                last[event.boot_id] = max(event, last.get(event.boot_id, event), key=lambda each: each.seq)
        for boot, event in last.items():
            anchor = self._trusted_after(boot, event.seq)
            if anchor is not None:
                yield anchor

    def _trusted_after(self, boot: str, seq: int) -> Event | None:
        stop = seq + _FAR
        while seq < stop and (page := self._journal.events(since_seq=seq, limit=1000)):
            for event in page:
                if event.boot_id != boot:
                    return None
                if event.clock_trusted:
                    return replace(event, type=EventType.SYSTEM_STARTED, data={})  # only for its two clocks
            seq = page[-1].seq
        return None
