"""The thread of a door: takes what happens from any thread, in order, and lets the machine's time pass."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial

import structlog

from edge.domain.access_reason import Denial
from edge.domain.door_input import Committed, ExitRequested, FireInput, Input, Pulse, ScheduleWants, Tick
from edge.domain.door_state import DoorState, LockRules
from edge.domain.events import EventType, Instant, NewEvent
from edge.door_acts import PATIENCE, DoorActs, Reply
from edge.door_journal import Answer, DoorJournal
from edge.errors import DoorError
from edge.guard import guarded, start_thread
from edge.ports import Clock, Lock

log = structlog.get_logger("edge.door")

WAITING = 256  # inputs that may wait; exit and fire have as much again for themselves
PAUSE = 0.05  # s without a clock
LEAVE = 0.5  # s for thread and journal each to come to an end
ASKED = 3.0  # s until whoever asked is told that nobody answers; a commit is refused sooner
SILENCE = 30.0  # s without office hours repeating that the door is to stand open, after which it is not


def _if_carried_out(done: Callable[[], object], reply: Reply) -> None:
    if reply.exception() is None:
        with guarded("door"):
            done()


@dataclass(frozen=True, slots=True)
class _Told:
    """An input, when it came (None without a clock), and who wants to know what came of it."""

    given: Input
    at: float | None
    reply: Reply | None = None


class DoorLoop:
    """A door in operation: the machine, its lock and its journal.

    `journal` writes an event durably and returns its row, None where that is not possible; it may hang.
    `changed` is called after each change of the door, on its thread. Whoever has office hours posts
    ScheduleWants every few seconds; when that ceases they count as over.
    """

    def __init__(
        self,
        rules: LockRules,
        lock: Lock,
        journal: Callable[[NewEvent], int | None],
        clock: Clock,
        *,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.rules = rules
        self._clock = clock
        self._news = threading.Condition()
        self._inputs: deque[_Told] = deque()
        self._answers: deque[Answer] = deque()
        self._stopping = False
        self._wished = 0.0  # when office hours last wanted the door open
        self._begun: float | None = None
        self._thread: threading.Thread | None = None
        self._journal = DoorJournal(journal, self._answer)
        self._acts = DoorActs(rules=rules, lock=lock, journal=self._journal, clock=clock, changed=changed)

    def start(self) -> None:
        """Drive the lock idle and start."""
        self._acts.idle()
        self._journal.start()
        self._thread = start_thread("door", self._run)

    def post(self, given: Input, *, done: Callable[[], object] | None = None) -> bool:
        """Tell what happened, from any thread, without waiting; False where there is no room for it.

        `done` is called on the door's thread once it was carried out, and never where it was not.
        """
        reply: Reply | None = None
        if done is not None:
            reply = Future()
            reply.add_done_callback(partial(_if_carried_out, done))
        return self._enter(given, reply)

    def ask(self, given: Input, *, timeout: float = ASKED) -> DoorState:
        """Tell what is wished, from any thread, and return the door after it was carried out.

        Raises DoorError where it is refused, the lock does not obey, or nobody answers within `timeout`
        seconds; what was not begun by then never is.
        """
        reply: Reply = Future()
        if not self._enter(given, reply):
            raise DoorError(f"{self.rules.door}: it takes nothing now; the daemon is stopping or stuck")
        try:
            return reply.result(timeout)
        except TimeoutError:
            began = not reply.cancel()
            outcome = "look whether it was done" if began else "nothing was done"
            raise DoorError(f"{self.rules.door}: no answer within {timeout:g} s; {outcome}") from None

    def record(self, event: NewEvent, at: Instant | None) -> None:
        """Journal what has happened at `at`, as soon as that is possible; returns at once."""
        self._journal.record(event, at)

    def _enter(self, given: Input, reply: Reply | None) -> bool:
        at: float | None = None
        with guarded("door clock"):
            at = self._clock.monotonic()
        with self._news:
            urgent = isinstance(given, ExitRequested | FireInput)
            if self._stopping or len(self._inputs) >= (2 * WAITING if urgent else WAITING):
                return False
            if not (urgent and self._inputs and self._inputs[-1].given == given):
                self._inputs.append(_Told(given, at, reply))
            self._news.notify()
        return True

    @property
    def state(self) -> DoorState:
        """Return the door as it stands; from any thread."""
        return self._acts.state

    @property
    def begun(self) -> float | None:
        """Return the monotonic second since which the thread works on one thing, None while it waits."""
        return self._begun

    @property
    def fails(self) -> bool:
        """Return whether the lock did not obey when it was last driven; from any thread."""
        return self._acts.fails

    @property
    def journal_down(self) -> bool:
        """Return whether the journal took nothing when it was last tried; from any thread."""
        return self._journal.down

    @property
    def pending(self) -> tuple[NewEvent, ...]:
        """Return what has happened and is not journaled yet, in its order; from any thread."""
        return self._journal.pending

    @property
    def lost(self) -> int:
        """Return how many events found no place and are not told in the journal yet."""
        return self._journal.lost

    def retire(self) -> None:
        """Take nothing more and drive the lock idle soon; from any thread, without waiting."""
        with self._news:
            self._stopping = True
            self._news.notify()

    def stop(self) -> None:
        """Retire, see to it that the lock is idle, write what waits for a while; may be called twice."""
        self.retire()
        if self._thread is not None:
            self._thread.join(LEAVE)
        if self._thread is None or self._thread.is_alive():
            self._acts.idle()
        self._journal.stop(LEAVE)

    def _answer(self, answer: Answer) -> None:
        with self._news:
            self._answers.append(answer)
            self._news.notify()

    def _run(self) -> None:
        while not self._stopping:
            wait: float | None = PAUSE
            with guarded("door clock"):
                due = self._due()
                wait = None if due is None else max(0.0, due - self._clock.monotonic())
            self._turn(wait)
        self._acts.end()

    def _due(self) -> float | None:
        silent = self._wished + SILENCE if self._acts.state.schedule_wanted else None
        return min((end for end in (self._acts.due(), silent) if end is not None), default=None)

    def _turn(self, wait: float | None) -> None:
        """Take one answer or input, or a Tick after `wait` seconds without any."""
        with self._news:
            if not (self._answers or self._inputs or self._stopping):
                self._news.wait(wait)
            if self._stopping:
                return
            answer = self._answers.popleft() if self._answers else None
            told = self._inputs.popleft() if answer is None and self._inputs else None
        now: float | None = None
        with guarded("door clock"):
            now = self._clock.monotonic()
        self._begun = now
        if answer is not None:
            self._acts.answered(answer)
        else:
            self._take(told, now)
        self._begun = None

    def _take(self, told: _Told | None, now: float | None) -> None:
        if told is None:
            self._acts.take(self._nothing(now))
        elif not self._too_late(told, now):
            if told.given == ScheduleWants(unlocked=True) and now is not None:
                self._wished = now
            self._acts.take(told.given, told.reply)

    def _nothing(self, now: float | None) -> Input:
        """Return what it means that nothing has come: time, or office hours of which nobody speaks."""
        silent = now is None or now - self._wished >= SILENCE
        if silent and self._acts.state.schedule_wanted:
            log.error("nobody tells the door its office hours, so they are over")
            return ScheduleWants(unlocked=False)
        return Tick()

    def _too_late(self, told: _Told, now: float | None) -> bool:
        """Return whether a grant has waited for so long that whoever it was may have gone."""
        if not (isinstance(told.given, Committed) and isinstance(told.given.act, Pulse)):
            return False
        late = told.at is None or now is None or now - told.at > PATIENCE
        if late:
            log.error("a grant reached the door too late and is not carried out")
            self._take_back(told.given.act)
        return late

    def _take_back(self, grant: Pulse) -> None:
        """Record that a journaled grant came to nothing, so that nobody counts as having passed."""
        at: Instant | None = None
        with guarded("door clock"):
            at = self._clock.now()
        for event in grant.otherwise:
            denied = event.type is EventType.ACCESS_DENIED
            data = {**event.data, "reason": Denial.STALE.value} if denied else event.data
            self.record(replace(event, data=data), at)
