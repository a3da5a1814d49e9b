"""The retained documents of a terminal: published when they change, from time to time, and on demand."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from edge.domain.mqtt_message import OutMessage
from edge.guard import guarded

LOOK_EVERY = 1.0  # seconds between two looks at the terminal's health
AGAIN_EVERY = 60.0  # seconds after which an unchanged state is published again, with its new time

Document = Callable[[], Mapping[str, Any]]


class Documents:
    """`state` is asked for the health, `fixed` are published once per connection and when asked for anew.

    What is in `volatile` does not count as a change of the state by itself.
    """

    def __init__(
        self,
        *,
        state_topic: str,
        state: Document,
        fixed: Mapping[str, Document],
        volatile: frozenset[str] = frozenset({"time", "uptime"}),
    ) -> None:
        self._state_topic = state_topic
        self._state = state
        self._fixed = fixed
        self._volatile = volatile
        self.begin()

    def begin(self) -> None:
        """Have everything published anew."""
        self._fixed_due = True
        self._look_due = 0.0
        self._again_due = 0.0
        self._last: dict[str, Any] | None = None

    def due(self, now: float) -> Iterator[OutMessage]:
        """Give what is to be published now."""
        if self._fixed_due:
            self._fixed_due = False
            for topic, document in self._fixed.items():
                if (found := _ask(topic, document)) is not None:
                    yield retained(topic, found)
        if now < self._look_due:
            return
        self._look_due = now + LOOK_EVERY
        state = _ask(self._state_topic, self._state)
        if state is None:
            self._look_due = now + AGAIN_EVERY
            return
        kept = {key: value for key, value in state.items() if key not in self._volatile}
        if kept != self._last or now >= self._again_due:
            self._last = kept
            self._again_due = now + AGAIN_EVERY
            yield retained(self._state_topic, state)


def _ask(topic: str, document: Document) -> dict[str, Any] | None:
    """Return a document, None where it cannot be had: that must not keep events from arriving."""
    with guarded(f"document of {topic}"):
        return dict(document())
    return None


def retained(topic: str, document: Mapping[str, Any]) -> OutMessage:
    """Return a retained message with a JSON document."""
    return OutMessage(topic, json_bytes(document), retain=True)


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """Return compact JSON in UTF-8; a lone surrogate becomes its JSON escape."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="backslashreplace")
