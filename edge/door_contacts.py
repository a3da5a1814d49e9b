"""The contacts of a door, wherever they are read: by one thread, debounced, told by what they mean."""

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from edge.domain.debounce import Debounced, sample, settles
from edge.domain.door_input import Input
from edge.domain.door_signal import Signal, meaning
from edge.errors import DeviceError
from edge.guard import guarded, start_thread

log = structlog.get_logger("edge.inputs")

POLL = 0.01  # s between looks where nothing wakes the thread
BESIDE_EDGES = 0.1  # s between looks where changes wake it: one that was lost delays the exit button, no more
LEAVE = 2.0  # s for the thread to end


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact: `name` is where it is wired; `active` reads it and raises DeviceError where it cannot.

    A level counts once it was the same for `settle` seconds.
    """

    signal: Signal
    name: str
    active: Callable[[], bool]
    settle: float = 0.03


class Contacts:
    """Reads contacts and hands what changes mean to `tell`, from one thread of its own.

    `clock` gives monotonic seconds. The thread looks every `poll` seconds, and whenever it is woken. The
    levels found first are told as well, but for the exit button's. What `tell` does not take, by False or an
    error, is told again at the next look.
    """

    def __init__(
        self,
        contacts: Sequence[Contact],
        *,
        tell: Callable[[Input], object],
        clock: Callable[[], float],
        poll: float = POLL,
    ) -> None:
        self._followed = [_Followed(contact) for contact in contacts]
        self._tell = tell
        self._clock = clock
        self._poll = poll
        self._changed = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = start_thread("door inputs", self._run)

    def wake(self) -> None:
        """Look soon: something has changed; from any thread."""
        self._changed.set()

    def look(self) -> float:
        """Read every contact once and tell what has changed; return the seconds until the next look."""
        now = self._clock()
        due = now + self._poll
        for contact in self._followed:
            with guarded("door inputs"):
                contact.look(now)
                if contact.untold is not None and self._tell(contact.untold) is not False:
                    contact.untold = None
            due = min(due, contact.due)
        return max(0.0, due - now)

    def stop(self) -> None:
        """End the thread; may be called twice."""
        self._stopping = True
        self._changed.set()
        if self._thread is not None:
            self._thread.join(LEAVE)

    @property
    def silent(self) -> tuple[Signal, ...]:
        """Return the contacts that do not answer; from any thread."""
        return tuple(contact.signal for contact in self._followed if contact.failing)

    def _run(self) -> None:
        while not self._stopping:
            pause = self._poll
            with guarded("door inputs"):
                pause = self.look()
            self._changed.wait(pause)
            self._changed.clear()


class _Followed:
    """One contact, and the level that counts."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._seen = Debounced()
        self.failing = False
        self.untold: Input | None = None

    @property
    def signal(self) -> Signal:
        return self._contact.signal

    @property
    def due(self) -> float:
        """Return the monotonic second at which a level that was seen counts, infinity where none waits."""
        at = settles(self._seen, self._contact.settle)
        return math.inf if at is None else at

    def look(self, now: float) -> None:
        """Read the contact; what a change means is to be told."""
        active = self._read()
        if active is None:
            return
        first = self._seen.level is None
        self._seen, changed = sample(self._seen, active, now, self._contact.settle)
        if changed:
            self.untold = meaning(self._contact.signal, active=active, first=first) or self.untold

    def _read(self) -> bool | None:
        """Return whether the contact is active, None where it does not answer, which is said once."""
        where = {"contact": str(self._contact.signal), "where": self._contact.name}
        try:
            active = self._contact.active()
        except DeviceError as error:
            if not self.failing:
                self.failing = True
                log.error("input does not answer", error=str(error), **where)  # noqa: TRY400 - one line
            return None
        if self.failing:
            self.failing = False
            log.info("input answers again", **where)
        return active
