"""`edgectl` and a real broker."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.mqtt.broker import Broker, free_port
from tests.mqtt.certificates import Authority
from tests.mqtt.conftest import Brokers, Recorders, Terminal


def edgectl(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from edge.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "--config", str(config), *arguments]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("EDGE_")}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ)


def test_the_test_says_what_tls_agreed_on(brokers: Brokers, tmp_path: Path, terminal: Terminal) -> None:
    authority = Authority(tmp_path, "ours")
    pair = authority.sign("server")
    broker = brokers(
        listener=(f"cafile {authority.certificate}", f"certfile {pair.certificate}", f"keyfile {pair.key}")
    )
    config = terminal.config(broker.port, host="localhost", tls=True, ca_file=str(authority.certificate))
    found = edgectl(config, "mqtt", "test", "--json")
    assert found.returncode == 0, found.stderr
    facts = json.loads(found.stdout)
    assert facts["broker"] == f"localhost:{broker.port}"
    assert (facts["protocol"], facts["tls"]) == ("MQTT 5", "TLSv1.3")
    assert (facts["subject"], facts["issuer"]) == ("commonName=server", "commonName=ours")
    assert facts["expires"].endswith("Z")
    assert facts["round_trip_ms"] > 0


def test_the_test_says_in_a_line_what_is_wrong(terminal: Terminal, brokers: Brokers, tmp_path: Path) -> None:
    port = free_port()
    found = edgectl(terminal.config(port), "mqtt", "test")
    assert found.returncode == 1
    line = f"edgectl: error: mqtt 127.0.0.1:{port}: the connection is refused; "
    assert found.stderr == f"{line}is the broker running, and is mqtt.port right?\n"
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite edge/gate-1/event/#\n")
    broker = brokers(lines=("allow_anonymous true", f"acl_file {rules}"))
    found = edgectl(terminal.config(broker.port), "mqtt", "test")
    assert found.returncode == 1
    assert "ACL does not let us" in found.stderr
    assert found.stderr.count("\n") == 1
    found = edgectl(terminal.config(port, host=""), "mqtt", "test")
    assert "mqtt.host: no broker is configured" in found.stderr


def test_events_are_replayed_while_somebody_else_writes(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    terminal.happen(500)
    config = terminal.config(broker.port)
    found = edgectl(config, "events", "replay", "--from-seq", "100", "--to-seq", "450", "--json")
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == {"delivered": 351}
    heard.wait(lambda: len(heard.events()) >= 351)
    assert [int(event["sequence"]) for event in heard.events()] == list(range(100, 451))
    assert terminal.store().journal.cursor("mqtt") == 0
    assert heard.of("edge/gate-1/availability") == []
    found = edgectl(config, "events", "replay", "--from-seq", "501")
    assert found.returncode == 1
    assert "there are no events from 501 to 500; the newest is 500" in found.stderr


def test_status_needs_the_daemon(terminal: Terminal) -> None:
    found = edgectl(terminal.config(1), "mqtt", "status")
    assert found.returncode == 1
    assert "the daemon does not answer" in found.stderr
