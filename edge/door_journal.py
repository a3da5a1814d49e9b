"""Journals what a door does, on a thread of its own: a database that hangs never holds up exit or fire.

Records wait in a bounded ring until the journal takes them, in their order; what finds no room is counted and
told as `journal.gap`. A commit is answered as soon as the journal has taken or refused it. Where the journal
does not say in time which of the two it was, that is waited for: what was written is never written again.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from edge.domain.door_input import Act, Commit
from edge.domain.events import EventType, Instant, NewEvent
from edge.errors import EdgeError, StoreUncertainError
from edge.guard import guarded, start_thread

log = structlog.get_logger("edge.door")

RING = 1000  # events kept while the journal takes none
RETRY = 1.0  # s after which a record that the journal refused is tried again
TRIES = 3  # times an event is tried that fails in a way nobody foresaw

Write = Callable[[NewEvent], int | None]


@dataclass(slots=True, eq=False)
class _Entry:
    """An event that waits; `act` is what depends on it, None for a record."""

    event: NewEvent
    act: Act | None = None
    tries: int = 0
    abandoned: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What became of a commit: its journal row, None where there is none."""

    ticket: object
    act: Act
    row: int | None


class DoorJournal:
    """Hands events to `write`, which returns the row or None where it cannot write; it may raise or hang.

    The result of a StoreUncertainError has to be what was written, with its row as `seq`, or None.
    `answer` is called on the journal's thread, once for each commit that was not withdrawn.
    """

    def __init__(self, write: Write, answer: Callable[[Answer], None], *, ring: int = RING) -> None:
        self._write = write
        self._answer = answer
        self._ring = ring
        self._news = threading.Condition()
        self._waiting: deque[_Entry] = deque()
        self._current: _Entry | None = None
        self._lost = 0
        self._down = False
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = start_thread("door journal", self._run)

    def record(self, event: NewEvent, at: Instant | None) -> None:
        """Journal what has happened at `at`; returns at once."""
        self._enter(_Entry(replace(event, at=at)))

    def commit(self, asked: Commit) -> object:
        """Journal an event on which an act depends; returns a ticket at once, and the answer comes later."""
        entry = _Entry(asked.event, asked.act)
        self._enter(entry)
        return entry

    def withdraw(self, ticket: object) -> bool:
        """Wait no longer for a commit; True where its event will never be journaled.

        False: it is being written this moment. Should that succeed, a record of what came of it follows.
        """
        with self._news:
            for entry in self._waiting:
                if entry is ticket:
                    self._waiting.remove(entry)
                    return True
            if self._current is ticket and self._current is not None:
                self._current.abandoned = True
            return False

    def keep(self, ticket: object, at: Instant | None) -> None:
        """Wait no longer for a commit whose act happens all the same: its event follows like a record."""
        with self._news:
            entry = self._current if self._current is ticket else None
            entry = entry or next((one for one in self._waiting if one is ticket), None)
            if entry is not None:
                entry.act = None
                entry.event = replace(entry.event, at=at)

    @property
    def pending(self) -> tuple[NewEvent, ...]:
        """Return what has happened and is not journaled yet, in its order; from any thread."""
        with self._news:
            current = [] if self._current is None else [self._current]
            return tuple(entry.event for entry in (*current, *self._waiting) if entry.act is None)

    @property
    def down(self) -> bool:
        """Return whether the journal took nothing when it was last tried."""
        return self._down

    @property
    def lost(self) -> int:
        """Return how many events found no place and are not told as a gap yet."""
        return self._lost

    def stop(self, timeout: float) -> None:
        """Write what waits, for at most `timeout` seconds."""
        with self._news:
            self._stopping = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(timeout)
        left = len(self._waiting) + self._lost
        if left:
            log.warning("door events not journaled at the end", events=left)

    def _enter(self, entry: _Entry) -> None:
        with self._news:
            if len(self._waiting) >= self._ring:
                self._make_room()
            self._waiting.append(entry)
            self._news.notify()

    def _make_room(self) -> None:
        """Drop the oldest record; where commits alone wait, the oldest one is refused."""
        for entry in self._waiting:
            if entry.act is None:
                self._waiting.remove(entry)
                self._lost += 1
                return
        entry = self._waiting.popleft()
        self._tell(entry, None)

    def _run(self) -> None:
        while True:
            with self._news:
                if self._down and not self._stopping:
                    self._news.wait(RETRY)
                while not self._waiting and not self._stopping:
                    self._news.wait()
                if self._stopping and (not self._waiting or self._down):
                    return
            self.flush()

    def flush(self) -> None:
        """Write what waits until all is written or the journal refuses."""
        row: int | None = 0
        while row is not None:
            with self._news:
                if not self._waiting:
                    return
                entry = self._current = self._waiting.popleft()
            row = self._written_gap_and(entry)
            with self._news:
                self._current = None
                if row is None:
                    self._refused(entry)
                    continue
                if entry.act is not None:
                    self._tell(entry, row)
            if self._down:
                self._down = False
                log.info("door events are journaled again")

    def _written_gap_and(self, entry: _Entry) -> int | None:
        lost = self._lost
        if lost:
            if self._attempt(_Entry(NewEvent(EventType.JOURNAL_GAP, data={"lost": lost}))) is None:
                return None
            with self._news:
                self._lost -= lost
        return self._attempt(entry)

    def _attempt(self, entry: _Entry) -> int | None:
        entry.tries += 1
        foreseen = False
        row: int | None = None
        with guarded("door journal"):
            try:
                row = self._row(entry.event)
                foreseen = True
            except EdgeError as error:
                foreseen = True
                if not self._down:
                    log.warning("door events are not journaled", error=str(error), type=entry.event.type)
        if foreseen and row is None:
            entry.tries = 0
        return row

    def _row(self, event: NewEvent) -> int | None:
        """Return the row of an event, also where it takes the journal longer than it says itself."""
        try:
            return self._write(event)
        except StoreUncertainError as error:
            if not self._down:
                log.warning("door events are not journaled yet", error=str(error), type=event.type)
            self._down = True
            found = error.result()
            return None if found is None else int(found.seq)

    def _refused(self, entry: _Entry) -> None:
        """The journal takes nothing now: records wait on, and every commit that waits is refused."""
        self._down = True
        if entry.act is not None:
            self._tell(entry, None)
        elif entry.tries >= TRIES:
            self._lost += 1
        else:
            self._waiting.appendleft(entry)
        for one in [one for one in self._waiting if one.act is not None]:
            self._waiting.remove(one)
            self._tell(one, None)

    def _tell(self, entry: _Entry, row: int | None) -> None:
        assert entry.act is not None  # noqa: S101 - records have no answer
        if entry.abandoned:
            if row is not None:  # the row says unlocked, and nothing was: the log must say so as well
                door = entry.event.data.get("door")
                late = NewEvent(EventType.DOOR_LOCKED, data={"door": door, "why": "journaled too late"})
                self._waiting.appendleft(_Entry(late))
            return
        self._answer(Answer(entry, entry.act, row))
