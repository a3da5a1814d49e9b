"""Brings the journal to a broker: at least once, first deliveries in order, whatever the network does."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from edge.domain.events import Event
from edge.domain.mqtt_message import LinkFacts
from edge.domain.reconnect import Reconnect
from edge.errors import ConflictError, EdgeError, StoreError
from edge.guard import guarded, start_thread
from edge.ports import BrokerLink, Outbox
from edge.publish.documents import Documents
from edge.publish.inbox import Inbox
from edge.publish.lane import KeptLane, LiveLane, ReplayLane
from edge.publish.notices import Notices
from edge.publish.session import RefusedError, Session, SessionRules

log = structlog.get_logger("edge.publish")

LAST_EVENTS = 1.0  # seconds that stopping waits for acknowledgements of the last events
LAST_WORD = 0.5  # seconds after that for the broker to take our goodbye
JOIN = 2.5  # seconds that stopping waits for the thread, which may hang in a name server
PROVEN = 10.0  # seconds after which a connection with nothing to deliver counts as good

Age = Callable[[Event], float]


@dataclass(frozen=True, slots=True)
class PublisherRules:
    """`sink` is the name of the cursor; `session` what each connection keeps to."""

    sink: str
    session: SessionRules


class Publisher:
    """Publishes on a thread of its own between `start` and `stop`; nobody waits for it.

    `clock` gives monotonic seconds, `chance` a number from 0 to 1 for the jitter, `age` how many seconds ago
    an event happened, `more` what else belongs into the health.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        link: BrokerLink,
        documents: Documents,
        inbox: Inbox,
        rules: PublisherRules,
        clock: Callable[[], float],
        chance: Callable[[], float],
        age: Age,
        more: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._outbox = outbox
        self._link = link
        self._documents = documents
        self._notices = Notices(link)
        self._inbox = inbox
        self._rules = rules
        self._clock = clock
        self._chance = chance
        self._age = age
        self._more = more
        self._reconnect = Reconnect()
        self._news = threading.Event()
        self._stopping: float | None = None
        self._thread: threading.Thread | None = None
        self._live: LiveLane | None = None
        self._replay: ReplayLane | None = None
        self._refused_at = 0
        self._connections = 0
        self._line = ""
        self._facts: LinkFacts | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._inbox.start(self._link.wake)
        self._thread = start_thread("mqtt", self._run)

    def announce(self) -> None:
        """Tell that there is something new; from any thread, never waits."""
        self._news.set()
        self._link.wake()

    def stop(self) -> bool:
        """Deliver what is there within a second, say goodbye and end; return whether the thread ended.

        Takes 2.5 s at most, also where broker, network or name server do not answer.
        """
        thread, self._thread = self._thread, None
        if thread is None:
            return True
        self._inbox.end()
        self._stopping = self._clock() + LAST_EVENTS
        self.announce()
        thread.join(JOIN)
        return not thread.is_alive()

    def replay(self, first: int, last: int | None = None) -> tuple[int, int]:
        """Deliver the events from `first` to `last` (None: the newest) again; return that range.

        New events go first. The wish is durable: after a restart it goes on. From any thread. Raises
        ConflictError where one is still going on, or where there is nothing in the range, and StoreError.
        """
        upto = min(last if last is not None else self._outbox.last_seq(), self._outbox.last_seq())
        if first < 1 or upto < first:
            raise ConflictError(f"replay: there are no events from {first} to {upto}")
        if self._replay is not None or self._outbox.memory(self._replay_sink):
            raise ConflictError("replay: another one is still going on")
        self._replay = ReplayLane.begin(self._outbox, self._replay_sink, first, upto)
        self.announce()
        return first, upto

    def health(self) -> dict[str, Any]:
        """Return how things stand, as JSON; from any thread.

        `oldest_age` is the age in seconds of the oldest event that the broker has not acknowledged, None
        where there is none: that, and not whether there is a connection, says if events arrive.
        """
        live, facts = self._live, self._facts
        return {
            "contact": self._reconnect.contact.value,
            "protocol": facts.protocol if facts else None,
            "problem": self._line or None,
            "retry_in": round(self._reconnect.wait(self._clock()), 1),
            **self._backlog(live),
            "connections": self._connections,
            "replaying": self._replay is not None,
            **self._more(),
            "running": self._thread is not None and self._thread.is_alive(),
        }

    def _backlog(self, live: LiveLane | None) -> dict[str, Any]:
        try:
            acknowledged = live.flight.acknowledged if live else self._outbox.cursor(self._rules.sink)
            oldest = self._outbox.events(since_seq=acknowledged, limit=1)
            waiting = self._outbox.last_seq() - acknowledged if oldest else 0
        except StoreError as error:
            return {"journal": str(error)}
        return {
            "acknowledged": acknowledged,
            "waiting": waiting,
            "oldest_age": round(self._age(oldest[0]), 3) if oldest else None,
        }

    def _run(self) -> None:
        while self._stopping is None:
            wait = self._reconnect.wait(self._clock())
            if wait > 0:
                self._news.wait(wait)  # a stop sets it too; news while there is no broker only wakes
                self._news.clear()
                continue
            with guarded("mqtt", self._broken):
                self._connect()

    def _broken(self, error: BaseException) -> None:
        self._ended(f"unexpected {type(error).__name__}: {error}")

    def _connect(self) -> None:
        self._reconnect.trying()
        try:
            if self._live is None:
                self._replay = self._replay or ReplayLane.resume(self._outbox, self._replay_sink)
                self._live = LiveLane(self._outbox, self._rules.sink)
            self._facts = self._link.open(lambda: self._stopping is not None)
            self._reconnect.connected()
            self._connections += 1
            self._serve(self._live, self._facts)
        except RefusedError as error:
            if self._live is not None:
                self._refused_at = max(self._refused_at, self._live.flight.acknowledged)
            self._ended(str(error))
        except EdgeError as error:
            self._ended(str(error))
        finally:
            with guarded("mqtt close"):
                self._link.close()
            for lane in self._lanes():
                lane.forget()
                self._save(lane, at_once=True)

    def _serve(self, live: LiveLane, facts: LinkFacts) -> None:
        self._news.clear()
        session = self._session(facts)
        session.begin()
        since, before = self._clock(), live.flight.acknowledged
        proven = False
        while self._stopping is None or self._undelivered(live):
            session.lanes = self._lanes()
            news = self._news.is_set()
            self._news.clear()
            session.turn(news=news)
            for lane in session.lanes:
                self._save(lane)
            self._end_replay()
            if not proven and self._proves(live, since, before):
                proven = True
                self._proved(facts)
        self._say_goodbye(session, 0.0 if self._is_deaf(live) else LAST_WORD)

    def _session(self, facts: LinkFacts) -> Session:
        return Session(
            link=self._link,
            facts=facts,
            lanes=self._lanes(),
            documents=self._documents,
            notices=self._notices,
            inbox=self._inbox,
            rules=self._rules.session,
            clock=self._clock,
        )

    @property
    def _replay_sink(self) -> str:
        return f"{self._rules.sink}-replay"

    def _lanes(self) -> Sequence[KeptLane]:
        return [lane for lane in (self._live, self._replay) if lane is not None]

    def _end_replay(self) -> None:
        replay = self._replay
        if replay is not None and replay.done:
            try:
                replay.finish()
            except StoreError as error:
                log.warning("the end of a replay cannot be written", error=str(error))
                return
            self._replay = None

    def _proves(self, live: LiveLane, since: float, before: int) -> bool:
        """Return whether a connection that began at `since`, and behind event `before`, delivers.

        It does once an event past any refused one arrived, or where it lasts with nothing to deliver.
        """
        if live.flight.acknowledged > max(self._refused_at, before):
            return True
        return not live.flight and self._clock() - since > PROVEN

    def _proved(self, facts: LinkFacts) -> None:
        self._reconnect.proved()
        if self._line:
            log.info("broker is back", protocol=facts.protocol)
        self._line = ""

    def _undelivered(self, live: LiveLane) -> bool:
        """Return whether stopping may still wait for events."""
        if self._stopping is None or self._clock() >= self._stopping or self._is_deaf(live):
            return False
        try:
            return live.flight.acknowledged < self._outbox.last_seq()
        except StoreError:
            return False

    def _is_deaf(self, live: LiveLane) -> bool:
        """Return whether the broker acknowledges nothing, so that waiting for it at the end is in vain."""
        oldest = live.flight.oldest()
        return oldest is not None and self._clock() - oldest > LAST_EVENTS

    def _say_goodbye(self, session: Session, patience: float) -> None:
        session.end()
        until = self._clock() + patience
        while not session.quiet and (now := self._clock()) < until:
            session.listen(until - now)

    def _save(self, lane: KeptLane, *, at_once: bool = False) -> None:
        try:
            lane.save(self._clock(), at_once=at_once)
        except StoreError as error:
            log.warning("cursor cannot be written, events may arrive twice", error=str(error))

    def _ended(self, line: str) -> None:
        delay = self._reconnect.ended(self._clock(), self._chance())
        self._facts = None
        if self._stopping is not None:
            return
        say = log.debug if line == self._line else log.warning
        say("broker lost", problem=line, retry_in=round(delay, 1))
        self._line = line
