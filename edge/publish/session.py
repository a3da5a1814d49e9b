"""One connection, from the first message to the last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from edge.domain.events import Event
from edge.domain.mqtt_message import Arrived, Delivered, Denied, Happening, LinkFacts, OutMessage, Refused
from edge.domain.mqtt_topics import OFFLINE, ONLINE, Topics
from edge.errors import BrokerError, StoreError
from edge.ports import BrokerLink
from edge.publish.documents import Documents, json_bytes
from edge.publish.inbox import Inbox
from edge.publish.lane import Lane
from edge.publish.notices import Notices

log = structlog.get_logger("edge.publish")

CLOUD_EVENT = "application/cloudevents+json; charset=utf-8"  # CloudEvents' MQTT binding, §3.2
LOOK = 0.2  # seconds between two looks for new events: not all who journal announce it
HELD_UP = 1.0  # seconds after which a journal that cannot be read is looked at again


@dataclass(frozen=True, slots=True)
class SessionRules:
    """What a session keeps to.

    `ack_timeout` seconds an event may wait for its acknowledgement before the connection counts as dead,
    however alive it looks; `filters` are the topics subscribed to.
    """

    topics: Topics
    ack_timeout: float
    filters: Sequence[str] = ()


class Session:
    """Feeds a link that is open; `lanes` by precedence. Everything raises BrokerError where it ends."""

    def __init__(
        self,
        *,
        link: BrokerLink,
        facts: LinkFacts,
        lanes: Sequence[Lane],
        documents: Documents,
        notices: Notices,
        inbox: Inbox,
        rules: SessionRules,
        clock: Callable[[], float],
    ) -> None:
        self._link = link
        self.lanes = lanes
        self._documents = documents
        self._inbox = inbox
        self._rules = rules
        self._clock = clock
        self._look_due = 0.0
        self._trusted = False
        self._events_window = max(1, facts.window - 1)  # one place is for a notice
        self._warned: set[str] = set()
        self._notices = notices

    def begin(self) -> None:
        """Say that we are there, and ask for what is addressed to us."""
        self._documents.begin()
        self._notices.begin(self._clock())
        topic = self._rules.topics.availability
        self._notices.add(OutMessage(topic, ONLINE.encode(), retain=True, content_type="text/plain"))
        if self._rules.filters:
            self._link.subscribe(self._rules.filters)

    def turn(self, *, news: bool) -> None:
        """Hand over what there is, and take what comes, waiting a moment where there is nothing."""
        for message in self._documents.due(self._clock()):
            self._notices.add(message)
        self._take_answers()
        self._notices.send(self._clock())
        self._feed(news=news)
        self.listen(LOOK if not self._room() else min(LOOK, max(0.0, self._look_due - self._clock())))
        self._check_acknowledgements(self._clock())

    def listen(self, timeout: float) -> None:
        """Take what comes within `timeout` seconds; ends at the first news."""
        self._notices.send(self._clock())
        for happened in self._link.turn(timeout):
            self._handle(happened)

    def end(self) -> None:
        """Give the last answers, and say that we go."""
        self._take_answers()
        topic = self._rules.topics.availability
        self._notices.add(OutMessage(topic, OFFLINE.encode(), retain=True, content_type="text/plain"))

    @property
    def quiet(self) -> bool:
        """Return whether nothing, events aside, waits for an acknowledgement."""
        return self._notices.quiet

    def _room(self) -> int:
        """Return how many more events may be handed over.

        It is one until the first has arrived: a broker that refuses it may hang up as well, and what it said
        is lost where more was being written by then. For the same reason it is none while that may befall
        something else.
        """
        if self._notices.untried:
            return 0
        events = sum(len(lane.flight) for lane in self.lanes)
        return max(0, (self._events_window if self._trusted else 1) - events)

    def _feed(self, *, news: bool) -> None:
        """Hand over further events, as many as the window has room for."""
        now = self._clock()
        if not self._room() or not (news or now >= self._look_due):
            return
        self._look_due = now + LOOK
        for lane in self.lanes:
            try:
                self._send(lane, lane.next(self._room()), now)
            except StoreError as error:
                self._warn(f"journal cannot be read: {error}")
                self._look_due = now + HELD_UP
        if not self._room():
            self._look_due = now  # there may be more, as soon as acknowledgements make room

    def _send(self, lane: Lane, events: Sequence[Event], now: float) -> None:
        topics = self._rules.topics
        for event in events:
            payload = json_bytes(event.published(topics.device))
            token = self._link.publish(
                OutMessage(topics.event(event.type), payload, content_type=CLOUD_EVENT)
            )
            lane.flight.send(token, event.seq, now)

    def _handle(self, happened: Happening) -> None:
        match happened:
            case Delivered(token):
                if any(lane.flight.arrive(token) for lane in self.lanes):
                    self._trusted = True
                self._notices.arrived(token)
            case Refused(token, line):
                self._notices.refused(token, self._clock())
                if any(lane.flight.seq_of(token) is not None for lane in self.lanes):
                    raise RefusedError(line)
                self._warn(line)
            case Denied(line):
                self._warn(line)
            case Arrived():
                self._receive(happened)

    def _receive(self, message: Arrived) -> None:
        if message.topic == self._rules.topics.birth:
            if message.payload.strip() == ONLINE.encode():
                self._documents.begin()
            return
        self._inbox.post(message)

    def _take_answers(self) -> None:
        for answer in self._inbox.answers():
            self._notices.add(answer)

    def _check_acknowledgements(self, now: float) -> None:
        for lane in self.lanes:
            oldest = lane.flight.oldest()
            if oldest is not None and now - oldest > self._rules.ack_timeout:
                raise BrokerError(
                    f"the broker acknowledged nothing for {self._rules.ack_timeout:g} s; connecting anew"
                )

    def _warn(self, line: str) -> None:
        if line not in self._warned and len(self._warned) < 100:  # noqa: PLR2004 - a bound, no setting
            self._warned.add(line)
            log.warning("broker", problem=line)


class RefusedError(BrokerError):
    """The broker refused an event: whatever is sent after it would come before it."""
