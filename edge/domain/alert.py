"""Which events somebody has to be told of, and which of them say that it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from edge.domain.events import Event, EventType

ALL = "all"


class AlertKind(StrEnum):
    """What alerts are about; who gets which is configured by these words."""

    FORCED = "forced"
    HELD = "held"
    TAMPER = "tamper"
    DURESS = "duress"
    FIRE = "fire"
    CAMERA = "camera"
    HEAT = "heat"
    DISK = "disk"
    BROKER = "broker"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one type of event is an alert.

    `over` says that it is the end of one. `facts` are the fields of its data that are told: nothing else of
    an event leaves the terminal this way, least of all a score.
    """

    kind: AlertKind
    facts: tuple[str, ...] = ()
    over: bool = False


_DOOR = ("door",)
RULES: Mapping[EventType, Rule] = {
    EventType.DOOR_FORCED: Rule(AlertKind.FORCED, _DOOR),
    EventType.DOOR_HELD: Rule(AlertKind.HELD, _DOOR),
    EventType.DOOR_TAMPERED: Rule(AlertKind.TAMPER, _DOOR),
    EventType.DOOR_TAMPER_ENDED: Rule(AlertKind.TAMPER, _DOOR, over=True),
    EventType.ACCESS_DURESS: Rule(AlertKind.DURESS, _DOOR),
    EventType.FIRE_STARTED: Rule(AlertKind.FIRE, _DOOR),
    EventType.FIRE_ENDED: Rule(AlertKind.FIRE, _DOOR, over=True),
    EventType.CAMERA_LOST: Rule(AlertKind.CAMERA, ("detail",)),
    EventType.CAMERA_COVERED: Rule(AlertKind.CAMERA, ("detail",)),
    EventType.CAMERA_RESTORED: Rule(AlertKind.CAMERA, over=True),
    EventType.THERMAL_THROTTLED: Rule(AlertKind.HEAT, ("temperature",)),
    EventType.THERMAL_RECOVERED: Rule(AlertKind.HEAT, ("temperature",), over=True),
    EventType.THERMAL_SENSOR_LOST: Rule(AlertKind.HEAT, ("detail",)),
    EventType.THERMAL_SENSOR_RESTORED: Rule(AlertKind.HEAT, ("temperature",), over=True),
    EventType.SYSTEM_DISK_LOW: Rule(AlertKind.DISK, ("free_mib",)),
    EventType.SYSTEM_DISK_RESTORED: Rule(AlertKind.DISK, ("free_mib",), over=True),
    EventType.SYSTEM_BROKER_LOST: Rule(AlertKind.BROKER, ("minutes", "problem")),
    EventType.SYSTEM_BROKER_RESTORED: Rule(AlertKind.BROKER, over=True),
    EventType.JOURNAL_GAP: Rule(AlertKind.LOST, ("lost", "count", "first_seq", "last_seq")),
    EventType.ALERT_GIVEN_UP: Rule(AlertKind.LOST, ("sink", "type", "line")),
}
_CLOSES = (AlertKind.FORCED, AlertKind.HELD)  # what a door that closes puts an end to


@dataclass(frozen=True, slots=True)
class Alert:
    """An event as somebody has to be told of it.

    `key` is what alerts are the same by: kind, and door or whatever else they are about.
    """

    kind: AlertKind
    key: str
    event: Event
    facts: Mapping[str, Any]
    over: bool = False


def alert_of(event: Event) -> Alert | None:
    """Return the alert that an event is, None where nobody has to be told.

    A door that stands open is told when the time is up, not when it is warned of.
    """
    rule = RULES.get(event.type)
    if rule is None or (event.type is EventType.DOOR_HELD and event.data.get("stage") != "alarm"):
        return None
    facts = {name: event.data[name] for name in rule.facts if event.data.get(name) is not None}
    return Alert(rule.kind, _key(rule.kind, event), event, facts, rule.over)


def closed_alerts(event: Event) -> tuple[Alert, ...]:
    """Return the ends of alerts that an event may be: a closed door of a forced and of a held one."""
    if event.type is not EventType.DOOR_CLOSED:
        return ()
    facts = {name: event.data[name] for name in ("door", "seconds") if event.data.get(name) is not None}
    return tuple(Alert(kind, _key(kind, event), event, facts, over=True) for kind in _CLOSES)


def parse_kinds(text: str) -> frozenset[AlertKind]:
    """Return the kinds that a text names, with spaces or commas between; raises ValueError."""
    words = text.replace(",", " ").split()
    if words == [ALL]:
        return frozenset(AlertKind)
    unknown = [word for word in words if word not in set(AlertKind)]
    if unknown or not words:
        raise ValueError(f'write "{ALL}", or some of {", ".join(AlertKind)} with spaces between')
    return frozenset(AlertKind(word) for word in words)


def _key(kind: AlertKind, event: Event) -> str:
    about = {
        AlertKind.DURESS: event.person,
        AlertKind.HEAT: "sensor" if "sensor" in event.type else "",
        AlertKind.LOST: event.data.get("sink"),
    }.get(kind, event.data.get("door"))
    return f"{kind}:{about}" if about else str(kind)
