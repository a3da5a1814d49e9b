"""Corrections of punches, and who is inside: new events, never an edit."""

from datetime import datetime

from edge.domain.attendance_log import add_punch, change_punch, void_punch
from edge.domain.attendance_punch import PunchKind
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType, NewEvent
from edge.domain.muster import Inside, muster
from edge.errors import ConflictError, NotFoundError, RuleError
from edge.office.punch_log import PunchLog
from edge.ports import Clock, EventQuery, Journal, PeopleReader

_INSIDE = frozenset(
    {
        EventType.ACCESS_GRANTED,
        EventType.ATTENDANCE_PUNCHED,
        EventType.MUSTER_CLEARED,
        EventType.PERSON_REMOVED,
    }
)
LOOK_BACK = 7 * 86_400.0  # s; whoever came before that has left unseen
_AHEAD = 60.0  # s by which an admin's clock may be ahead of ours
_PAGE = 5000


class AttendanceDesk:
    """Implements ports.AttendanceChanges over the journal that this process writes."""

    def __init__(self, *, people: PeopleReader, journal: Journal, query: EventQuery, clock: Clock) -> None:
        self._people = people
        self._journal = journal
        self._log = PunchLog(journal, query)
        self._clock = clock

    def add(self, person_id: str, kind: PunchKind, wall: float, *, actor: str) -> str:
        """Add a forgotten punch and return its id; raises NotFoundError, RuleError for a time to come."""
        self._must_exist(person_id)
        self._must_be_past(wall)
        return self._journal.append(add_punch(person_id, kind, wall, actor=actor)).id

    def change(
        self, of: str, *, kind: PunchKind | None = None, wall: float | None = None, actor: str
    ) -> None:
        """Give a punch another kind or time; raises NotFoundError, RuleError."""
        if kind is None and wall is None:
            raise RuleError("punch: give it another kind or another time")
        punch = self._log.punch(of)
        when = punch.wall if wall is None else wall
        self._must_be_past(when)
        event = change_punch(of, kind or punch.kind, when, actor=actor, punches=[punch])
        self._journal.append(event)

    def void(self, of: str, *, actor: str) -> None:
        """Let a punch count no more; raises NotFoundError."""
        self._journal.append(void_punch(of, actor=actor, punches=[self._log.punch(of)]))

    def clear_inside(self, person_id: str | None, *, actor: str) -> None:
        """Take somebody, or everybody where None, off the list of who is inside; raises NotFoundError."""
        if person_id is not None:
            self._must_exist(person_id)
        self._journal.append(NewEvent(EventType.MUSTER_CLEARED, person_id, {"actor": actor}))

    def _must_exist(self, person_id: str) -> None:
        try:
            found = self._people.find(person_id).id
        except ConflictError:
            found = None
        if found != person_id:
            raise NotFoundError(f"person {person_id}: nobody has this id")

    def _must_be_past(self, wall: float) -> None:
        now = self._clock.now()
        if now.trusted and wall > now.wall + _AHEAD:
            raise RuleError("punch: its time is still to come")


def who_is_inside(query: EventQuery, now: float, stale: float) -> list[Inside]:
    """Return who is inside at UTC second `now`, from the last LOOK_BACK seconds; the latest arrivals last.

    Those seconds end with the last event of all, so that no clock that was set makes anybody disappear.
    Whoever came more than `stale` seconds ago is listed as not certain. Raises StoreError.
    """
    last = query.newest(EventFilter(), limit=1)
    end = min([now, *(datetime.fromisoformat(event.time).timestamp() for event in last)])
    first = query.oldest(EventFilter(begin=end - LOOK_BACK), limit=1)
    events: list[Event] = []
    after = first[0].seq - 1 if first else 0
    while page := query.oldest(EventFilter(types=_INSIDE), after=after, limit=_PAGE):
        events += page
        after = page[-1].seq
    return muster(events, now=now, stale=stale)
