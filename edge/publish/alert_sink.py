"""Brings alerts to one receiver: at least once, in order, from the journal, whatever the network does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from edge.domain.events import Event
from edge.domain.reconnect import Reconnect
from edge.errors import AlertError, ConfigError, StoreError
from edge.guard import guarded, start_thread
from edge.ports import AlertChannel, Clock
from edge.publish.alert_queue import AlertQueue, Pending

log = structlog.get_logger("edge.publish.alerts")

LOOK = 1.0  # seconds between two looks into the journal
STUCK = 5.0  # seconds after which a journal that cannot be used is tried again
LONGEST_WAIT = 300.0  # seconds between two tries, unless the receiver asks for more, up to
LONGEST_ASKED = 3600.0
PATIENCE = 30.0  # seconds for one delivery as a whole, however slowly the receiver speaks
UNFIT = 3600.0  # seconds for which an alert is tried again that the receiver itself will not have
JOIN = 2.0  # seconds that stopping waits for the thread, which may hang in a name server

Age = Callable[[Event], float]


@dataclass(frozen=True, slots=True)
class SinkRules:
    """`name` is that of the sink; alerts older than `give_up` seconds are given up when they fail."""

    name: str
    give_up: float


class AlertSink:
    """Delivers on a thread of its own between `start` and `stop`; nobody waits for it.

    `queue` is called on that thread, `age` tells how many seconds ago an event happened, `chance` gives a
    number from 0 to 1 for the jitter.
    """

    def __init__(
        self,
        *,
        queue: Callable[[], AlertQueue],
        channel: AlertChannel,
        rules: SinkRules,
        clock: Clock,
        chance: Callable[[], float],
        age: Age,
    ) -> None:
        self._make_queue = queue
        self._channel = channel
        self._rules = rules
        self._clock = clock
        self._chance = chance
        self._age = age
        self._reconnect = Reconnect(longest=LONGEST_WAIT)
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._queue: AlertQueue | None = None
        self._waiting: Event | None = None
        self._tried: float | None = None  # when what is pending was tried first
        self._line = self._last = ""
        self._delivered = self._given_up = 0
        self._pause = self._asked = 0.0

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread = start_thread(f"alerts {self._rules.name}", self._run)

    def ask_to_stop(self) -> None:
        """Have it end soon, also in the middle of a delivery; returns at once."""
        if not self._over.is_set():
            self._asked = self._clock.monotonic()
            self._over.set()
            self._interrupt()

    def stop(self) -> bool:
        """End within two seconds of the first word of it; return whether the thread ended.

        What was not delivered is after the next start.
        """
        self.ask_to_stop()
        thread, self._thread = self._thread, None
        if thread is None:
            return True
        thread.join(max(0.0, self._asked + JOIN - self._clock.monotonic()))
        return not thread.is_alive()

    def health(self) -> dict[str, Any]:
        """Return how things stand, as JSON; from any thread.

        `oldest_age` is the age in seconds of the alert that is being tried, None where none is.
        """
        waiting, queue = self._waiting, self._queue
        return {
            "running": self._thread is not None and self._thread.is_alive(),
            "problem": self._line or None,
            "last": self._last or None,
            "oldest_age": None if waiting is None else round(self._age(waiting), 3),
            "retry_in": round(self._reconnect.wait(self._clock.monotonic()), 1),
            "acknowledged": None if queue is None else queue.seq,
            "delivered": self._delivered,
            "held_back": 0 if queue is None else queue.held_back,
            "given_up": self._given_up,
        }

    def _run(self) -> None:
        name = f"alerts {self._rules.name}"
        while not self._over.wait(self._pause):
            with guarded(name, self._broken):
                self._pause = self._turn()
        if self._queue is not None:
            with guarded(name):
                self._close(self._queue)

    def _turn(self) -> float:
        """Deliver one notice where one is due; return the seconds until the next turn."""
        try:
            queue = self._queue = self._queue or self._make_queue()
            pending = queue.next()
            if pending is None:
                self._waiting = self._tried = None
                return LOOK
            self._waiting = pending.event
            self._tried = self._clock.monotonic() if self._tried is None else self._tried
            return self._deliver(queue, pending)
        except StoreError as error:
            self._say(f"journal: {error}", STUCK)
            return STUCK

    def _deliver(self, queue: AlertQueue, pending: Pending) -> float:
        try:
            with self._bounded():
                self._last = self._channel.send(pending.notice)
        except AlertError as error:
            return self._failed(queue, error)
        except ConfigError as error:
            return self._failed(queue, AlertError(str(error)))
        self._reconnect.connected()
        self._reconnect.proved()
        if self._line:
            log.info("alerts arrive again", sink=self._rules.name)
        self._line, self._tried = "", None
        self._delivered += 1
        queue.done()
        return 0.0

    def _broken(self, error: BaseException) -> None:
        self._pause = STUCK
        line = f"unexpected {type(error).__name__}: {error}"
        if self._queue is not None:
            self._pause = self._failed(self._queue, AlertError(line))

    def _failed(self, queue: AlertQueue, error: AlertError) -> float:
        """Return the seconds to wait; what has been tried for too long is given up."""
        if self._over.is_set():
            return 0.0
        now = self._clock.monotonic()
        delay = self._reconnect.ended(now, self._chance())
        if error.wait is not None:
            delay = max(delay, min(error.wait, LONGEST_ASKED))
            self._reconnect.due = now + delay
        self._say(str(error), delay)
        if self._hopeless(now, unfit=error.unfit):
            queue.give_up(str(error))
            log.error("alert given up", sink=self._rules.name, problem=str(error))
            self._given_up += 1
            self._tried = None
        return delay

    def _hopeless(self, now: float, *, unfit: bool) -> bool:
        tried = 0.0 if self._tried is None else now - self._tried
        age = tried if self._waiting is None else self._age(self._waiting)
        return age > self._rules.give_up or (unfit and tried > UNFIT)

    def _close(self, queue: AlertQueue) -> None:
        try:
            queue.close()
        except StoreError as error:
            log.warning("cursor cannot be written, alerts may arrive twice", error=str(error))

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Interrupt a delivery that takes too long as a whole: each of its steps has a shorter limit."""
        timer = threading.Timer(PATIENCE, self._interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _interrupt(self) -> None:
        with guarded(f"alerts {self._rules.name} interrupt"):
            self._channel.interrupt()

    def _say(self, line: str, delay: float) -> None:
        say = log.debug if line == self._line else log.warning
        say("alerts cannot be delivered", sink=self._rules.name, problem=line, retry_in=round(delay, 1))
        self._line = line
