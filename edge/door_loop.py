"""The thread of a door: takes what happens from any thread, in order, and lets the machine's time pass."""

import threading
from collections import deque
from collections.abc import Callable

import structlog

from edge.domain.door_input import ExitRequested, FireInput, Input, Tick
from edge.domain.door_state import DoorState, LockRules
from edge.domain.events import NewEvent
from edge.door_acts import DoorActs
from edge.door_journal import Answer, DoorJournal
from edge.guard import guarded, start_thread
from edge.ports import Clock, Lock

log = structlog.get_logger("edge.door")

WAITING = 256  # inputs that may wait; exit and fire have as much again for themselves
PAUSE = 0.05  # s without a clock
LEAVE = 2.0  # s for thread and journal to come to an end


class DoorLoop:
    """A door in operation: the machine, its lock and its journal.

    `journal` writes an event durably and returns its row, None where that is not possible; it may hang.
    `refused` is told in words which wish of an admin is not fulfilled. Whoever has office hours posts
    ScheduleWants every few seconds.
    """

    def __init__(
        self,
        rules: LockRules,
        lock: Lock,
        journal: Callable[[NewEvent], int | None],
        clock: Clock,
        *,
        refused: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock
        self._news = threading.Condition()
        self._inputs: deque[Input] = deque()
        self._answers: deque[Answer] = deque()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._journal = DoorJournal(journal, self._answer)
        self._acts = DoorActs(rules=rules, lock=lock, journal=self._journal, clock=clock, refused=refused)

    def start(self) -> None:
        """Drive the lock idle and start."""
        self._acts.idle()
        self._journal.start()
        self._thread = start_thread("door", self._run)

    def post(self, given: Input) -> bool:
        """Tell what happened, from any thread, without waiting; False where there is no room for it."""
        with self._news:
            urgent = isinstance(given, ExitRequested | FireInput)
            if self._stopping or len(self._inputs) >= (2 * WAITING if urgent else WAITING):
                return False
            if not (urgent and self._inputs and self._inputs[-1] == given):
                self._inputs.append(given)
            self._news.notify()
        return True

    @property
    def state(self) -> DoorState:
        """Return the door as it stands; from any thread."""
        return self._acts.state

    @property
    def lost(self) -> int:
        """Return how many events found no place and are not told in the journal yet."""
        return self._journal.lost

    def stop(self) -> None:
        """Take nothing more, drive the lock idle, write what waits for a while; may be called twice."""
        with self._news:
            self._stopping = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(LEAVE)
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
                due = self._acts.due()
                wait = None if due is None else max(0.0, due - self._clock.monotonic())
            self._turn(wait)
        self._acts.idle()

    def _turn(self, wait: float | None) -> None:
        """Take one answer or input, or a Tick after `wait` seconds without any."""
        with self._news:
            if not (self._answers or self._inputs or self._stopping):
                self._news.wait(wait)
            if self._stopping:
                return
            answer = self._answers.popleft() if self._answers else None
            given = self._inputs.popleft() if answer is None and self._inputs else Tick()
        if answer is not None:
            self._acts.answered(answer)
        else:
            self._acts.take(given)
