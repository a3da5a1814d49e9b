"""What the parent does with a recognition: policy, journal row, relay, world, in this order and no other.

Anything unexpected denies: the relay is reached only past a durable `access.granted`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from edge.domain.access import AccessRequest, AccessRules, decide
from edge.domain.access_reason import Denial, Grant, Mode
from edge.domain.events import EventType, NewEvent
from edge.domain.person import Person
from edge.errors import ConflictError, DeviceError, NotFoundError, StoreError
from edge.ports import Clock, Journal, People, Relay
from edge.vision_wire import NotRecognised, Recognised

log = structlog.get_logger("edge.doorkeeper")


@dataclass(frozen=True, slots=True)
class DoorRules:
    """The door's settings.

    `access` is the policy; `pulse` seconds of relay per grant, where the terminal is there for a door;
    `stale` seconds after which a recognition says nothing about who stands at the door now.
    """

    access: AccessRules = field(default_factory=AccessRules)
    pulse: float = 5.0
    stale: float = 5.0


class Doorkeeper:
    """Decides, journals and acts, for one thread; `announce` is called after each durable event."""

    def __init__(
        self,
        *,
        people: People,
        journal: Journal,
        relay: Relay,
        clock: Clock,
        rules: DoorRules,
        announce: Callable[[], None],
    ) -> None:
        self._people = people
        self._journal = journal
        self._relay = relay
        self._clock = clock
        self._rules = rules
        self._announce = announce
        self._unwritten = 0
        self._retired = False

    def retire(self) -> None:
        """Open nothing any more; from any thread."""
        self._retired = True

    @property
    def unwritten(self) -> int:
        """Return how many events found no place in the journal and are not told there yet."""
        return self._unwritten

    def record(self, event: NewEvent) -> bool:
        """Journal an event and announce it; False where it could not be written, which is said once.

        Events that were not written are counted, and a `journal.gap` tells how many, once it can.
        """
        try:
            if self._unwritten:
                self._journal.append(NewEvent(EventType.JOURNAL_GAP, data={"lost": self._unwritten}))
                log.warning("journal works again", lost=self._unwritten)
                self._unwritten = 0
            self._journal.append(event)
        except StoreError as error:
            self._unwritten += 1
            if self._unwritten == 1:
                log.error("journal cannot be written, nobody is let in", error=str(error))  # noqa: TRY400 - one line
            return False
        self._announce()
        return True

    def recognised(self, seen: Recognised) -> None:
        """Decide whether a recognised person may pass, and let in who may."""
        if self._retired:
            return
        person, decision = self._judge(seen)
        granted = isinstance(decision, Grant)
        kind = EventType.ACCESS_GRANTED if granted else EventType.ACCESS_DENIED
        data = self._data(seen) | {"band": seen.band, "percent": round(seen.percent, 2), "fpir": seen.fpir}
        known = person.id if person else None
        if self.record(NewEvent(kind, known, {"reason": decision, **data})) and granted:
            self._open(seen, known)

    def not_recognised(self, seen: NotRecognised) -> None:
        """Journal that somebody was not recognised, and why."""
        data = {"reason": seen.reason, "hint": seen.hint, **self._data(seen)}
        if seen.percent is not None:
            data["percent"] = round(seen.percent, 2)
        self.record(NewEvent(EventType.ACCESS_DENIED, None, data))

    def _judge(self, seen: Recognised) -> tuple[Person | None, Grant | Denial]:
        """Return who it is, None where nobody is known by that id any more, and what is decided."""
        try:
            person = self._people.find(seen.person_id)
        except (NotFoundError, ConflictError):
            person = None
        except StoreError as error:
            log.error("people cannot be read", error=str(error))  # noqa: TRY400 - one line
            return None, Denial.UNAVAILABLE
        if person is not None and person.id != seen.person_id:
            person = None  # `find` takes names and numbers too; vision knows people by their ids only
        if person is not None and self._stale(seen.at):
            return person, Denial.STALE
        request = AccessRequest(person=person, at=self._clock.now(), fpir=seen.fpir)
        return person, decide(request, self._rules.access).reason

    def _open(self, seen: Recognised, person: str | None) -> None:
        if self._stale(seen.at):  # the journal took long; whoever it was may have gone
            late = {"reason": Denial.STALE, **self._data(seen)}
            self.record(NewEvent(EventType.ACCESS_DENIED, person, late))
            return
        if self._retired or self._rules.access.mode is not Mode.DOOR:
            return
        try:
            self._relay.pulse(self._rules.pulse)
        except DeviceError as error:
            log.error("relay did not move", error=str(error), track=seen.track)  # noqa: TRY400 - one line

    def _stale(self, at: float) -> bool:
        return not 0 <= self._clock.monotonic() - at <= self._rules.stale

    def _data(self, seen: Recognised | NotRecognised) -> dict[str, Any]:
        """Return what every access event says; `latency_ms` is from the deciding frame to here."""
        return {
            "track": seen.track,
            "frame": seen.frame,
            "frames": seen.frames,
            "latency_ms": round((self._clock.monotonic() - seen.at) * 1000),
            "people": seen.people,
            "model_version": seen.model_version,
        }
