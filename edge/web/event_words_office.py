"""The sentences of what the office did: people, punches, rules of access, the clock."""

from collections.abc import Callable
from typing import TypeAlias

from edge.domain.events import Event, EventType
from edge.web.event_grade import Grade

Told: TypeAlias = tuple[Grade, str, str]

PUNCHED = {
    "in": "{name} came to work",
    "out": "{name} left work",
    "break_start": "{name} began a break",
    "break_end": "{name} came back from a break",
}
CORRECTED = {
    "add": "{actor} added a punch of {name}",
    "change": "{actor} changed a punch of {name}",
    "void": "{actor} cancelled a punch of {name}",
}
PINS = {
    "set": "{actor} gave {name} a new PIN",
    "removed": "{actor} removed the PIN of {name}",
    "reset": "{actor} unlocked the PIN of {name}",
}


def _punched(event: Event) -> Told:
    kind = str(event.data.get("kind", ""))
    return "ok", "attendance", PUNCHED.get(kind, "{name} punched")


def _corrected(event: Event) -> Told:
    action = str(event.data.get("action", ""))
    return "info", "edit", CORRECTED.get(action, "{actor} corrected a punch of {name}")


def _forgiven(event: Event) -> Told:
    if event.person is None:
        return "info", "history", "{actor} forgave anti-passback to everybody"
    return "info", "history", "{actor} forgave anti-passback to {name}"


def _cleared(event: Event) -> Told:
    if event.person is None:
        return "info", "people", "{actor} cleared the list of who is inside"
    return "info", "people", "{actor} took {name} off the list of who is inside"


def _person_changed(event: Event) -> Told:
    pin = str(event.data.get("pin", ""))
    if pin in PINS:
        return "info", "key", PINS[pin]
    if event.data.get("merged"):
        return "info", "people", "{actor} made one person of two: {name}"
    if event.data.get("removed"):
        return "info", "person", "{actor} removed a picture of {name}"
    if event.data.get("references"):
        return "info", "person", "{actor} added pictures of {name}"
    return "info", "person", "{actor} changed the details of {name}"


def _said(icon: str, text: str) -> Callable[[Event], Told]:
    return lambda _: ("info", icon, text)


TELLERS: dict[str, Callable[[Event], Told]] = {
    EventType.ATTENDANCE_PUNCHED: _punched,
    EventType.ATTENDANCE_CORRECTED: _corrected,
    EventType.PASSBACK_FORGIVEN: _forgiven,
    EventType.MUSTER_CLEARED: _cleared,
    EventType.PERSON_ENROLLED: _said("person", "{actor} enrolled {name}"),
    EventType.PERSON_CHANGED: _person_changed,
    EventType.PERSON_REMOVED: _said("trash", "{actor} removed a person and all that was held about them"),
    EventType.RECOGNITION_DISPUTED: _said("face", "{actor} said that it was not {name}"),
    EventType.VISITOR_ADDED: _said("person", "{actor} added the visitor {name}"),
    EventType.SCHEDULE_CHANGED: _said("calendar", "{actor} changed the schedule {name}"),
    EventType.SCHEDULE_REMOVED: _said("calendar", "{actor} removed the schedule {name}"),
    EventType.HOLIDAY_CHANGED: _said("calendar", "{actor} changed the holiday {name}"),
    EventType.HOLIDAY_REMOVED: _said("calendar", "{actor} removed the holiday {name}"),
    EventType.GROUP_CHANGED: _said("people", "{actor} changed the group {name}"),
    EventType.GROUP_REMOVED: _said("people", "{actor} removed the group {name}"),
    EventType.SCREEN_OFFERED: _said("screen", "{actor} asked for a code that pairs a screen"),
    EventType.SCREEN_PAIRED: _said("screen", "A screen beside the door was paired"),
    EventType.SCREEN_REVOKED: _said("screen", "{actor} revoked a screen beside the door"),
    EventType.ADMIN_SETTINGS_CHANGED: _said("settings", "{actor} changed the settings"),
    EventType.ADMIN_EXPORTED: _said("download", "{actor} took data away as a file"),
    EventType.ADMIN_BACKUP_TAKEN: _said("download", "{actor} took a backup"),
    EventType.ADMIN_BACKUP_RESTORED: _said("history", "{actor} put a backup back"),
    EventType.CLOCK_SET: _said("clock", "{actor} set the clock"),
    EventType.CLOCK_VOUCHED: _said("clock", "{actor} vouched for the clock"),
}
