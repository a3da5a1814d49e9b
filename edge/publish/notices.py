"""Messages that are no events: availability, state, discovery, answers. None of them may keep events back."""

from collections import Counter, deque

from edge.domain.mqtt_message import OutMessage
from edge.ports import BrokerLink

MOST_UNSENT = 256  # of more, which no healthy broker makes wait, the oldest go
STRIKES = 2  # connections that may end over a topic never tried before, until it is shunned
SHUN = 600.0  # seconds for which nothing more is published on a topic that the broker refuses


class Notices:
    """Sent one at a time over `link`.

    A broker may hang up over a message that its ACL forbids, with or without a word. So while the first
    message to a topic is on its way in a connection, nothing else is (`untried`), and a topic that was
    refused, or that connections ended over, is left alone for ten minutes.
    """

    def __init__(self, link: BrokerLink) -> None:
        self._link = link
        self._unsent: deque[OutMessage] = deque(maxlen=MOST_UNSENT)
        self._on_its_way: tuple[int, str] | None = None
        self._tried: set[str] = set()
        self._strikes: Counter[str] = Counter()
        self._shunned: dict[str, float] = {}

    @property
    def untried(self) -> bool:
        """Return whether it is not known yet that the broker takes what is on its way."""
        return self._on_its_way is not None and self._on_its_way[1] not in self._tried

    @property
    def quiet(self) -> bool:
        """Return whether there is nothing to send and nothing on its way."""
        return self._on_its_way is None and not self._unsent

    def begin(self, now: float) -> None:
        """Begin with a new connection: what the last one left unsent is out of date."""
        if self._on_its_way is not None and self.untried:
            topic = self._on_its_way[1]
            self._strikes[topic] += 1
            if self._strikes[topic] >= STRIKES:
                self._shun(topic, now)
        self._unsent.clear()
        self._tried.clear()
        self._on_its_way = None

    def add(self, message: OutMessage) -> None:
        """Have a message sent after those that wait."""
        self._unsent.append(message)

    def send(self, now: float) -> None:
        """Hand the next message over, where none is on its way. Raises BrokerError."""
        while self._unsent and self._on_its_way is None:
            message = self._unsent.popleft()
            if self._shunned.get(message.topic, now) <= now:
                self._on_its_way = (self._link.publish(message), message.topic)

    def arrived(self, token: int) -> None:
        """Note that the broker took the message with this token, if it is one of these."""
        if self._on_its_way is not None and self._on_its_way[0] == token:
            topic = self._on_its_way[1]
            self._tried.add(topic)
            del self._strikes[topic]
            self._on_its_way = None

    def refused(self, token: int, now: float) -> None:
        """Note that the broker refused the message with this token, if it is one of these."""
        if self._on_its_way is not None and self._on_its_way[0] == token:
            self._shun(self._on_its_way[1], now)
            self._on_its_way = None

    def _shun(self, topic: str, now: float) -> None:
        del self._strikes[topic]
        self._shunned = {known: until for known, until in self._shunned.items() if until > now}
        if len(self._shunned) < MOST_UNSENT:
            self._shunned[topic] = now + SHUN
