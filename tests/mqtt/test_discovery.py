"""What Home Assistant is told, checked against its rules, and told again when it starts."""

import json
from typing import Any

import pytest

from edge.domain.discovery import device_config
from edge.domain.discovery_text import NAMES
from edge.domain.mqtt_state import state_document
from edge.domain.mqtt_topics import Topics
from tests.mqtt.broker import Broker
from tests.mqtt.conftest import Recorders, Terminal

TOPICS = Topics("gate-1")
# Home Assistant's own: https://www.home-assistant.io/integrations/sensor/#device-class and binary_sensor
CLASSES = {"sensor": {"enum", "temperature"}, "binary_sensor": {"lock", "door", "problem"}}


def config(language: Any = "en", *, commands: bool = False) -> dict[str, Any]:
    return device_config(TOPICS, version="1.2.3", language=language, commands=commands)


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("commands", [False, True])
def test_every_entity_is_complete(language: str, *, commands: bool) -> None:
    found = config(language, commands=commands)
    assert found["device"]["identifiers"]
    assert found["origin"]["name"] == "edge"
    entities = {key: entity for key, entity in found["components"].items() if len(entity) > 1}
    assert len({entity["unique_id"] for entity in entities.values()}) == len(entities)
    for key, entity in entities.items():
        assert entity["name"] == NAMES[language][key]
        assert entity.get("device_class") in {*CLASSES.get(entity["platform"], ()), None}
        assert entity.get("entity_category") in {"diagnostic", "config", None}
        assert entity.get("icon", "mdi:x").startswith("mdi:")
        assert entity["default_entity_id"] == f"{entity['platform']}.gate_1_{key}"


def test_temperature_has_unit_and_class() -> None:
    sensor = config()["components"]["temperature"]
    assert (sensor["unit_of_measurement"], sensor["device_class"]) == ("°C", "temperature")
    assert sensor["state_class"] == "measurement"


def test_both_languages_name_the_same() -> None:
    assert NAMES["en"].keys() == NAMES["ja"].keys()
    assert all(text.strip() for names in NAMES.values() for text in names.values())
    assert not {text for text in NAMES["ja"].values() if text.isascii()}


def test_every_field_of_a_template_is_one_of_the_state() -> None:
    state = state_document({}, version="1", now=0)
    for entity in config(commands=True)["components"].values():
        if entity.get("state_topic") == TOPICS.state:
            field = entity["value_template"].split("value_json.")[1].split(")")[0].split(" ")[0]
            assert field in state


def test_a_lock_is_announced_only_where_the_broker_vouches_and_is_taken_away_otherwise() -> None:
    on, off = config(commands=True)["components"], config()["components"]
    assert on["door"]["command_topic"] == "edge/gate-1/command/door"
    assert {key for key, entity in off.items() if len(entity) == 1} == {
        "door",
        "lockdown",
        "snapshot",
        "reload",
    }
    assert not any("command_topic" in entity for entity in off.values())


def test_it_is_retained_and_published_again_when_home_assistant_is_born(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    terminal.publisher(terminal.settings(broker.port)).start()
    heard.wait(lambda: heard.of(TOPICS.discovery))
    late = recorder(broker.port)
    late.wait(lambda: late.of(TOPICS.discovery))
    assert json.loads(late.of(TOPICS.discovery)[0])["device"]["name"] == "gate-1"
    heard.client.publish(TOPICS.birth, "offline")
    heard.client.publish(TOPICS.birth, "online")
    heard.wait(lambda: len(heard.of(TOPICS.discovery)) >= 2, 5)
    heard.wait(lambda: len(heard.of(TOPICS.state)) >= 2, 5)


def test_without_home_assistant_nothing_is_announced(
    broker: Broker, recorder: Recorders, terminal: Terminal
) -> None:
    heard = recorder(broker.port)
    terminal.publisher(terminal.settings(broker.port, home_assistant=False)).start()
    heard.wait(lambda: heard.of(TOPICS.state))
    assert not [m for m in heard.messages if m.topic.startswith("homeassistant")]
