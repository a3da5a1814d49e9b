"""An alert as it leaves the terminal: a title and lines for people, an object for machines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from edge.domain.alert import Alert
from edge.domain.alert_memory import HeldBack
from edge.domain.alert_text import WORDS, Words
from edge.domain.events import EventType

HELD_BACK = "edge.alerts.held_back"
TEST = "edge.alerts.test"


@dataclass(frozen=True, slots=True)
class AlertNotice:
    """What is sent. `id` is what receivers dedupe by: the same alert has the same, however often it is sent.

    `title` and `lines` are plain text; `body` is a CloudEvents 1.0 object, with the text in its data.
    """

    id: str
    title: str
    lines: tuple[str, ...]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes notices of terminal `device` in one language; `zone` is that of the times (None: here)."""

    device: str
    language: str
    zone: tzinfo | None = None

    def alert(self, alert: Alert) -> AlertNotice:
        """Return the notice of an alert."""
        words, event = self._words, alert.event
        closed = event.type is EventType.DOOR_CLOSED
        title = words.closed if closed else words.titles[event.type]
        remedy = words.recovered if alert.over else words.remedies[event.type]
        told: dict[str, Any] = {"time": self._local(event.time), "device": self.device, **alert.facts}
        if event.person is not None:
            told["person"] = event.person
        told["id"] = event.id
        data = {"alert": str(alert.kind), "over": alert.over, **alert.facts}
        body = self._body(event.id, f"edge.{event.type}", event.time, data, (title, remedy))
        body["sequence"] = str(event.seq)
        if event.person is not None:
            body["subject"] = event.person
        return AlertNotice(event.id, title, (remedy, "", *self._facts(told)), body)

    def held_back(self, held: Mapping[str, HeldBack], journal: str) -> AlertNotice:
        """Return the summary of what was held back; `journal` is the id of the journal its numbers are of."""
        words = self._words
        count = sum(one.count for one in held.values())
        last = max(one.last_seq for one in held.values())
        name = f"{journal}:held-back:{min(one.first_seq for one in held.values())}-{last}"
        time = max(one.last_time for one in held.values())
        title = words.held_back.format(count=count)
        lines = tuple(self._held_line(key, one) for key, one in held.items())
        data = {
            "alerts": [
                {
                    "alert": str(one.kind),
                    "key": key,
                    "count": one.count,
                    "first_time": one.first_time,
                    "last_time": one.last_time,
                    "first_seq": one.first_seq,
                    "last_seq": one.last_seq,
                    "over": one.over,
                }
                for key, one in held.items()
            ]
        }
        where = self._facts({"device": self.device})
        body = self._body(name, HELD_BACK, time, data, (title, "\n".join(lines)))
        return AlertNotice(name, title, (*lines, "", *where), body)

    def test(self, name: str, time: str) -> AlertNotice:
        """Return what shows that alerts arrive; `name` is its id, `time` now in ISO 8601."""
        words = self._words
        facts = self._facts({"time": self._local(time), "device": self.device})
        body = self._body(name, TEST, time, {}, (words.test, words.test_remedy))
        return AlertNotice(name, words.test, (words.test_remedy, "", *facts), body)

    @property
    def _words(self) -> Words:
        return WORDS[self.language]

    def _body(
        self, name: str, kind: str, time: str, data: Mapping[str, Any], text: tuple[str, str]
    ) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": name,
            "source": f"edge/{self.device}",
            "type": kind,
            "time": time,
            "datacontenttype": "application/json",
            "data": {**data, "title": text[0], "text": text[1]},
        }

    def _facts(self, told: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(f"{self._words.facts[name]}: {value}" for name, value in told.items())

    def _held_line(self, key: str, one: HeldBack) -> str:
        words = self._words
        about = key.partition(":")[2]
        what = words.kinds[one.kind] + (f" ({about})" if about else "")
        return words.held_back_line.format(
            what=what,
            count=one.count,
            first=self._local(one.first_time),
            last=self._local(one.last_time),
            stands=words.over if one.over else words.standing,
        )

    def _local(self, time: str) -> str:
        return datetime.fromisoformat(time).astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S %Z").strip()
