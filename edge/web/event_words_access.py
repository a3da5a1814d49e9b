"""The sentences of who passed and who did not, and of the door."""

from collections.abc import Callable
from typing import TypeAlias

from edge.domain.access_reason import Denial, Grant
from edge.domain.events import Event, EventType
from edge.web.event_grade import Grade

Told: TypeAlias = tuple[Grade, str, str]

GRANTED = {
    Grant.FACE: "{name} was let in by face",
    Grant.FACE_AND_PIN: "{name} was let in by face and PIN",
    Grant.VISITOR_PIN: "Visitor {name} was let in by PIN",
    Grant.EVACUATION: "{name} was seen during the evacuation",
}
GRANTED_OUT = {
    Grant.FACE: "{name} was let out by face",
    Grant.FACE_AND_PIN: "{name} was let out by face and PIN",
    Grant.VISITOR_PIN: "Visitor {name} was let out by PIN",
}
WHY: dict[str, str] = {
    Denial.UNKNOWN: "the face is not known",
    Denial.BELOW_MARGIN: "looks too much like somebody else",
    Denial.SPOOF: "not a living face",
    Denial.STALE: "the decision came too late",
    Denial.UNAVAILABLE: "the records could not be read",
    Denial.LOCKDOWN: "lockdown",
    Denial.NOT_YET_VALID: "access has not begun yet",
    Denial.EXPIRED: "access has ended",
    Denial.CLOCK_UNTRUSTED: "the terminal does not know the time",
    Denial.NO_ACCESS: "no access at this door",
    Denial.SCHEDULE: "outside of the allowed hours",
    Denial.VISITS_USED: "the PIN has been used up",
    Denial.SECOND_FACTOR_MISSING: "no PIN was entered",
    Denial.SECOND_FACTOR_WRONG: "wrong PIN",
    Denial.SECOND_FACTOR_LOCKED: "too many wrong PINs",
    Denial.PASSBACK: "has not left since coming in",
    Denial.SECOND_PERSON_MISSING: "no second person came",
    "empty_gallery": "nobody is enrolled",
    "poor_quality": "the face was not seen clearly",
}
GRAVE = {Denial.SPOOF, Denial.UNAVAILABLE, Denial.SECOND_FACTOR_LOCKED}
LOCKED = {
    "admin": "The door was locked ({actor})",
    "released": "The door was locked ({actor})",
    "fault": "The door was locked because of a fault",
}
UNLOCKED = {
    "admin": "{actor} unlocked the door",
    "schedule": "The door was unlocked for the office hours",
    "evacuation": "The door was unlocked for the evacuation",
    "exit": "The door was unlocked by the exit button",
    "fire": "The door was unlocked by the fire alarm",
}


def why(event: Event) -> str:
    """Return why somebody was not let in, in English, empty where nothing is said."""
    reason = str(event.data.get("reason", ""))
    return WHY.get(reason, reason) if event.type == EventType.ACCESS_DENIED else ""


def _granted(event: Event) -> Told:
    reason = event.data.get("reason")
    known = GRANTED | GRANTED_OUT if event.data.get("direction") == "out" else GRANTED
    text = next((text for grant, text in known.items() if grant == reason), GRANTED[Grant.FACE])
    if event.data.get("with"):
        text = "{name} was let in together with {other}"
    if event.data.get("passback_violated"):
        return "warn", "ok", "{name} was let in again without having left"
    return "ok", "ok", text


def _denied(event: Event) -> Told:
    grave = event.data.get("reason") in GRAVE
    text = "{name} was not let in: {why}" if event.person else "Not let in: {why}"
    return "bad" if grave else "warn", "bad" if grave else "idle", text


def _locked(event: Event) -> Told:
    cause = str(event.data.get("why", ""))
    return "warn" if cause == "fault" else "idle", "lock", LOCKED.get(cause, "The door was locked")


def _unlocked(event: Event) -> Told:
    if event.data.get("hold"):
        return "info", "unlock", "{actor} holds the door open"
    by = str(event.data.get("by", ""))
    return "info" if by == "admin" else "idle", "unlock", UNLOCKED.get(by, "The door was unlocked")


def _released(event: Event) -> Told:
    if event.data.get("hours"):
        return "info", "lock", "{actor} ended the office hours of the door for the day"
    return "info", "lock", "{actor} ended the hold of the door"


def _held(event: Event) -> Told:
    if event.data.get("stage") == "warned":
        return "warn", "door-open", "The door stands open"
    return "bad", "door-open", "The door has been open for too long"


TELLERS: dict[str, Callable[[Event], Told]] = {
    EventType.ACCESS_GRANTED: _granted,
    EventType.ACCESS_DENIED: _denied,
    EventType.DOOR_LOCKED: _locked,
    EventType.DOOR_UNLOCKED: _unlocked,
    EventType.DOOR_RELEASED: _released,
    EventType.DOOR_HELD: _held,
}
