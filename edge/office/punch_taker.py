"""Punches from the door's own decisions: whoever is let in, or recognised where there is no door, punches."""

from collections.abc import Callable, Sequence
from datetime import datetime

from edge.domain.access_reason import Grant
from edge.domain.attendance import AttendanceState, Passing, last_punches, punch, remember
from edge.domain.attendance_log import read_punches
from edge.domain.attendance_punch import Punch, PunchKind, Source
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.domain.passback import Direction
from edge.office.punch_log import CORRECTIONS, PUNCHES
from edge.ports import EventQuery

_PAGE = 5000
_MOST = 100_000  # punches looked at for everybody's last one: two days of ten thousand people
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
        """Return the punches that a kill kept from being journaled after the last grant; at the start."""
        last = self._query.newest(EventFilter(types=frozenset({EventType.ACCESS_GRANTED})), limit=1)
        if not last or last[0].boot_id != self._boot_id:
            return ()
        after = frozenset({EventType.ATTENDANCE_PUNCHED, EventType.PASSBACK_FORGIVEN})
        if self._query.oldest(EventFilter(types=after), after=last[0].seq, limit=1):
            return ()
        granted = NewEvent(last[0].type, last[0].person, last[0].data)
        return self.let_in(granted, _instant(last[0]))

    def _current(self) -> AttendanceState:
        """Return everybody's last punch, read anew where the office has corrected one."""
        newest = self._query.newest(EventFilter(types=CORRECTIONS), limit=1)
        corrected = newest[0].seq if newest else 0
        if self._state is None or corrected != self._corrected:
            self._state = last_punches(read_punches(self._recent()))
            self._corrected = corrected
        return self._state

    def _recent(self) -> list[Event]:
        """Return the newest punches and corrections in journal order, as far back as a shift may reach."""
        found: list[Event] = []
        before: int | None = None
        which = EventFilter(types=PUNCHES | CORRECTIONS)
        while page := self._query.newest(which, before=before, limit=_PAGE):
            found += page
            before = page[-1].seq
            span = _instant(found[0]).wall - _instant(page[-1]).wall
            if len(found) >= _MOST or span > _LONG:
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
