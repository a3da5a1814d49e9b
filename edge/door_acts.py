"""Carries out what the door's machine asks for; whatever fails drives the lock idle and denies.

Exit and fire are no requests but facts of the building: they outlast a fault and are tried again. So does
whatever only locks.
"""

import math
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace

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
from edge.errors import DoorError
from edge.guard import guarded
from edge.ports import Clock, Lock

log = structlog.get_logger("edge.door")

PATIENCE = 2.0  # s a commit may take: whoever asked may have gone since
RETRY = 1.0  # s after which a lock that did not obey is driven again

FAULT = "the lock does not obey; see the log"
STOPPED = "the daemon is stopping"

_FACTS = (ExitRequested, FireInput, ContactInput, TamperInput, LockNow, Release)

Reply = Future[DoorState]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A commit that is on its way: until when it is waited for, and who wants to know what came of it."""

    commit: Commit
    by: float
    reply: Reply | None


class DoorActs:
    """One door's machine with its lock, journal and clock, for one thread.

    A reply that is given along with an input gets the door's state once all is carried out, a DoorError where
    it is refused or the lock does not obey; what has been cancelled by then is not begun.
    """

    def __init__(
        self,
        *,
        rules: LockRules,
        lock: Lock,
        journal: DoorJournal,
        clock: Clock,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._rules = rules
        self._lock = lock
        self._journal = journal
        self._clock = clock
        self._changed = changed
        self._state = DoorState()
        self._asked: dict[object, _Asked] = {}
        self._again: float | None = None
        self._refusal: str | None = None
        self._said: str | None = None
        self._fails = False

    @property
    def state(self) -> DoorState:
        """Return the door as it stands; may be read from any thread."""
        return self._state

    @property
    def fails(self) -> bool:
        """Return whether the lock did not obey when it was last driven; from any thread."""
        return self._fails

    def take(self, given: Input, reply: Reply | None = None) -> None:
        """Give the machine an input and carry out what it asks for; raises nothing that was not foreseen."""
        if reply is not None and not reply.set_running_or_notify_cancel():
            return
        self._take(given, reply)

    def answered(self, answer: Answer) -> None:
        """Act on what became of a commit, unless nobody waits for it any more."""
        asked = self._asked.pop(answer.ticket, None)
        if asked is None:
            return
        if answer.row is None and self._rules.open_unjournaled:
            with guarded("door"):
                self._journal.record(asked.commit.event, self._now())
        self._take(Committed(answer.act, answer.row), asked.reply)

    def _take(self, given: Input, reply: Reply | None) -> None:
        before = self._state
        at = self._time()
        if at is not None:
            self._withdraw_late(at)
        self._refusal = None
        obeyed = self._obeyed(given, at, reply)
        if at is not None:
            self._drive_again(at)
        if not any(asked.reply is reply for asked in self._asked.values()):
            self._tell(reply, self._refusal if obeyed else FAULT)
        if self._state is not before:
            with guarded("door"):
                self._changed()

    def _obeyed(self, given: Input, at: float | None, reply: Reply | None) -> bool:
        """Return whether an input was carried out, if need be at the second try."""
        if at is None:
            self._without_time(given)
            return False
        if self._done(given, at, reply):
            return True
        self._fault()
        if not _outlasts(given):
            return False
        if self._done(given, at, reply):
            return True
        self._fault()
        return False

    def _tell(self, reply: Reply | None, refusal: str | None) -> None:
        if reply is None:
            return
        if refusal is None:
            reply.set_result(self._state)
        else:
            reply.set_exception(DoorError(f"{self._rules.door}: {refusal}"))

    def due(self) -> float | None:
        """Return the monotonic second at which a Tick is due at the latest, None where nothing is."""
        ends = [asked.by for asked in self._asked.values()]
        ends += [end for end in (deadline(self._state, self._rules), self._again) if end is not None]
        return min(ends, default=None)

    def idle(self) -> None:
        """Drive the lock idle; where it does not obey, that is logged and tried again."""
        obeyed = False
        with guarded("door lock"):
            self._lock.idle()
            obeyed = True
        self._again = None if obeyed else self._state.at + RETRY
        self._fails = not obeyed

    def end(self) -> None:
        """Drive the lock idle for good, and tell that it is locked where it was not."""
        unlocked, self._state = self._state.unlocked, replace(_denied(self._state), exit=None, relay=None)
        self.idle()
        if unlocked:
            self._record_locked("stopped")
        for asked in self._asked.values():
            self._tell(asked.reply, STOPPED)
        self._asked.clear()

    def _time(self) -> float | None:
        with guarded("door clock"):
            return self._clock.monotonic()
        return None

    def _done(self, given: Input, at: float, reply: Reply | None = None) -> bool:
        """Return whether the machine took the input and all that moves the lock was done."""
        effects: tuple[Effect, ...] = ()
        taken = False
        with guarded("door machine"):
            self._state, effects = step(self._state, given, at, self._rules)
            taken = True
        for effect in effects:
            done = False
            with guarded("door"):
                self._carry_out(effect, reply)
                done = True
            taken = taken and (done or not isinstance(effect, Energise | Idle | Commit))
        return taken

    def _carry_out(self, effect: Effect, reply: Reply | None) -> None:
        match effect:
            case Energise(until):
                left = None if until is None else until - self._state.at
                self._energise(left)
            case Idle():
                self.idle()
            case Record(event):
                self._journal.record(event, self._now())
            case Commit():
                ticket = self._journal.commit(effect)
                whose = reply if effect.act.cause is Cause.ADMIN else None  # not that of a schedule
                self._asked[ticket] = _Asked(effect, self._state.at + PATIENCE, whose)
            case Refuse(sentence):
                self._refusal = sentence
                if sentence != self._said:  # office hours that cannot be journaled ask every few seconds
                    log.warning("door refuses", door=self._rules.door, why=sentence)
                self._said = sentence

    def _energise(self, seconds: float | None) -> None:
        obeyed = False
        try:
            self._lock.energise(seconds)
            obeyed = True
        finally:
            self._fails = not obeyed

    def _now(self) -> Instant | None:
        with guarded("door clock"):
            return self._clock.now()
        return None

    def _withdraw_late(self, at: float) -> None:
        """Treat commits that take too long as not journaled."""
        for ticket in [ticket for ticket, asked in self._asked.items() if asked.by <= at]:
            asked = self._asked.pop(ticket)
            log.warning("door event takes too long to journal", type=asked.commit.event.type)
            if self._rules.open_unjournaled:
                self._journal.keep(ticket, self._now())
            else:
                self._journal.withdraw(ticket)
            self._refusal = None
            obeyed = self._done(Committed(asked.commit.act, None), at)
            if not obeyed:
                self._fault()
            self._tell(asked.reply, self._refusal if obeyed else FAULT)

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
            self._record_locked("fault")
        if self._state.released or self._state.exit is not None:
            self._again = self._state.at + RETRY

    def _record_locked(self, why: str) -> None:
        event = NewEvent(EventType.DOOR_LOCKED, data={"door": self._rules.door, "why": why})
        with guarded("door"):
            self._journal.record(event, self._now())


def _outlasts(given: Input) -> bool:
    """Return whether an input counts in spite of a fault: a fact of the building, or one that only locks."""
    match given:
        case Lockdown(active):
            return active
        case ScheduleWants(unlocked):
            return not unlocked
        case _:
            return isinstance(given, _FACTS)


def _denied(state: DoorState) -> DoorState:
    """Return the state without what software granted; a schedule that still wants it has to ask again."""
    asks = state.schedule_wanted and not state.schedule_ended and not state.lockdown
    asked = state.at if asks else None
    return replace(state, pulse=None, holds=state.holds & {Cause.EVACUATION}, schedule_asked=asked)
