"""Carries out what the door's machine asks for; whatever fails drives the lock idle and denies.

Exit and fire are no requests but facts of the building: they outlast a fault and are tried again. So does
whatever only locks.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import structlog

from edge.domain.door import step
from edge.domain.door_input import (
    Cause,
    Commit,
    Committed,
    ContactInput,
    Effect,
    Energise,
    ExitRequested,
    FireInput,
    Idle,
    Input,
    Lockdown,
    LockNow,
    Record,
    Refuse,
    Release,
    ScheduleWants,
    TamperInput,
    Tick,
)
from edge.domain.door_state import DoorState, LockRules
from edge.domain.door_timing import deadline
from edge.domain.events import EventType, Instant, NewEvent
from edge.door_journal import Answer, DoorJournal
from edge.guard import guarded
from edge.ports import Clock, Lock

log = structlog.get_logger("edge.door")

PATIENCE = 2.0  # s a commit may take: whoever asked may have gone since
RETRY = 1.0  # s after which a lock that did not obey is driven again

_FACTS = (ExitRequested, FireInput, ContactInput, TamperInput, LockNow, Release)


class DoorActs:
    """One door's machine with its lock, journal and clock, for one thread.

    `refused` is told in words which wish of an admin is not fulfilled.
    """

    def __init__(
        self,
        *,
        rules: LockRules,
        lock: Lock,
        journal: DoorJournal,
        clock: Clock,
        refused: Callable[[str], None] | None = None,
    ) -> None:
        self._rules = rules
        self._lock = lock
        self._journal = journal
        self._clock = clock
        self._refused = refused
        self._state = DoorState()
        self._asked: dict[object, tuple[Commit, float]] = {}
        self._again: float | None = None

    @property
    def state(self) -> DoorState:
        """Return the door as it stands; may be read from any thread."""
        return self._state

    def take(self, given: Input) -> None:
        """Give the machine an input and carry out what it asks for; raises nothing that was not foreseen."""
        at = self._time()
        if at is None:
            self._without_time(given)
            return
        self._withdraw_late(at)
        if not self._done(given, at):
            self._fault()
            if _outlasts(given) and not self._done(given, at):
                self._fault()
        self._drive_again(at)

    def answered(self, answer: Answer) -> None:
        """Act on what became of a commit, unless nobody waits for it any more."""
        if self._asked.pop(answer.ticket, None) is not None:
            self.take(Committed(answer.act, answer.row))

    def due(self) -> float | None:
        """Return the monotonic second at which a Tick is due at the latest, None where nothing is."""
        ends = [by for _, by in self._asked.values()]
        ends += [end for end in (deadline(self._state, self._rules), self._again) if end is not None]
        return min(ends, default=None)

    def idle(self) -> None:
        """Drive the lock idle; where it does not obey, that is logged and tried again."""
        obeyed = False
        with guarded("door lock"):
            self._lock.idle()
            obeyed = True
        self._again = None if obeyed else self._state.at + RETRY

    def _time(self) -> float | None:
        with guarded("door clock"):
            return self._clock.monotonic()
        return None

    def _done(self, given: Input, at: float) -> bool:
        """Return whether the machine took the input and all that moves the lock was done."""
        effects: tuple[Effect, ...] = ()
        taken = False
        with guarded("door machine"):
            self._state, effects = step(self._state, given, at, self._rules)
            taken = True
        for effect in effects:
            done = False
            with guarded("door"):
                self._carry_out(effect)
                done = True
            taken = taken and (done or not isinstance(effect, Energise | Idle | Commit))
        return taken

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Energise(until):
                left = None if until is None else until - self._state.at
                self._lock.energise(left)
            case Idle():
                self.idle()
            case Record(event):
                self._journal.record(event, self._now())
            case Commit():
                ticket = self._journal.commit(effect)
                self._asked[ticket] = (effect, self._state.at + PATIENCE)
            case Refuse(sentence):
                log.warning("door refuses", why=sentence)
                if self._refused is not None:
                    self._refused(sentence)

    def _now(self) -> Instant | None:
        with guarded("door clock"):
            return self._clock.now()
        return None

    def _withdraw_late(self, at: float) -> None:
        """Treat commits that take too long as not journaled."""
        for ticket in [ticket for ticket, (_, by) in self._asked.items() if by <= at]:
            asked, _ = self._asked.pop(ticket)
            self._journal.withdraw(ticket)
            log.warning("door event takes too long to journal", type=asked.event.type)
            if not self._done(Committed(asked.act, None), at):
                self._fault()

    def _drive_again(self, at: float) -> None:
        """Drive the lock once more to where it should be, after it did not obey."""
        if self._again is None or at < self._again:
            return
        self._again = None
        if self._state.relay is None:
            self.idle()
            if self._again is None and not self._done(Tick(), at):  # a fact that outlasted the fault
                self._fault()

    def _without_time(self, given: Input) -> None:
        """Let all that has an end be over, for nobody can say when; a fact of this moment still counts."""
        self._state = replace(_denied(self._state), exit=None)
        fact = given if _outlasts(given) else Tick()
        if not self._done(fact, self._state.at if math.isfinite(self._state.at) else 0.0):
            self._fault()

    def _fault(self) -> None:
        """Lock. What was granted is over; fire, evacuation and whoever wants out are tried again."""
        unlocked = self._state.unlocked
        self._state = replace(_denied(self._state), relay=None)
        self.idle()
        if unlocked:
            event = NewEvent(EventType.DOOR_LOCKED, data={"door": self._rules.door, "why": "fault"})
            with guarded("door"):
                self._journal.record(event, self._now())
        if self._state.released or self._state.exit is not None:
            self._again = self._state.at + RETRY


def _outlasts(given: Input) -> bool:
    """Return whether an input counts in spite of a fault: a fact of the building, or one that only locks."""
    return isinstance(given, _FACTS) or given in (Lockdown(active=True), ScheduleWants(unlocked=False))


def _denied(state: DoorState) -> DoorState:
    """Return the state without what software granted; a schedule that still wants it has to ask again."""
    asked = state.at if state.schedule_wanted and not state.lockdown else None
    return replace(state, pulse=None, holds=state.holds & {Cause.EVACUATION}, schedule_asked=asked)
