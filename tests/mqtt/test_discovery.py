"""What Home Assistant is told, checked against its rules, and told again when it starts."""

import json
from typing import Any

import jinja2
import pytest

from edge.domain.command import MAX_AHEAD
from edge.domain.discovery import device_config
from edge.domain.discovery_text import NAMES
from edge.domain.events import Event, EventType
from edge.domain.mqtt_state import state_document
from edge.domain.mqtt_topics import Topics
from tests.mqtt.broker import Broker
from tests.mqtt.conftest import Recorders, Terminal

TOPICS = Topics("gate-1")

# The keys that discovery takes, from homeassistant/components/mqtt of Home Assistant 2026.11, documented at
# https://www.home-assistant.io/integrations/mqtt/#discovery-payload. Others are dropped without a word, as an
# older one does with message_expiry_interval.
AVAILABILITY = {
    *("availability", "availability_mode", "availability_template", "availability_topic"),
    *("payload_available", "payload_not_available"),
}
COMMON = AVAILABILITY | {
    *("platform", "name", "device", "origin", "unique_id", "default_entity_id", "icon", "entity_picture"),
    *("enabled_by_default", "visible_by_default", "entity_category", "message_expiry_interval"),
    *("json_attributes_topic", "json_attributes_template", "qos", "encoding", "group"),
}
READS = {"state_topic", "value_template"}
WRITES = READS | {"command_topic", "command_template", "optimistic", "retain"}
KEYS = {
    "sensor": READS
    | {
        *("device_class", "expire_after", "force_update", "last_reset_value_template", "options"),
        *("state_class", "suggested_display_precision", "unit_of_measurement"),
    },
    "binary_sensor": READS
    | {"device_class", "expire_after", "force_update", "off_delay", "payload_off", "payload_on"},
    "event": READS | {"device_class", "event_types"},
    "lock": WRITES
    | {
        *("code_format", "payload_lock", "payload_open", "payload_reset", "payload_unlock"),
        *("state_jammed", "state_locked", "state_locking", "state_open", "state_opening", "state_unlocked"),
        "state_unlocking",
    },
    "button": {"command_topic", "command_template", "device_class", "payload_press", "retain"},
    "image": {"content_type", "image_topic", "image_encoding", "url_topic", "url_template"},
}
NEEDS = {
    "sensor": {"state_topic"},
    "binary_sensor": {"state_topic"},
    "event": {"state_topic", "event_types"},
    "lock": {"command_topic"},
    "button": {"command_topic"},
    "image": {"image_topic"},
}
DEVICE = {
    *("identifiers", "connections", "manufacturer", "model", "model_id", "name", "hw_version"),
    *("serial_number", "sw_version", "via_device", "suggested_area", "configuration_url"),
}
TOP = AVAILABILITY | {
    *("device", "origin", "components", "child_devices", "state_topic", "command_topic"),
    *("message_expiry_interval", "qos", "encoding"),
}
STATE = state_document(
    {
        "camera": "live",
        "vision": "running",
        "door": {"state": "locked", "contact": "closed"},
        "thermal": {"temperature": 51.5, "level": "reduced"},
        "model": {"model_version": "m-1", "people": 7, "references": 9},
    },
    version="1.2.3",
    now=0,
)
UNKNOWN = state_document({}, version="1.2.3", now=0)
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


def test_home_assistant_knows_every_key_and_misses_none() -> None:
    found = config(commands=True)
    assert found.keys() <= TOP
    assert found["device"].keys() <= DEVICE
    assert found["origin"].keys() <= {"name", "sw_version", "support_url"}
    for key, entity in found["components"].items():
        platform = entity["platform"]
        assert entity.keys() <= COMMON | KEYS[platform], key
        assert entity.keys() >= NEEDS[platform] | {"unique_id"}, key
        assert platform not in {"sensor", "binary_sensor"} or entity.get("entity_category") != "config", key
        assert ("options" in entity) == (entity.get("device_class") == "enum"), key
        assert not ({"options", "state_class"} <= entity.keys()), key


def test_every_command_expires_and_none_is_retained() -> None:
    commands = [e for e in config(commands=True)["components"].values() if "command_topic" in e]
    assert {entity["platform"] for entity in commands} == {"lock", "button"}
    for entity in commands:
        assert 0 < entity["message_expiry_interval"] <= MAX_AHEAD
        assert entity["retain"] is False


def rendered(entity: dict[str, Any], document: dict[str, Any]) -> str:
    """Return what Home Assistant's template engine, which is Jinja, makes of a message."""
    engine = jinja2.Environment(autoescape=False)  # noqa: S701 - no HTML
    engine.filters["to_json"] = json.dumps
    text = str(engine.from_string(entity["value_template"]).render(value_json=document))
    return text.strip()


@pytest.mark.parametrize(
    ("key", "known", "unknown"),
    [
        ("camera", "live", "None"),
        ("lock", "OFF", "None"),
        ("contact", "OFF", "None"),
        ("temperature", "51.5", "None"),
        ("throttling", "ON", "None"),
        ("level", "reduced", "None"),
        ("model", "m-1", "None"),
        ("gallery", "7", "None"),
        ("version", "1.2.3", "1.2.3"),
        ("door", "LOCKED", "None"),
    ],
)
def test_what_templates_make_of_the_state(key: str, known: str, unknown: str) -> None:
    """`None` is what Home Assistant takes for unknown; an enumeration shows nothing but its options."""
    entity = config(commands=True)["components"][key]
    assert (rendered(entity, STATE), rendered(entity, UNKNOWN)) == (known, unknown)
    assert known in entity.get("options", [known])


def test_what_templates_make_of_events() -> None:
    found = config()["components"]

    def event(kind: EventType, person: str | None, **data: Any) -> dict[str, Any]:
        return Event(3, "j:3", "b", "t", 0, True, kind, person, data).cloud_event("gate-1")

    granted = event(EventType.ACCESS_GRANTED, "01P", reason="face")
    assert json.loads(rendered(found["recognition"], granted)) == {
        "event_type": "granted",
        "person": "01P",
        "reason": "face",
        "id": "j:3",
    }
    denied = json.loads(
        rendered(found["recognition"], event(EventType.ACCESS_DENIED, None, reason="unknown"))
    )
    assert (denied["event_type"], denied["person"]) == ("denied", None)
    for other in (EventType.ACCESS_DURESS, EventType.DOOR_OPENED):
        assert rendered(found["recognition"], event(other, "01P")) == "{}"
    assert rendered(found["last_person"], granted) == "01P"
    assert rendered(found["last_person"], event(EventType.ACCESS_GRANTED, None)) == "None"


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
        *("door", "lockdown", "snapshot", "reload", "picture"),
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
