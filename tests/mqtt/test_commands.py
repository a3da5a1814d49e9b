"""Commands through a real broker: carried out once, answered, journaled; all else refused and counted."""

import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.config import Settings
from edge.domain.command import MAX_BODY, Command, CommandName, Refusal
from edge.domain.command_body import signature
from edge.domain.events import EventType
from edge.domain.mqtt_message import Arrived, OutMessage
from edge.errors import ConflictError
from edge.publish.commands import Done
from edge.publish.inbox import MOST, Inbox
from edge.publish.publisher import Publisher
from tests.mqtt.broker import Broker
from tests.mqtt.conftest import Brokers, Recorders, Terminal
from tests.mqtt.recorder import Recorder

KEY = "5" * 64


class Site:
    """A terminal that takes commands, and somebody who sends them."""

    def __init__(self, terminal: Terminal, settings: Settings, heard: Recorder) -> None:
        self.done: list[Command] = []
        self.terminal = terminal
        self.settings = settings
        self.heard = heard
        terminal.handlers[CommandName.UNLOCK] = self.unlock
        terminal.handlers[CommandName.LOCK] = self.fail
        terminal.handlers[CommandName.RELOAD] = self.crash
        self.publisher = self.start()

    def start(self) -> Publisher:
        before = len(self.heard.of("edge/gate-1/availability"))
        publisher = self.terminal.publisher(self.settings)
        publisher.start()
        self.heard.wait(lambda: len(self.heard.of("edge/gate-1/availability")) > before)
        time.sleep(0.2)  # the subscription follows
        return publisher

    def unlock(self, command: Command) -> str:
        self.done.append(command)
        return "unlocked"

    def fail(self, _command: Command) -> str:
        raise ConflictError("the door is held")

    def crash(self, _command: Command) -> str:
        raise RuntimeError("planted")

    def send(self, name: str, body: bytes, *, retain: bool = False, **properties: Any) -> dict[str, Any]:
        """Publish a command and return the answer."""
        known = len(self.heard.of("edge/gate-1/reply"))
        given = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        for key, value in properties.items():
            setattr(given, key, value)
        self.heard.client.publish(f"edge/gate-1/command/{name}", body, qos=1, retain=retain, properties=given)
        self.heard.wait(lambda: len(self.heard.of("edge/gate-1/reply")) > known, 10)
        answer: dict[str, Any] = json.loads(self.heard.of("edge/gate-1/reply")[-1])
        return answer

    def events(self, kind: EventType) -> list[dict[str, Any]]:
        return [dict(e.data) for e in self.terminal.store().journal.events(type=kind)]


def signed(name: str = "unlock", **changes: object) -> bytes:
    command = {
        "name": name,
        "device": "gate-1",
        "nonce": secrets.token_hex(16),
        "expires": int(time.time()) + 30,
        "arguments": {},
    } | changes
    text = json.dumps(command)
    return json.dumps({"command": text, "signature": signature(KEY.encode(), text)}).encode()


@pytest.fixture
def site(broker: Broker, recorder: Recorders, terminal: Terminal) -> Site:
    key = terminal.folder / "key"
    key.write_text(KEY + "\n")
    key.chmod(0o600)
    settings = terminal.settings(broker.port, commands="signed", command_key_file=str(key))
    return Site(terminal, settings, recorder(broker.port))


def test_a_signed_command_is_carried_out_journaled_and_answered(site: Site) -> None:
    answer = site.send("unlock", signed(arguments={"seconds": 3}))
    assert answer == answer | {"name": "unlock", "result": "done", "reason": None, "line": "unlocked"}
    [command] = site.done
    assert command.arguments == {"seconds": 3}
    [event] = site.events(EventType.COMMAND_ACCEPTED)
    assert event == event | {"name": "unlock", "mode": "signed", "nonce": command.nonce}
    assert site.publisher.health()["commands"] == {"accepted": 1}


def test_the_answer_goes_where_the_sender_asks_with_its_correlation(site: Site) -> None:
    heard = site.heard
    site.send("unlock", signed(), ResponseTopic="flows/answers", CorrelationData=b"42")
    heard.wait(lambda: heard.of("flows/answers"))
    message = next(m for m in heard.messages if m.topic == "flows/answers")
    assert getattr(message.properties, "CorrelationData", None) == b"42"
    assert json.loads(message.payload)["result"] == "done"


