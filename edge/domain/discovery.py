"""The device that Home Assistant makes of a terminal: one retained configuration with all its entities.

The form is that of https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload; device classes,
categories and units are those of its developers' pages, icons those of Material Design.
"""

from typing import Any, Literal

from edge.domain.discovery_text import NAMES
from edge.domain.mqtt_topics import OFFLINE, ONLINE, Topics

EXPIRY = 10  # seconds a command may wait at the broker; Home Assistant knows the key since 2026.6

_DIAGNOSTIC = {"entity_category": "diagnostic"}


def device_config(
    topics: Topics, *, version: str, language: Literal["en", "ja"], commands: bool
) -> dict[str, Any]:
    """Return the configuration; with `commands` also a lock and buttons, which only the broker vouches for.

    Without them they are taken away again where Home Assistant knows them.
    """
    names = NAMES[language]
    components = _sensors(topics) | _binary_sensors() | _recognition(topics)
    for key, component in components.items():
        component["name"] = names[key]
        component.setdefault("state_topic", topics.state)
    components |= _controls(topics, names) if commands else _no_controls()
    for key, component in components.items():
        if len(component) > 1:
            component.update(_identity(topics, key, component["platform"]))
    return {
        "device": {
            "identifiers": [f"edge_{topics.device}"],
            "name": topics.device,
            "manufacturer": "edge",
            "model": names["what"],
            "sw_version": version,
        },
        "origin": {"name": "edge", "sw_version": version},
        "availability_topic": topics.availability,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "qos": 1,
        "components": components,
    }


def _identity(topics: Topics, key: str, platform: str) -> dict[str, str]:
    device = topics.device.replace("-", "_")
    return {"unique_id": f"edge_{topics.device}_{key}", "default_entity_id": f"{platform}.{device}_{key}"}


def _sensors(topics: Topics) -> dict[str, dict[str, Any]]:
    return {
        "camera": _sensor("camera", "mdi:cctv", device_class="enum", options=["live", "lost", "covered"]),
        "last_person": _sensor(
            "subject | default(none)", "mdi:account-check", topic=topics.event("access.granted")
        ),
        "temperature": _sensor(
            "temperature",
            None,
            device_class="temperature",
            unit_of_measurement="°C",
            state_class="measurement",
            suggested_display_precision=1,
        )
        | _DIAGNOSTIC,
        "model": _sensor("model", "mdi:brain") | _DIAGNOSTIC,
        "gallery": _sensor("gallery", "mdi:account-group", state_class="measurement") | _DIAGNOSTIC,
        "level": _sensor(
            "level",
            "mdi:speedometer",
            device_class="enum",
            options=["full", "reduced", "low", "paused"],
        )
        | _DIAGNOSTIC,
        "version": _sensor("version", "mdi:tag-outline") | _DIAGNOSTIC,
    }


def _sensor(field: str, icon: str | None, *, topic: str | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"platform": "sensor", "value_template": f"{{{{ value_json.{field} }}}}", **more}
    if icon is not None:
        found["icon"] = icon
    if topic is not None:
        found["state_topic"] = topic
    return found


def _binary_sensors() -> dict[str, dict[str, Any]]:
    return {
        "lock": _binary("door", {"unlocked": "ON", "locked": "OFF"}, device_class="lock"),
        "contact": _binary("contact", {"open": "ON", "closed": "OFF"}, device_class="door"),
        "throttling": _binary(
            "level",
            {"full": "OFF", "reduced": "ON", "low": "ON", "paused": "ON"},
            device_class="problem",
        )
        | _DIAGNOSTIC,
    }


def _binary(field: str, values: dict[str, str], **more: Any) -> dict[str, Any]:
    """Return a binary sensor; what is none of `values` renders as None, which is shown as unknown."""
    template = f"{{{{ {values}.get(value_json.{field}) }}}}"
    return {"platform": "binary_sensor", "value_template": template, **more}


def _recognition(topics: Topics) -> dict[str, dict[str, Any]]:
    """Return the event entity of access decisions; `{}`, for all other events, is ignored."""
    template = (
        "{% set kind = value_json.type | replace('edge.access.', '') %}"
        "{% if kind in ['granted', 'denied'] %}"
        "{{ {'event_type': kind, 'person': value_json.subject | default(none),"
        " 'reason': value_json.data.reason | default(none), 'id': value_json.id} | to_json }}"
        "{% else %}{}{% endif %}"
    )
    return {
        "recognition": {
            "platform": "event",
            "state_topic": topics.event("+"),
            "event_types": ["granted", "denied"],
            "value_template": template,
            "icon": "mdi:face-recognition",
        }
    }


def _controls(topics: Topics, names: Any) -> dict[str, dict[str, Any]]:
    lock = {
        "platform": "lock",
        "name": names["door"],
        "command_topic": topics.command("door"),
        "state_topic": topics.state,
        "value_template": "{{ {'unlocked': 'UNLOCKED', 'locked': 'LOCKED'}.get(value_json.door) }}",
        "message_expiry_interval": EXPIRY,
        "retain": False,
    }
    return {
        "door": lock,
        "lockdown": _button(topics, names, "lockdown", "lockdown", "mdi:lock-alert"),
        "snapshot": _button(topics, names, "snapshot", "snapshot-now", "mdi:camera-iris"),
        "reload": _button(topics, names, "reload", "reload", "mdi:reload") | {"entity_category": "config"},
        "picture": {
            "platform": "image",
            "name": names["picture"],
            "image_topic": topics.snapshot,
            "content_type": "image/jpeg",
        },
    }


def _button(topics: Topics, names: Any, key: str, command: str, icon: str) -> dict[str, Any]:
    return {
        "platform": "button",
        "name": names[key],
        "command_topic": topics.command(command),
        "message_expiry_interval": EXPIRY,
        "retain": False,
        "icon": icon,
    }


def _no_controls() -> dict[str, dict[str, Any]]:
    """Return what removes a lock and buttons: components with nothing but their platform."""
    buttons = {key: {"platform": "button"} for key in ("lockdown", "snapshot", "reload")}
    return {"door": {"platform": "lock"}, "picture": {"platform": "image"}} | buttons
