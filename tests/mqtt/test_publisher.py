"""What arrives at a real broker, in which order, on which topics."""

import json
import signal
import time

import pytest

from edge.bootstrap.publisher import build_publisher
from edge.domain.events import EventType
from edge.errors import ConflictError
from edge.publish.lane import ReplayLane
from tests.mqtt.broker import Broker
from tests.mqtt.conftest import Recorders, Terminal
from tests.mqtt.gate import Gate


def test_events_arrive_in_order_as_cloud_events(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    events = terminal.happen(300)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    heard.wait(lambda: len(heard.events()) >= 300)
    assert heard.events() == [event.published("gate-1") for event in events]
    message = next(m for m in heard.messages if "/event/" in m.topic)
    assert message.topic == "edge/gate-1/event/access.granted"
    assert getattr(message.properties, "ContentType", "").startswith("application/cloudevents+json")
    publisher.stop()
    assert terminal.store().journal.cursor("mqtt") == 300


def test_a_new_event_arrives_at_once_and_is_not_retained(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    terminal.publisher(terminal.settings(broker.port)).start()
    heard.wait(lambda: heard.of("edge/gate-1/availability"))
    terminal.happen(1, EventType.DOOR_FORCED)
    heard.wait(lambda: heard.of("edge/gate-1/event/door.forced"), 2)
    late = recorder(broker.port)
    late.wait(lambda: late.of("edge/gate-1/availability"))
    assert late.events() == []


def test_a_restart_continues_behind_the_cursor(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    settings = terminal.settings(broker.port)
    terminal.happen(50)
    first = terminal.publisher(settings)
    first.start()
    heard.wait(lambda: len(heard.events()) >= 50)
    first.stop()
    terminal.happen(50)
    terminal.publisher(settings).start()
    heard.wait(lambda: len(heard.events()) >= 100)
    time.sleep(0.3)
    assert [int(event["sequence"]) for event in heard.events()] == list(range(1, 101))


def test_availability_follows_the_terminal(broker: Broker, recorder: Recorders, terminal: Terminal) -> None:
    heard = recorder(broker.port)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    heard.wait(lambda: heard.of("edge/gate-1/availability") == [b"online"])
    publisher.stop()
    heard.wait(lambda: heard.of("edge/gate-1/availability") == [b"online", b"offline"])


def test_a_killed_terminal_is_offline_soon_and_back_with_its_restart(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    config = terminal.config(broker.port)
    child = terminal.child(config, 10, 100)
    heard.wait(lambda: heard.of("edge/gate-1/availability") == [b"online"])
    child.send_signal(signal.SIGKILL)
    child.wait()
    heard.wait(lambda: heard.of("edge/gate-1/availability") == [b"online", b"offline"], 5)
    again = terminal.child(config, 20, 100)
    heard.wait(lambda: heard.of("edge/gate-1/availability")[-1] == b"online", 5)
    again.terminate()
    again.wait()


def test_state_is_retained_and_told_anew_only_when_it_changes(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    terminal.publisher(terminal.settings(broker.port)).start()
    heard.wait(lambda: heard.of("edge/gate-1/state"))
    time.sleep(1.5)
    terminal.health["camera"] = "lost"
    heard.wait(lambda: len(heard.of("edge/gate-1/state")) >= 2)
    states = [json.loads(text)["camera"] for text in heard.of("edge/gate-1/state")]
    assert states == ["live", "lost"]
    late = recorder(broker.port)
    late.wait(lambda: late.of("edge/gate-1/state"))
    assert json.loads(late.of("edge/gate-1/state")[0])["camera"] == "lost"


def test_health_is_the_age_of_the_oldest_event_that_did_not_arrive(
    gate: Gate, broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    gate.shut()
    terminal.happen(3)
    publisher = terminal.publisher(terminal.settings(gate.port))
    publisher.start()
    heard.wait(lambda: publisher.health()["problem"])
    time.sleep(0.5)
    health = publisher.health()
    assert (health["waiting"], health["contact"]) == (3, "waiting")
    assert health["oldest_age"] >= 0.5
    gate.open()
    heard.wait(lambda: publisher.health()["oldest_age"] is None)
    assert len(heard.events()) == 3


def test_an_old_broker_is_spoken_to_in_its_protocol(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    def too_new(first: bytes) -> bytes | None:
        """Answer as a broker of MQTT 3.1.1 does: CONNACK, return code 1 (§3.2.2.3)."""
        return b"\x20\x02\x00\x01" if first[2:9] == b"\x00\x04MQTT\x05" else None

    gate = Gate(broker.port, too_new)
    gate.open()
    heard = recorder(broker.port)
    terminal.happen(5)
    publisher = terminal.publisher(terminal.settings(gate.port))
    publisher.start()
    heard.wait(lambda: len(heard.events()) >= 5)
    assert publisher.health()["protocol"] == "MQTT 3.1.1"
    publisher.stop()
    gate.close()


def test_replayed_events_keep_their_ids(broker: Broker, recorder: Recorders, terminal: Terminal) -> None:
    heard = recorder(broker.port)
    terminal.happen(200)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    heard.wait(lambda: len(heard.events()) >= 200)
    assert publisher.replay(50, 149) == (50, 149)
    heard.wait(lambda: len(heard.events()) >= 300)
    assert [int(event["sequence"]) for event in heard.events()[200:]] == list(range(50, 150))
    heard.wait(lambda: not publisher.health()["replaying"])
    assert len({event["id"] for event in heard.events()}) == 200


def test_a_replay_that_was_asked_for_goes_on_after_a_restart(
    gate: Gate, broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    terminal.happen(300)
    settings = terminal.settings(gate.port)
    first = terminal.publisher(settings)
    first.start()
    heard.wait(lambda: first.health()["waiting"] == 0)
    gate.shut()
    broker.kill()
    first.replay(101, 250)
    with pytest.raises(ConflictError, match="another one"):
        first.replay(1)
    first.stop()
    journal = terminal.store().journal
    assert (journal.cursor("mqtt-replay"), journal.memory("mqtt-replay")) == (100, {"upto": 250})
    assert journal.prune(keep=1) == 100  # retention waits for what is still wanted
    broker.start()
    heard.ready()
    before = len(heard.events())
    gate.open()
    second = terminal.publisher(settings)
    assert not second.health()["replaying"]
    second.start()
    heard.wait(lambda: len(heard.events()) >= before + 150)
    heard.wait(lambda: not second.health()["replaying"])
    assert [int(event["sequence"]) for event in heard.events()[before:]] == list(range(101, 251))
    assert journal.memory("mqtt-replay") is None
    second.stop()
    third = terminal.publisher(settings)
    third.start()
    heard.wait(lambda: third.health()["contact"] == "connected")
    terminal.happen(1)
    heard.wait(lambda: len(heard.events()) == before + 151)


def test_a_wish_that_a_kill_left_is_not_overwritten(terminal: Terminal) -> None:
    terminal.happen(30)
    ReplayLane.begin(terminal.store().journal, "mqtt-replay", 5, 20)
    publisher = terminal.publisher(terminal.settings(1))
    with pytest.raises(ConflictError, match="another one"):
        publisher.replay(1, 2)


def test_without_a_broker_no_wish_is_kept(terminal: Terminal) -> None:
    terminal.happen(30)
    journal = terminal.store().journal
    ReplayLane.begin(journal, "mqtt-replay", 5, 20)
    assert build_publisher(terminal.settings(1, host=""), terminal.store(), dict) is None
    assert journal.memory("mqtt-replay") is None


@pytest.mark.parametrize("contact", ["stopped", "gone"])
def test_stopping_takes_no_longer_because_of_the_broker(
    broker: Broker, recorder: Recorders, terminal: Terminal, contact: str
) -> None:
    heard = recorder(broker.port)
    terminal.happen(5)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    heard.wait(lambda: len(heard.events()) >= 5)
    if contact == "stopped":
        broker.signal(signal.SIGSTOP)
    else:
        broker.kill()
    terminal.happen(5)
    begun = time.monotonic()
    assert publisher.stop()
    assert time.monotonic() - begun < 5  # the promise itself; it takes 1.5
    assert terminal.store().journal.cursor("mqtt") == 5