@pytest.mark.parametrize("topic", ["edge/gate-1/command/unlock", "homeassistant/status", "edge/gate-1/state"])
def test_no_answer_goes_to_a_topic_that_means_something(site: Site, topic: str) -> None:
    known = len(site.heard.of(topic))
    site.send("unlock", signed(), ResponseTopic=topic)
    time.sleep(0.3)
    sent = int(topic.endswith("unlock"))  # our own command
    assert len(site.heard.of(topic)) == known + sent


def changed(body: bytes) -> bytes:
    return body.replace(b"gate-1", b"gate-9")


REFUSED: dict[str, tuple[Callable[[], bytes], str, Refusal]] = {
    "bad signature": (lambda: changed(signed()), "unlock", Refusal.BAD_SIGNATURE),
    "expired": (lambda: signed(expires=int(time.time()) - 1), "unlock", Refusal.EXPIRED),
    "oversized": (lambda: b"x" * 1_000_000, "unlock", Refusal.OVERSIZED),
    "wrong device": (lambda: signed(device="gate-2"), "unlock", Refusal.WRONG_DEVICE),
    "malformed": (lambda: b'{"command": ', "unlock", Refusal.MALFORMED),
    "unknown": (signed, "open-sesame", Refusal.UNKNOWN),
    "not available": (lambda: signed("lockdown"), "lockdown", Refusal.UNAVAILABLE),
}


