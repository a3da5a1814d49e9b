"""The kinds of events that the pages let one filter by: each a few types that belong together."""

from dataclasses import dataclass

from edge.domain.events import EventType as E


@dataclass(frozen=True, slots=True)
class Group:
    """Some types under one English name; `key` is what addresses say."""

    key: str
    name: str
    types: frozenset[E]


def _group(key: str, name: str, *types: E) -> Group:
    return Group(key, name, frozenset(types))


_NAMED = (
    _group("granted", "Let in", E.ACCESS_GRANTED),
    _group("denied", "Not let in", E.ACCESS_DENIED),
    _group("punches", "Punches and corrections", E.ATTENDANCE_PUNCHED, E.ATTENDANCE_CORRECTED),
    _group(
        "alarms",
        "Alarms",
        *(E.ACCESS_DURESS, E.DOOR_FORCED, E.DOOR_HELD, E.DOOR_TAMPERED, E.DOOR_TAMPER_ENDED),
        *(E.FIRE_STARTED, E.FIRE_ENDED, E.LOCKDOWN_STARTED, E.LOCKDOWN_ENDED),
        *(E.EVACUATION_STARTED, E.EVACUATION_ENDED),
    ),
    _group(
        "door",
        "Door",
        *(E.DOOR_UNLOCKED, E.DOOR_LOCKED, E.DOOR_RELEASED, E.DOOR_OPENED, E.DOOR_CLOSED, E.EXIT_REQUESTED),
    ),
    _group(
        "people",
        "People changed",
        *(E.PERSON_ENROLLED, E.PERSON_CHANGED, E.PERSON_REMOVED, E.RECOGNITION_DISPUTED, E.VISITOR_ADDED),
    ),
    _group(
        "rules",
        "Access rules changed",
        *(E.SCHEDULE_CHANGED, E.SCHEDULE_REMOVED, E.HOLIDAY_CHANGED, E.HOLIDAY_REMOVED),
        *(E.GROUP_CHANGED, E.GROUP_REMOVED, E.PASSBACK_FORGIVEN, E.MUSTER_CLEARED),
    ),
    _group(
        "camera",
        "Camera and recognition",
        *(E.CAMERA_LOST, E.CAMERA_RESTORED, E.CAMERA_COVERED, E.VISION_RESTARTED),
        *(E.THERMAL_THROTTLED, E.THERMAL_RECOVERED, E.THERMAL_SENSOR_LOST, E.THERMAL_SENSOR_RESTORED),
    ),
)
_LISTED = frozenset[E]().union(*(group.types for group in _NAMED))
GROUPS = (
    Group("all", "Everything", frozenset(E)),
    *_NAMED,
    Group("system", "Terminal and administration", frozenset(E) - _LISTED),
)


def types_of(key: str) -> frozenset[E]:
    """Return the types of a group or the one type that `key` names; none at all for anything else."""
    for group in GROUPS:
        if group.key == key:
            return group.types
    return frozenset(kind for kind in E if str(kind) == key)
