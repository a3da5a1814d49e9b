"""The whole daemon with a broker: its events arrive, its end is told, and a dead broker holds nothing up."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mqtt.broker import Broker
from tests.mqtt.conftest import Recorders, Terminal
from tests.mqtt.recorder import Recorder
from tests.mqtt.test_cli import edgectl
from tests.mqtt.test_commands import KEY, signed

FAKE_EDGED = Path(__file__).resolve().parents[1] / "daemon" / "fake_edged.py"
READY = {
    "kind": "ready",
    "model_version": "fake-1",
    "provider": "none",
    "camera": "none",
    "people": 7,
    "references": 9,
}
DENIED = {
    "kind": "not_recognised",
    "track": 1,
    "reason": "unknown",
    "frames": 3,
    "frame": 41,
    "at": 0.0,
    "first_seen": -0.3,
    "people": 7,
    "model_version": "fake-1",
}
STOPS_WITHIN = 5  # seconds, whatever the broker does


class Daemon:
    """A running `edged`, whose vision child says READY and DENIED, with a lock that only notes its moves."""

    def __init__(self, terminal: Terminal, broker: Broker) -> None:
        play = terminal.folder / "play.json"
        play.write_text(json.dumps([READY, {"kind": "camera", "state": "live"}, DENIED]))
        key = terminal.folder / "key"
        key.write_text(KEY)
        key.chmod(0o600)
        config = terminal.config(broker.port, commands="signed", command_key_file="key")
        door = '[camera]\nsource = "replay:film.avi"\n[door]\nrelay = "recording"\n'
        config.write_text(door + config.read_text())
        self.config = config
        self.begun = time.monotonic()
        command = [sys.executable, str(FAKE_EDGED), str(play), "--config", str(config)]
        environ = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
        with (terminal.folder / "edged.log").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, env=environ)

    def stop(self) -> float:
        """End it as the service manager does; return how many seconds that took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - begun

    def moves(self) -> list[int]:
        """Return the levels that the lock was driven to."""
        record = self.config.parent / "relay.jsonl"
        lines = record.read_text().splitlines() if record.exists() else []
        return [json.loads(line)["level"] for line in lines]


@pytest.fixture
def daemon(terminal: Terminal, broker: Broker) -> Iterator[Daemon]:
    made = Daemon(terminal, broker)
    yield made
    made.process.kill()
    made.process.wait()


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_everything_from_start_to_stop_arrives(broker: Broker, recorder: Recorders, daemon: Daemon) -> None:
    heard = recorder(broker.port)
    heard.wait(lambda: "edge.access.denied" in types(heard.events()))
    heard.wait(lambda: json.loads((heard.of("edge/gate-1/state") or [b"{}"])[-1]).get("model") == "fake-1")
    state = json.loads(heard.of("edge/gate-1/state")[-1])
    assert (state["camera"], state["vision"]) == ("live", "running")
    assert heard.of("homeassistant/device/edge_gate-1/config")
    found = edgectl(daemon.config, "mqtt", "status", "--json")
    told = json.loads(found.stdout)
    assert (told["contact"], told["protocol"], told["running"]) == ("connected", "MQTT 5", True)
    assert daemon.stop() < STOPS_WITHIN
    heard.wait(lambda: types(heard.events())[-1] == "edge.system.stopped")
    assert heard.of("edge/gate-1/availability")[-1] == b"offline"


def test_a_stopped_broker_keeps_neither_decisions_nor_the_end_waiting(
    broker: Broker, recorder: Recorders, daemon: Daemon
) -> None:
    heard = recorder(broker.port)
    heard.wait(lambda: "edge.system.started" in types(heard.events()))
    broker.signal(signal.SIGSTOP)
    time.sleep(1)
    assert daemon.stop() < STOPS_WITHIN
    assert daemon.process.returncode == 0


def command(heard: Recorder, name: str, **arguments: Any) -> dict[str, Any]:
    """Send a signed command and return its answer."""
    known = len(heard.of("edge/gate-1/reply"))
    heard.client.publish(f"edge/gate-1/command/{name}", signed(name, arguments=arguments), qos=1)
    heard.wait(lambda: len(heard.of("edge/gate-1/reply")) > known, 20)
    answer: dict[str, Any] = json.loads(heard.of("edge/gate-1/reply")[-1])
    return answer


def vouch(daemon: Daemon) -> None:
    """Vouch for the clock, which this machine may not do by itself."""
    found = edgectl(daemon.config, "clock", "vouch")
    assert found.returncode == 0, found.stderr


def test_the_door_obeys_signed_commands(broker: Broker, recorder: Recorders, daemon: Daemon) -> None:
    heard = recorder(broker.port)
    heard.wait(lambda: json.loads((heard.of("edge/gate-1/state") or [b"{}"])[-1]).get("door") == "locked")
    vouch(daemon)
    assert command(heard, "unlock", seconds=30)["result"] == "done"
    heard.wait(lambda: json.loads(heard.of("edge/gate-1/state")[-1])["door"] == "unlocked")
    assert daemon.moves() == [1]
    assert command(heard, "lock")["result"] == "done"
    heard.wait(lambda: json.loads(heard.of("edge/gate-1/state")[-1])["door"] == "locked")
    assert command(heard, "lockdown")["line"] == "the site is locked down"
    refused = command(heard, "unlock")
    assert (refused["result"], "lockdown" in refused["line"]) == ("failed", True)
    assert command(heard, "lockdown", on=False)["result"] == "done"
    assert daemon.moves() == [1, 0]
    unlocked = next(event for event in heard.events() if event["type"] == "edge.door.unlocked")
    assert (unlocked["data"]["by"], unlocked["data"]["actor"]) == ("admin", "mqtt")
    assert "there is no picture" in command(heard, "snapshot-now")["line"]


def test_a_good_configuration_is_read_again_and_a_wrong_one_changes_nothing(
    broker: Broker, recorder: Recorders, daemon: Daemon
) -> None:
    heard = recorder(broker.port)
    heard.wait(lambda: heard.of("edge/gate-1/state"))
    vouch(daemon)
    good = daemon.config.read_text()
    daemon.config.write_text(good + "[door]\n")
    assert command(heard, "reload")["result"] == "failed"
    daemon.config.write_text(good.replace("[mqtt]", '[alerts]\nmail_from = "a@example.org"\n[mqtt]'))
    assert command(heard, "reload")["result"] == "done"
    heard.wait(lambda: types(heard.events()).count("edge.system.started") == 2, 30)
    first, second = [e["data"]["config"] for e in heard.events() if e["type"] == "edge.system.started"]
    assert first != second
    assert "edge.system.recovered" not in types(heard.events())
    heard.wait(lambda: heard.of("edge/gate-1/availability")[-2:] == [b"offline", b"online"], 20)
    assert daemon.process.poll() is None
    assert daemon.stop() < STOPS_WITHIN