@pytest.mark.parametrize(("body", "name", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_message_that_is_no_command_is_refused_counted_and_journaled(
    site: Site, body: Callable[[], bytes], name: str, reason: Refusal
) -> None:
    answer = site.send(name, body())
    assert (answer["result"], answer["reason"]) == ("refused", reason)
    assert site.done == []
    assert site.publisher.health()["commands"] == {reason: 1}
    [event] = site.events(EventType.COMMAND_REFUSED)
    assert (event["name"], event["reason"]) == (name, reason)
    assert site.events(EventType.COMMAND_ACCEPTED) == []


def test_a_repeated_command_is_refused_also_after_a_restart_and_with_the_clock_set_back(site: Site) -> None:
    body = signed()
    assert site.send("unlock", body)["result"] == "done"
    assert site.send("unlock", body)["reason"] == "repeated"
    site.publisher.stop()
    site.publisher = site.start()
    assert site.send("unlock", body)["reason"] == "repeated"
    site.terminal.clock.ahead = 7200
    assert site.send("unlock", signed(expires=int(time.time()) + 7230))["result"] == "done"
    site.terminal.clock.ahead = 0
    assert site.send("unlock", body)["reason"] == "repeated"
    assert len(site.done) == 2


def test_a_retained_command_is_refused_when_it_is_sent_and_when_it_is_found(site: Site) -> None:
    assert site.send("unlock", signed(), retain=True)["reason"] == "retained"
    site.publisher.stop()
    site.publisher = site.start()
    site.heard.wait(lambda: site.publisher.health()["commands"] == {"retained": 1})
    assert site.done == []


def test_a_command_that_fails_says_why(site: Site) -> None:
    answer = site.send("lock", signed("lock"))
    assert (answer["result"], answer["line"]) == ("failed", "the door is held")
    assert site.send("reload", signed("reload"))["result"] == "failed"
    assert site.send("unlock", signed())["result"] == "done"


def test_a_command_that_takes_its_time_keeps_no_event_waiting(site: Site) -> None:
    over = threading.Event()

    def slow(_command: Command) -> str:
        over.wait(20)
        return "at last"

    site.terminal.handlers[CommandName.LOCKDOWN] = slow
    site.publisher.stop()
    site.publisher = site.start()
    site.heard.client.publish("edge/gate-1/command/lockdown", signed("lockdown"), qos=1)
    site.heard.wait(lambda: site.events(EventType.COMMAND_ACCEPTED))
    site.terminal.happen(5)
    site.heard.wait(lambda: site.publisher.health()["waiting"] == 0)
    assert site.heard.of("edge/gate-1/reply") == []
    over.set()
    site.heard.wait(lambda: site.heard.of("edge/gate-1/reply"))
    assert json.loads(site.heard.of("edge/gate-1/reply")[-1])["line"] == "at last"


def test_what_is_published_because_of_a_command_comes_before_its_answer(site: Site) -> None:
    picture = OutMessage("edge/gate-1/snapshot", b"\xff\xd8", content_type="image/jpeg")
    site.terminal.handlers[CommandName.SNAPSHOT_NOW] = lambda _command: Done("taken", [picture])
    site.publisher.stop()
    site.publisher = site.start()
    assert site.send("snapshot-now", signed("snapshot-now"))["line"] == "taken"
    assert site.heard.of("edge/gate-1/snapshot") == [b"\xff\xd8"]
    [message] = [m for m in site.heard.messages if m.topic == "edge/gate-1/snapshot"]
    assert not message.retain
    assert getattr(message.properties, "ContentType", None) == "image/jpeg"


def test_a_message_waits_cut_to_what_is_needed_to_refuse_it() -> None:
    seen: list[Arrived] = []
    gate = threading.Event()

    def receive(message: Arrived) -> list[OutMessage]:
        gate.wait(20)
        seen.append(message)
        return []

    inbox = Inbox(receive, time.monotonic)
    inbox.start(lambda: None)
    big = Arrived(
        "edge/gate-1/command/" + "x" * 60_000, b"y" * 1_000_000, False, 1, "z" * 60_000, b"c" * 60_000
    )
    for _ in range(MOST + 20):
        inbox.post(big)
    assert inbox.dropped in {19, 20}  # one may be in hand
    gate.set()
    deadline = time.monotonic() + 20
    while len(seen) < MOST + 20 - inbox.dropped:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    inbox.end()
    for message in seen:
        assert (len(message.topic), len(message.payload)) == (256, MAX_BODY + 1)
        assert (message.response_topic, message.correlation) == (None, None)


def test_events_are_replayed_on_command(site: Site) -> None:
    site.terminal.happen(20)
    site.heard.wait(lambda: len(site.heard.events()) >= 20)
    answer = site.send("replay-from", signed("replay-from", arguments={"from_seq": 5, "to_seq": 9}))
    assert answer["result"] == "done"
    site.heard.wait(lambda: [int(e["sequence"]) for e in site.heard.events()][-5:] == [5, 6, 7, 8, 9])
    assert site.send("replay-from", signed("replay-from"))["result"] == "failed"


def test_a_flood_of_bad_commands_neither_fills_the_journal_nor_stops_the_good_ones(site: Site) -> None:
    for _ in range(500):
        site.heard.client.publish("edge/gate-1/command/unlock", b"junk", qos=1)
    site.heard.wait(lambda: site.publisher.health()["commands"].get("malformed") == 500)
    assert len(site.events(EventType.COMMAND_REFUSED)) == 30
    site.heard.wait(lambda: len(site.heard.of("edge/gate-1/reply")) == 30)
    assert site.send("unlock", signed())["result"] == "done"


def test_nothing_is_listened_to_unless_commands_are_on(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    site = Site(terminal, terminal.settings(broker.port), heard)
    heard.client.publish("edge/gate-1/command/unlock", signed(), qos=1)
    time.sleep(0.5)
    assert site.done == []
    assert heard.of("edge/gate-1/reply") == []
    assert "edge/gate-1/command" not in broker.log().split("Received SUBSCRIBE from edge-gate-1")[-1][:60]


def test_a_missing_key_refuses_everything(site: Site) -> None:
    (site.terminal.folder / "key").unlink()
    assert site.send("unlock", signed())["reason"] == "no_key"
    assert site.done == []


def test_the_broker_s_word_is_taken_where_that_is_configured(
    tls_broker: tuple[Broker, dict[str, Any]], recorder: Recorders, terminal: Terminal
) -> None:
    broker, keys = tls_broker
    heard = recorder(broker.plain_port)
    site = Site(terminal, terminal.settings(broker.port, **keys, commands="broker"), heard)
    assert site.send("unlock", b"")["reason"] == "no_expiry"
    assert site.send("unlock", b"", retain=True, MessageExpiryInterval=10)["reason"] == "retained"
    assert site.done == []
    assert site.send("door", b"UNLOCK", MessageExpiryInterval=10)["result"] == "done"
    assert len(site.done) == 1


@pytest.fixture
def tls_broker(brokers: Brokers, tmp_path: Any) -> tuple[Broker, dict[str, Any]]:
    from tests.mqtt.broker import free_port
    from tests.mqtt.certificates import Authority

    authority = Authority(tmp_path, "ours")
    pair = authority.sign("server")
    plain = free_port()
    lines = ("allow_anonymous true", f"listener {plain} 127.0.0.1")
    listener = (f"cafile {authority.certificate}", f"certfile {pair.certificate}", f"keyfile {pair.key}")
    broker = brokers(lines=lines, listener=listener)
    broker.plain_port = plain
    return broker, {"host": "localhost", "tls": True, "ca_file": str(authority.certificate)}
