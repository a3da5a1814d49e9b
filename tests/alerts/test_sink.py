"""The thread that delivers: tries again, gives up in the open, and ends whatever its receiver does."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.domain.alert_notice import AlertNotice
from edge.domain.events import Event, EventType
from edge.errors import AlertError, ConfigError
from edge.publish import alert_sink
from edge.publish.alert_sink import AlertSink, SinkRules
from tests.alerts.conftest import Site

HOUR = 3600.0


@dataclass
class Channel:
    """Raises what is left of `faults`, then takes everything; with `hangs` it waits to be interrupted."""

    faults: list[Exception] = field(default_factory=list)
    taken: list[AlertNotice] = field(default_factory=list)
    tries: list[float] = field(default_factory=list)
    hangs: bool = False
    interrupted: threading.Event = field(default_factory=threading.Event)

    def send(self, notice: AlertNotice) -> str:
        self.tries.append(time.monotonic())
        if self.hangs:
            self.interrupted.wait()
            self.interrupted.clear()
            raise AlertError("interrupted")
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append(notice)
        return "taken"

    def interrupt(self) -> None:
        self.interrupted.set()


Sinks = Callable[..., AlertSink]


@pytest.fixture
def sinks(site: Site) -> Iterator[Sinks]:
    made: list[AlertSink] = []

    def start(
        channel: Channel, *, give_up: float = 72 * HOUR, age: Callable[[Event], float] | None = None
    ) -> AlertSink:
        sink = AlertSink(
            queue=site.queue,
            channel=channel,
            rules=SinkRules("mail", give_up),
            clock=ClockSystem(),
            chance=lambda: 1.0,  # the shortest waits
            age=age or (lambda _event: 0.0),
        )
        site.queue()
        sink.start()
        made.append(sink)
        return sink

    yield start
    for one in made:
        one.stop()


def until(what: Callable[[], Any], patience: float = 20.0) -> None:
    deadline = time.monotonic() + patience
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_delivers_and_says_so(site: Site, sinks: Sinks) -> None:
    channel = Channel()
    sink = sinks(channel)
    site.happen(EventType.DOOR_FORCED, door="a")
    site.happen(EventType.DOOR_TAMPERED, door="a")
    until(lambda: len(channel.taken) == 2)
    until(lambda: sink.health()["acknowledged"] == 2)
    assert sink.health() == {
        "running": True,
        "problem": None,
        "last": "taken",
        "oldest_age": None,
        "retry_in": 0.0,
        "acknowledged": 2,
        "delivered": 2,
        "held_back": 0,
        "given_up": 0,
    }


def test_what_fails_is_tried_again_later_and_later_in_order(site: Site, sinks: Sinks) -> None:
    channel = Channel(faults=[AlertError("no 1"), ConfigError(["no 2"]), RuntimeError("planted")])
    sink = sinks(channel)
    site.happen(EventType.DOOR_FORCED)
    site.happen(EventType.DOOR_TAMPERED)
    until(lambda: sink.health()["problem"] == "no 1")
    assert sink.health()["oldest_age"] == 0.0
    until(lambda: len(channel.taken) == 2)
    assert [notice.body["type"] for notice in channel.taken] == ["edge.door.forced", "edge.door.tampered"]
    waits = [after - before for before, after in zip(channel.tries, channel.tries[1:], strict=False)]
    assert waits[0] < waits[1] < waits[2]
    assert waits[3] < waits[0]
    until(lambda: sink.health()["problem"] is None)


def test_it_waits_as_long_as_the_receiver_asks(site: Site, sinks: Sinks) -> None:
    channel = Channel(faults=[AlertError("busy", wait=120.0)])
    sink = sinks(channel)
    site.happen(EventType.DOOR_FORCED)
    until(lambda: sink.health()["problem"])
    assert 110 < sink.health()["retry_in"] <= 120


@pytest.mark.parametrize(("asked", "waits"), [(1e9, 3600), (0.0, 1)])
def test_but_not_for_ever_and_not_never(site: Site, sinks: Sinks, asked: float, waits: float) -> None:
    channel = Channel(faults=[AlertError("busy", wait=asked)])
    sink = sinks(channel)
    site.happen(EventType.DOOR_FORCED)
    until(lambda: sink.health()["problem"])
    assert 0 <= sink.health()["retry_in"] <= waits


def test_an_old_alert_that_fails_is_given_up_in_the_open(site: Site, sinks: Sinks) -> None:
    channel = Channel(faults=[AlertError("no answer")])
    sink = sinks(channel, age=lambda event: 73 * HOUR if event.type is EventType.DOOR_FORCED else 0.0)
    site.happen(EventType.DOOR_FORCED)
    site.happen(EventType.DOOR_TAMPERED)
    until(lambda: len(channel.taken) == 1)
    assert channel.taken[0].body["type"] == "edge.door.tampered"
    assert sink.health()["given_up"] == 1
    [event] = site.store.journal.events(type=EventType.ALERT_GIVEN_UP)
    assert event.data["line"] == "no answer"


def test_an_old_alert_is_tried_before_it_is_given_up(site: Site, sinks: Sinks) -> None:
    channel = Channel()
    sinks(channel, age=lambda _event: 1000 * HOUR)
    site.happen(EventType.DOOR_FORCED)
    until(lambda: len(channel.taken) == 1)


def test_one_that_the_receiver_will_not_have_holds_up_others_for_a_while_only(
    site: Site, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_sink, "UNFIT", 0.3)
    channel = Channel(faults=[AlertError("422", unfit=True)] * 2)
    sinks(channel)
    site.happen(EventType.DOOR_FORCED)
    site.happen(EventType.DOOR_TAMPERED)
    until(lambda: len(channel.taken) == 1)
    assert channel.taken[0].body["type"] == "edge.door.tampered"
    assert len(channel.tries) == 3


def test_a_delivery_that_takes_too_long_is_interrupted(
    site: Site, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_sink, "PATIENCE", 0.1)
    channel = Channel(hangs=True)
    sink = sinks(channel)
    site.happen(EventType.DOOR_FORCED)
    until(lambda: sink.health()["problem"] == "interrupted")
    channel.hangs = False
    until(lambda: len(channel.taken) == 1)


def test_it_ends_in_the_middle_of_a_delivery_and_delivers_after_the_next_start(
    site: Site, sinks: Sinks
) -> None:
    channel = Channel(hangs=True)
    sink = sinks(channel)
    site.happen(EventType.DOOR_FORCED)
    until(lambda: channel.tries)
    assert sink.stop()
    assert sink.stop()
    assert site.store.journal.cursor("mail") == 0
    other = Channel()
    sinks(other)
    until(lambda: len(other.taken) == 1)


def test_a_channel_that_cannot_be_interrupted_does_not_keep_it_from_ending(site: Site, sinks: Sinks) -> None:
    class Stuck(Channel):
        def interrupt(self) -> None:
            raise RuntimeError("planted")

    channel = Stuck(hangs=True)
    sink = sinks(channel)
    site.happen(EventType.DOOR_FORCED)
    until(lambda: channel.tries)
    assert not sink.stop()
    channel.interrupted.set()


def test_a_journal_that_cannot_be_read_is_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_sink, "STUCK", 0.05)
    channel = Channel()
    site.happen(EventType.SYSTEM_STARTED)
    site.store.close()
    broken = AlertSink(
        queue=site.queue,
        channel=channel,
        rules=SinkRules("mail", 1.0),
        clock=ClockSystem(),
        chance=lambda: 1.0,
        age=lambda _event: 0.0,
    )
    broken.start()
    until(lambda: "closed" in (broken.health()["problem"] or ""))
    site.open()
    until(lambda: broken.health()["acknowledged"] == 1)
    site.happen(EventType.DOOR_FORCED)
    until(lambda: len(channel.taken) == 1)
    broken.stop()
