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
from tests.mqtt.test_cli import edgectl

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
    """A running `edged`, whose vision child says READY and DENIED."""

    def __init__(self, terminal: Terminal, broker: Broker) -> None:
        play = terminal.folder / "play.json"
        play.write_text(json.dumps([READY, {"kind": "camera", "state": "live"}, DENIED]))
        config = terminal.config(broker.port)
        config.write_text('[camera]\nsource = "replay:film.avi"\n' + config.read_text())
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
