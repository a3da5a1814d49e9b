"""Somebody says that it was not this person: written down beside the event, which itself is never edited."""

from contextlib import suppress
from dataclasses import dataclass

from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType, NewEvent
from edge.domain.person import Reference
from edge.errors import ConflictError, NotFoundError
from edge.office.punch_log import PunchLog
from edge.ports import AttendanceChanges, EventQuery, Journal, PeopleReader, PeopleRoll

RECOGNITIONS = frozenset({EventType.ACCESS_GRANTED, EventType.ACCESS_DENIED})
FOLLOWS = 3.0  # seconds after a recognition within which the punch that comes of it is journaled


@dataclass(frozen=True, slots=True)
class Disputed:
    """An event that may be disputed: `reference` is the one it rests on, None where that is not known.

    `punch` is the punch that came of it, None for none or one that does not count any more; `already` the
    correction that was written before, None for none.
    """

    event: Event
    reference: Reference | None
    punch: Event | None
    already: Event | None


class Disputes:
    """Looks events up and disputes them. Raises StoreError."""

    def __init__(
        self,
        *,
        journal: Journal,
        query: EventQuery,
        people: PeopleReader,
        roll: PeopleRoll,
        attendance: AttendanceChanges,
    ) -> None:
        self._journal = journal
        self._query = query
        self._people = people
        self._roll = roll
        self._attendance = attendance
        self._punches = PunchLog(journal, query)

    def look(self, person_id: str, seq: int) -> Disputed:
        """Return the event with this number; raises NotFoundError where it is none of this person."""
        found = self._query.oldest(EventFilter(person=person_id), after=seq - 1, limit=1)
        if not found or found[0].seq != seq or found[0].type not in RECOGNITIONS:
            raise NotFoundError(f"event {seq}: the person was not recognised in it")
        event = found[0]
        wanted = event.data.get("reference")
        references = {one.id: one for one in self._people.references_of(person_id)}
        return Disputed(event, references.get(str(wanted)), self._punch(event), self._already(event))

    def dispute(self, person_id: str, seq: int, *, remove: bool, void: bool, actor: str) -> Event:
        """Write down that it was not this person.

        With `remove` the reference it rests on is forgotten, with `void` the punch that came of it counts no
        more; either may be so already. Raises NotFoundError where `look` does, and ConflictError where it was
        disputed already.
        """
        found = self.look(person_id, seq)
        if found.already is not None:
            raise ConflictError(f"event {seq}: somebody said so already")
        if void and found.punch is not None:
            with suppress(NotFoundError):  # somebody cancelled it at the same moment
                self._attendance.void(found.punch.id, actor=actor)
        removed = self._removed(found, actor) if remove else None
        data = {"of": found.event.id, "removed": removed, "actor": actor}
        return self._journal.append(NewEvent(EventType.RECOGNITION_DISPUTED, person_id, data))

    def _removed(self, found: Disputed, actor: str) -> str | None:
        """Forget the reference, and return its id; None where there is none, or none any more."""
        if found.reference is None:
            return None
        try:
            self._roll.remove_reference(found.reference.person_id, found.reference.id, actor=actor)
        except NotFoundError:
            return None
        return found.reference.id

    def _punch(self, event: Event) -> Event | None:
        which = EventFilter(types=frozenset({EventType.ATTENDANCE_PUNCHED}), person=event.person)
        for punch in self._query.oldest(which, after=event.seq, limit=1):
            later = (punch.monotonic_ns - event.monotonic_ns) / 1e9
            if punch.boot_id == event.boot_id and 0 <= later <= FOLLOWS and self._counts(punch):
                return punch
        return None

    def _counts(self, punch: Event) -> bool:
        try:
            self._punches.punch(punch.id)
        except NotFoundError:
            return False
        return True

    def _already(self, event: Event) -> Event | None:
        which = EventFilter(types=frozenset({EventType.RECOGNITION_DISPUTED}), person=event.person)
        later = self._query.oldest(which, after=event.seq)
        return next((one for one in later if one.data.get("of") == event.id), None)
