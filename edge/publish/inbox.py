"""What is addressed to the terminal, taken on a thread of its own: no command keeps events waiting."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from edge.domain.command import MAX_BODY
from edge.domain.mqtt_message import Arrived, OutMessage
from edge.guard import start_thread
from edge.job_queue import JobQueue

if TYPE_CHECKING:
    import threading

MOST = 1000  # messages that may wait; of more, the newest are counted and dropped
MOST_ANSWERS = 256  # of more, which no healthy broker makes wait, the oldest go
LONGEST_TOPIC = 256  # characters kept of a topic; no topic of ours is as long
LONGEST_CORRELATION = 1024  # bytes; whoever sends more gets no answer of their own
LAST = 1.0  # seconds that an end waits for the command in hand

Receive = Callable[[Arrived], Sequence[OutMessage]]


class Inbox:
    """`receive` does what a message says and returns the answers; it may take its time."""

    def __init__(self, receive: Receive, clock: Callable[[], float]) -> None:
        self._receive = receive
        self._jobs = JobQueue("mqtt inbox", MOST, clock)
        self._answers: deque[OutMessage] = deque(maxlen=MOST_ANSWERS)
        self._thread: threading.Thread | None = None
        self._wake: Callable[[], None] = lambda: None
        self.dropped = 0

    def start(self, wake: Callable[[], None]) -> None:
        """Begin; `wake` is called where there are answers. Returns at once."""
        self._wake = wake
        self._thread = start_thread("mqtt inbox", self._jobs.work)

    def end(self) -> None:
        """Finish what is in hand, as far as that takes no longer than a second."""
        thread, self._thread = self._thread, None
        if thread is not None and self._jobs.end():
            thread.join(LAST)

    def post(self, message: Arrived) -> None:
        """Take a message without waiting; what finds no room is counted."""
        short = _bounded(message)
        if not self._jobs.post(lambda: self._take(short)):
            self.dropped += 1

    def answers(self) -> Sequence[OutMessage]:
        """Return the answers there are, and forget them."""
        found = []
        while self._answers:
            found.append(self._answers.popleft())
        return found

    def _take(self, message: Arrived) -> None:
        answers = self._receive(message)
        if answers:
            self._answers.extend(answers)
            self._wake()


def _bounded(message: Arrived) -> Arrived:
    """Return a message cut to what is needed to refuse it, so that a thousand of them fit in memory."""
    response, correlation = message.response_topic, message.correlation
    if len(response or "") > LONGEST_TOPIC or len(correlation or b"") > LONGEST_CORRELATION:
        response = correlation = None
    return replace(
        message,
        topic=message.topic[:LONGEST_TOPIC],
        payload=message.payload[: MAX_BODY + 1],
        response_topic=response,
        correlation=correlation,
    )
