"""An event in words: one sentence in each language, how grave it is, and the icon that stands for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from edge.domain.events import Event, EventType
from edge.web import event_words_access as access
from edge.web import event_words_admin as admin
from edge.web import event_words_office as office
from edge.web.event_actor import actor_words
from edge.web.event_grade import Grade
from edge.web.language import Language, translate

Naming: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is shown: `grade` and `icon` are those of the stylesheet, `text` the sentence."""

    grade: Grade
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """How a type of event is told: an English sentence with `{name}` for the person and `{…}` for data."""

    grade: Grade
    icon: str
    text: str


PLAIN: dict[str, Sentence] = {
    EventType.ACCESS_DURESS: Sentence("bad", "warn", "A duress PIN was entered by {name}"),
    EventType.CAMERA_LOST: Sentence("bad", "camera", "The camera was lost"),
    EventType.CAMERA_RESTORED: Sentence("ok", "camera", "The camera works again"),
    EventType.CAMERA_COVERED: Sentence("bad", "camera", "The camera was covered"),
    EventType.VISION_RESTARTED: Sentence("warn", "eye", "Recognition was restarted"),
    EventType.DOOR_OPENED: Sentence("idle", "door-open", "The door was opened"),
    EventType.DOOR_CLOSED: Sentence("idle", "door", "The door was closed"),
    EventType.DOOR_FORCED: Sentence("bad", "door-open", "The door was forced open"),
    EventType.DOOR_TAMPERED: Sentence("bad", "shield", "The terminal's case was opened"),
    EventType.DOOR_TAMPER_ENDED: Sentence("ok", "shield", "The terminal's case was closed again"),
    EventType.EXIT_REQUESTED: Sentence("info", "exit", "The exit button was pressed"),
    EventType.FIRE_STARTED: Sentence("bad", "fire", "Fire alarm: the doors were released"),
    EventType.FIRE_ENDED: Sentence("ok", "fire", "The fire alarm ended"),
    EventType.LOCKDOWN_STARTED: Sentence("bad", "lock", "Lockdown began ({actor})"),
    EventType.LOCKDOWN_ENDED: Sentence("ok", "lock", "Lockdown ended ({actor})"),
    EventType.EVACUATION_STARTED: Sentence("bad", "exit", "Evacuation began: the doors are open ({actor})"),
    EventType.EVACUATION_ENDED: Sentence("ok", "exit", "Evacuation ended ({actor})"),
    EventType.THERMAL_THROTTLED: Sentence(
        "warn", "thermometer", "Recognition works more slowly because of heat"
    ),
    EventType.THERMAL_RECOVERED: Sentence("ok", "thermometer", "The terminal has cooled down"),
    EventType.THERMAL_SENSOR_LOST: Sentence("warn", "thermometer", "The temperature cannot be read"),
    EventType.THERMAL_SENSOR_RESTORED: Sentence("ok", "thermometer", "The temperature can be read again"),
    EventType.SYSTEM_STARTED: Sentence("idle", "power", "The terminal was started"),
    EventType.SYSTEM_STOPPED: Sentence("idle", "power", "The terminal was stopped"),
    EventType.SYSTEM_RECOVERED: Sentence(
        "warn", "power", "The terminal had stopped without warning and works again"
    ),
    EventType.SYSTEM_DISK_LOW: Sentence("warn", "disk", "The disk is filling up"),
    EventType.SYSTEM_DISK_RESTORED: Sentence("ok", "disk", "The disk has room again"),
    EventType.SYSTEM_BROKER_LOST: Sentence("warn", "broker", "The MQTT broker was lost"),
    EventType.SYSTEM_BROKER_RESTORED: Sentence("ok", "broker", "The MQTT broker is back"),
    EventType.JOURNAL_GAP: Sentence("bad", "events", "{lost} events could not be written down"),
    EventType.ALERT_GIVEN_UP: Sentence("warn", "message", "An alert could not be delivered"),
    EventType.COMMAND_ACCEPTED: Sentence("info", "message", "Command by MQTT: {name}"),
    EventType.COMMAND_REFUSED: Sentence("warn", "message", "Command by MQTT refused: {name}"),
}

Teller: TypeAlias = Callable[[Event], tuple[Grade, str, str]]
TELLERS: dict[str, Teller] = {**access.TELLERS, **office.TELLERS, **admin.TELLERS}


def tell(event: Event, naming: Naming, language: Language) -> Told:
    """Return an event in words; `naming` gives a person's name for an id, and a word for one that is gone."""
    teller, plain = TELLERS.get(event.type), PLAIN.get(event.type)
    if teller is not None:
        grade, icon, text = teller(event)
    elif plain is not None:
        grade, icon, text = plain.grade, plain.icon, plain.text
    else:  # written by a newer program
        return Told("idle", "info", str(event.type))
    return Told(grade, icon, translate(text, language).format_map(_values(event, naming, language)))


TOLD = {"admin", "released", "fault", "lockdown"}  # why a door was locked that is worth a line of its own


def quiet(event: Event) -> bool:
    """Return whether an event only follows from another one, as the lock's falling back after a grant."""
    if event.type in {EventType.DOOR_OPENED, EventType.DOOR_CLOSED}:
        return True
    if event.type == EventType.DOOR_UNLOCKED:
        return event.data.get("by") in {"grant", "exit", None}
    return event.type == EventType.DOOR_LOCKED and event.data.get("why") not in TOLD


def loud(event: Event) -> bool:
    """Return the opposite of `quiet`."""
    return not quiet(event)


def _values(event: Event, naming: Naming, language: Language) -> "_Data":
    """Return what may stand in a sentence: the data, with people and actors by their names."""
    values = _Data(event.data)
    values["actor"] = actor_words(str(event.data.get("actor", "")), language)
    if event.person is not None:
        values["name"] = naming(event.person)
    elif "name" not in values:
        values["name"] = translate("somebody", language)
    if isinstance(event.data.get("with"), str):
        values["other"] = naming(event.data["with"])
    why = access.why(event)
    if why:
        values["why"] = translate(why, language)
    return values


class _Data(dict[str, Any]):
    """An event's data, in which what a sentence wants and is not there reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""
