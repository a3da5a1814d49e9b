"""docs/mqtt.md says what is published and taken, and nothing else; the samples and snippets work."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.bootstrap.commands import ARGUMENTS
from edge.config import MqttSettings, StorageSettings
from edge.domain.command import MAX_AHEAD, MAX_BODY, Command, CommandName, Refusal
from edge.domain.command_body import read_signed
from edge.domain.events import Event, EventType, Instant
from edge.domain.mqtt_state import state_document
from edge.domain.mqtt_topics import Topics
from edge.publish.commands import TOLD
from tests.mqtt.broker import MOSQUITTO, Broker, free_port
from tests.mqtt.certificates import Authority
from tests.mqtt.conftest import Brokers, Recorders, Terminal
from tests.mqtt.test_cli import edgectl

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = {
    name: (REPOSITORY / "docs" / f"{name}.md").read_text() for name in ("mqtt", "home-assistant", "node-red")
}
PAGE = PAGES["mqtt"]
TOPICS = Topics("<device>")


def table(after: str) -> dict[str, list[str]]:
    """Return the rows of the first table after a text, by what stands in their first cell in backticks."""
    lines = PAGE[PAGE.index(after) :].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    rows = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`([^`]+)`", cells[0]):
            rows[name] = cells[1:]
    return rows


def test_the_page_lists_the_topics_and_whether_they_are_retained() -> None:
    rows = table("## Topics")
    retained = {
        TOPICS.event("<type>"): "no",
        TOPICS.state: "yes",
        TOPICS.availability: "yes",
        TOPICS.command("<name>"): "never",
        TOPICS.reply: "no",
        TOPICS.snapshot: "no",
        TOPICS.test: "no",
        TOPICS.discovery: "yes",
        TOPICS.birth: "",
    }
    assert {topic: cells[0] for topic, cells in rows.items()} == retained


def test_the_sample_lets_a_terminal_write_what_it_writes_and_read_what_it_reads() -> None:
    rules = (REPOSITORY / "deploy" / "mosquitto" / "edge.acl").read_text()
    [block] = re.findall(r"user edge-north-gate\n(.*?)\n\n", rules, re.DOTALL)
    allowed = dict(reversed(line.split(" ")[1:]) for line in block.splitlines())
    who = {topic: cells[1] for topic, cells in table("## Topics").items()}
    for topic, writer in who.items():
        ours = topic.replace("<device>", "north-gate").replace("<type>", "+").replace("<name>", "+")
        writes = "terminal" in writer or "edgectl" in writer
        assert ("write" in allowed[ours]) == writes, topic
    assert len(allowed) == len(who) + 1  # answers below the reply topic


def test_a_terminal_publishes_on_these_topics_alone_and_retains_what_the_page_says(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    terminal.happen(3)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    heard.wait(lambda: len(heard.events()) >= 3 and heard.of("edge/gate-1/state"))
    publisher.stop()
    heard.wait(lambda: heard.of("edge/gate-1/availability")[-1] == b"offline")
    late = recorder(broker.port)
    late.wait(lambda: len(late.messages) >= 3)
    rows = table("## Topics")
    said = {topic.replace("<device>", "gate-1"): cells[0] for topic, cells in rows.items()}
    for message in heard.messages:
        assert re.sub(r"event/.*", "event/<type>", message.topic) in said
    kept = {topic for topic, word in said.items() if word == "yes"}
    assert {message.topic for message in late.messages} == kept


def test_the_page_lists_the_types_of_events() -> None:
    assert set(table("### Events")) == set(EventType)


def test_the_page_lists_the_fields_of_the_state() -> None:
    assert set(table("The state; what is not known")) == set(state_document({}, version="1", now=0))


def test_the_page_lists_the_commands() -> None:
    rows = table("Off unless")
    assert set(rows) == set(CommandName)
    for name, arguments in ARGUMENTS.items():
        assert re.findall(r"`(\w+)`", rows[name][0]) == list(arguments), name


def test_the_example_of_an_event_has_the_fields_of_one() -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    event = Event(1, "j:1", "b", "t", 0, True, EventType.ACCESS_GRANTED, "p", {"reason": "face"})
    real = event.cloud_event("north-gate")
    assert example.keys() == real.keys()
    assert example["data"].keys() == real["data"].keys()


def test_the_numbers_of_the_page_are_those_of_the_program() -> None:
    assert f"more than {MAX_BODY} bytes" in PAGE
    assert f"at most {MAX_AHEAD:g} from now" in PAGE
    assert TOLD == 30
    assert "thirty a minute" in PAGE


def test_every_key_that_the_pages_name_exists() -> None:
    keys = {"mqtt": MqttSettings.model_fields, "storage": StorageSettings.model_fields}
    for text in PAGES.values():
        text_of_keys = text.replace("`mqtt.publish`", "")  # an action of Home Assistant
        for section, key in re.findall(r"`(mqtt|storage)\.(\w+)(?: = [^`]*)?`", text_of_keys):
            assert key in keys[section], (section, key)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", PAGES[name]):
        assert (REPOSITORY / "docs" / target).exists(), target


def test_the_snippet_of_node_red_signs_what_is_accepted() -> None:
    """It is run by node where there is one; else its words are held to what the terminal checks."""
    snippet = re.findall(r"```javascript\n(.*?)```", PAGES["node-red"], re.DOTALL)[1]
    key = "k" * 64
    node = shutil.which("node")
    if node is None:
        for word in ("name:", "device:", "nonce:", "expires:", "arguments:", '"sha256"', '.digest("hex")'):
            assert word in snippet
        return
    program = (
        "const crypto = require('crypto'); const msg = {payload: {}};"
        f"const env = {{get: () => '{key}'}}; const f = () => {{ {snippet} }};"
        "console.log(JSON.stringify(f()));"
    )
    run = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
    sent = json.loads(run.stdout)
    import time

    now = Instant(time.time(), 0, trusted=True)
    found = read_signed(
        sent["topic"].rpartition("/")[2],
        sent["payload"].encode(),
        device="north-gate",
        key=key.encode(),
        now=now,
    )
    assert isinstance(found, Command), Refusal
    assert sent["retain"] is False


def test_a_broker_set_up_as_the_sample_lets_a_terminal_do_all_it_needs_and_no_more(
    brokers: Brokers, recorder: Recorders, terminal: Terminal, tmp_path: Path
) -> None:
    sample = REPOSITORY / "deploy" / "mosquitto"
    authority = Authority(tmp_path, "ca")
    pair = authority.sign("broker")
    passwords, rules = tmp_path / "edge.passwords", tmp_path / "edge.acl"
    passwords.touch(mode=0o600)
    for name in ("edge-gate-1", "homeassistant"):
        subprocess.run(["mosquitto_passwd", "-b", passwords, name, "secret"], check=True, capture_output=True)
    rules.write_text((sample / "edge.acl").read_text().replace("north-gate", "gate-1"))
    plain = free_port()
    kept = [
        line
        for line in (sample / "mosquitto.conf").read_text().splitlines()
        if not line.startswith(("listener", "persistence", "autosave"))
    ]
    text = "\n".join(kept)
    for known, here in {
        "/etc/mosquitto/edge.passwords": passwords,
        "/etc/mosquitto/edge.acl": rules,
        "/etc/mosquitto/certs/ca.crt": authority.certificate,
        "/etc/mosquitto/certs/broker.crt": pair.certificate,
        "/etc/mosquitto/certs/broker.key": pair.key,
    }.items():
        text = text.replace(known, str(here))
    assert "/etc/mosquitto/" not in re.sub(r"(?m)^#.*$", "", text)
    assert MOSQUITTO
    broker = brokers(listener=text.splitlines(), lines=(f"listener {plain} 127.0.0.1",))
    secret = terminal.folder / "password"
    secret.write_text("secret\n")
    secret.chmod(0o600)
    keys = {
        "host": "localhost",
        "tls": True,
        "ca_file": str(authority.certificate),
        "username": "edge-gate-1",
        "password_file": "password",
    }
    found = edgectl(terminal.config(broker.port, **keys), "mqtt", "test")
    assert found.returncode == 0, found.stderr
    heard = recorder(plain, username="homeassistant", password="secret")
    terminal.happen(3)
    publisher = terminal.publisher(terminal.settings(broker.port, **keys))
    publisher.start()
    heard.wait(lambda: len(heard.events()) == 3 and heard.of("homeassistant/device/edge_gate-1/config"))
    heard.wait(lambda: heard.of("edge/gate-1/state"))
    assert "Denied" not in broker.log()
