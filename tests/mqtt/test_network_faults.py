"""A broker that stops, and callbacks that fail."""

import math
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from edge.adapters.publisher_mqtt import MqttLink
from edge.domain.mqtt_message import LinkFacts
from tests.mqtt.broker import Broker
from tests.mqtt.conftest import Recorders, Terminal

KEEPALIVE = 2  # seconds, what Terminal.config writes


@dataclass
class Try:
    """One attempt to connect."""

    begun: float
    ended: float = math.inf
    good: bool = False


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[Try]:
    """Return the attempts to connect, as they are made."""
    made: list[Try] = []
    real = MqttLink.open

    def noted(link: MqttLink, give_up: Callable[[], bool]) -> LinkFacts:
        one = Try(time.monotonic())
        made.append(one)
        try:
            facts = real(link, give_up)
            one.good = True
            return facts
        finally:
            one.ended = time.monotonic()

    monkeypatch.setattr(MqttLink, "open", noted)
    return made


def test_a_stopped_broker_is_noticed_and_events_go_on_with_the_first_try_after_it_continues(
    broker: Broker, recorder: Recorders, terminal: Terminal, tries: list[Try]
) -> None:
    heard = recorder(broker.port)
    terminal.happen(10)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    heard.wait(lambda: len(heard.events()) >= 10)
    broker.signal(signal.SIGSTOP)
    terminal.happen(10)
    time.sleep(3 * KEEPALIVE + 1)
    health = publisher.health()
    assert health["contact"] != "connected"
    assert health["waiting"] == 10
    assert health["oldest_age"] >= 3 * KEEPALIVE
    assert health["problem"]
    assert len(tries) > 1
    broker.signal(signal.SIGCONT)
    continued = time.monotonic()
    heard.wait(lambda: publisher.health()["waiting"] == 0, 30)
    heard.wait(lambda: len(heard.first_deliveries()) == 20, 30)
    assert heard.first_deliveries() == list(range(1, 21))
    # Within one back-off period: a try that was going on went through, or else the next one did.
    after = [one for one in tries if one.ended > continued]
    failed = [one for one in after if not one.good]
    assert [one.good for one in after][-1]
    assert len(failed) <= sum(one.begun < continued for one in after)
    assert publisher.health()["problem"] is None


def test_a_stopped_broker_is_noticed_with_nothing_to_deliver(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    heard.wait(lambda: heard.of("edge/gate-1/state"))
    broker.signal(signal.SIGSTOP)
    heard.wait(lambda: publisher.health()["contact"] != "connected", 3 * KEEPALIVE + 1)
    broker.signal(signal.SIGCONT)
    heard.wait(lambda: publisher.health()["contact"] == "connected")


CALLBACKS = [name for name in vars(MqttLink) if name.startswith("_on_")]


def test_every_callback_is_tried() -> None:
    assert set(CALLBACKS) == {
        *("_on_connect", "_on_disconnect", "_on_publish", "_on_subscribe", "_on_message", "_on_log"),
        "_on_want_write",
    }


@pytest.mark.parametrize("name", CALLBACKS)
def test_publishing_goes_on_when_a_callback_fails(
    broker: Broker, recorder: Recorders, terminal: Terminal, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(MqttLink, name)
    planted: list[float] = []

    def failing(*arguments: Any) -> None:
        """Fail at the first call, and at the first after a while."""
        if len(planted) < 2 and (not planted or time.monotonic() > planted[0] + 0.5):
            planted.append(time.monotonic())
            raise RuntimeError("planted")
        real(*arguments)

    monkeypatch.setattr(MqttLink, name, failing)
    heard = recorder(broker.port)
    terminal.happen(20)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    deadline = time.monotonic() + 20
    while len(planted) < 2 and time.monotonic() < deadline and name not in {"_on_log", "_on_disconnect"}:
        terminal.happen(1)
        heard.client.publish("homeassistant/status", "online")
        time.sleep(0.1)
    if name in {"_on_log", "_on_disconnect"}:  # called where something goes wrong
        heard.wait(lambda: len(heard.events()) >= 20)
        for _ in range(2):
            broker.kill()
            time.sleep(0.6)
            broker.start()
            terminal.happen(5)
            heard.wait(lambda: publisher.health()["waiting"] == 0)
    heard.ready()
    terminal.happen(10)
    last = terminal.store().journal.last_seq()
    heard.wait(lambda: publisher.health()["waiting"] == 0)
    heard.wait(lambda: heard.first_deliveries()[-1:] == [last])
    assert publisher.health()["running"]
    assert planted


def test_a_failing_loop_is_begun_anew(
    broker: Broker, recorder: Recorders, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = recorder(broker.port)
    real, turns = MqttLink.turn, []

    def turn(link: MqttLink, timeout: float) -> Any:
        turns.append(timeout)
        if len(turns) == 5:
            raise RuntimeError("planted")
        return real(link, timeout)

    monkeypatch.setattr(MqttLink, "turn", turn)
    terminal.happen(10)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    heard.wait(lambda: publisher.health()["connections"] == 2)
    terminal.happen(10)
    heard.wait(lambda: len(heard.first_deliveries()) == 20)
    assert publisher.health()["running"]


def test_a_state_that_cannot_be_told_keeps_no_event_back(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    class Broken(dict[str, object]):
        def get(self, *_: object) -> Any:
            raise RuntimeError("planted")

    terminal.health = Broken()
    heard = recorder(broker.port)
    terminal.happen(3)
    terminal.publisher(terminal.settings(broker.port)).start()
    heard.wait(lambda: len(heard.events()) >= 3)
