"""Punches from the door's own decisions: whoever is let in, or recognised where there is no door, punches."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from edge.domain.access_reason import Grant
from edge.domain.attendance import AttendanceState, Passing, corrected, last_punches, punch, remember
from edge.domain.attendance_log import read_punches
from edge.domain.attendance_punch import Punch, PunchKind, Source
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.domain.passback import Direction
from edge.office.punch_log import CORRECTIONS, PUNCHES
from edge.ports import EventQuery

_PAGE = 5000
_OF_ONE = 50  # punches of one person read at once: some ten days
_PAGES = 20  # looked at for the last punches: two days of ten thousand people
_BOTH = PUNCHES | CORRECTIONS
_LONG = 2 * 48 * 3600.0  # s; a shift is never longer than half of it


class PunchTaker:
    """Turns grants into punches, for one thread; all methods raise StoreError.

    `direction` is that of a terminal for one way only, None for both; `key` gives the punch key that was
    pressed, and lets go of it. What was punched before, and corrected meanwhile, is read from the journal.
    """

    def __init__(
        self,
        *,
        query: EventQuery,
        rules: Callable[[], AttendanceRules],
        boot_id: str,
        direction: Direction | None = None,
        key: Callable[[], PunchKind | None] = lambda: None,
    ) -> None:
        self._query = query
        self._rules = rules
        self._boot_id = boot_id
        self._direction = direction
        self._key = key
        self._state: AttendanceState | None = None
        self._corrected = 0

    def let_in(self, granted: NewEvent, at: Instant) -> Sequence[NewEvent]:
        """Return the punches of an `access.granted`, to be journaled next; of all who passed with it.

        `at` is when it was decided. Nobody punches in an evacuation, nor twice within the window.
        """
        if granted.data.get("reason") == Grant.EVACUATION:
            return ()
        rules, state = self._rules(), self._current()
        key = self._key()
        found = []
        for person in (granted.person, granted.data.get("with")):
            if not isinstance(person, str):
                continue
            passing = Passing(
                person=person,
                at=at,
                boot=self._boot_id,
                key=key if person == granted.person else None,
                direction=self._direction,
                door=str(granted.data.get("door", "door")),
            )
            event = punch(passing, state, rules)
            if event is not None:
                found.append(event)
                state = remember(state, _punch(event, at, self._boot_id))
        self._state = state
        return tuple(found)

    def missed(self) -> Sequence[NewEvent]:
        """Return the punches that a kill kept from being journaled after the last grant; at the start.

        What was punched before is read here, so that whoever comes first does not wait for it.
        """
        self._current()
        last = self._query.newest(EventFilter(types=frozenset({EventType.ACCESS_GRANTED})), limit=1)
        if not last or last[0].boot_id != self._boot_id:
            return ()
        after = frozenset({EventType.ATTENDANCE_PUNCHED, EventType.PASSBACK_FORGIVEN})
        if self._query.oldest(EventFilter(types=after), after=last[0].seq, limit=1):
            return ()
        granted = NewEvent(last[0].type, last[0].person, last[0].data)
        return self.let_in(granted, _instant(last[0]))

    def _current(self) -> AttendanceState:
        """Return everybody's last punch, read anew of those whom the office has corrected meanwhile."""
        which = EventFilter(types=CORRECTIONS)
        if self._state is None:
            newest = self._query.newest(which, limit=1)
            self._state = last_punches(read_punches(self._recent(EventFilter(types=_BOTH), _PAGE)))
            self._corrected = newest[0].seq if newest else 0
        while page := self._query.oldest(which, after=self._corrected, limit=_PAGE):
            for person in {event.person for event in page if event.person is not None}:
                self._state = corrected(self._state, person, self._last(person))
            self._corrected = page[-1].seq
        return self._state

    def _last(self, person: str) -> Punch | None:
        """Return somebody's last punch as it counts now."""
        events = self._recent(EventFilter(types=_BOTH, person=person), _OF_ONE)
        found = read_punches(sorted([*events, *self._anchors(events)], key=lambda event: event.seq))
        return next((punch for punch in reversed(found) if punch.person == person), None)

    def _anchors(self, events: Sequence[Event]) -> Iterator[Event]:
        """Yield what others punched around the last punch of each boot that a clock dates badly."""
        unsure = {one.boot_id: one for one in events if one.type in PUNCHES and not one.clock_trusted}
        which = EventFilter(types=PUNCHES)
        for last in unsure.values():
            around = self._query.newest(which, before=last.seq, limit=_OF_ONE)
            around += self._query.oldest(which, after=last.seq, limit=_OF_ONE)
            yield from (other for other in around if other.person != last.person)

    def _recent(self, which: EventFilter, size: int) -> list[Event]:
        """Return the newest of some events in journal order, as far back as a shift may reach."""
        found: list[Event] = []
        before: int | None = None
        while page := self._query.newest(which, before=before, limit=size):
            found += page
            before = page[-1].seq
            span = _instant(found[0]).wall - _instant(page[-1]).wall
            if len(found) >= _PAGES * size or span > _LONG:
                break
        return found[::-1]


def _punch(event: NewEvent, at: Instant, boot_id: str) -> Punch:
    return Punch(
        id="",
        person=str(event.person),
        kind=PunchKind(event.data["kind"]),
        wall=at.wall,
        boot=boot_id,
        monotonic=at.monotonic_ns / 1e9,
        trusted=at.trusted,
        source=Source(event.data["source"]),
    )


def _instant(event: Event) -> Instant:
    return Instant(datetime.fromisoformat(event.time).timestamp(), event.monotonic_ns, event.clock_trusted)
