"""Events are past tense, written once and never edited; corrections are new events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_DATA_BYTES = 64 * 1024  # of JSON in one event: the journal is no place for pictures


EXACT = frozenset({"percent", "fpir"})  # an exact score helps somebody to tune an attack; `band` does not


class EventType(StrEnum):
    """The types this version writes; published as `edge.<type>`."""

    ACCESS_GRANTED = "access.granted"
    ACCESS_DENIED = "access.denied"
    ACCESS_DURESS = "access.duress"
    PASSBACK_FORGIVEN = "passback.forgiven"
    ATTENDANCE_PUNCHED = "attendance.punched"
    ATTENDANCE_CORRECTED = "attendance.corrected"
    MUSTER_CLEARED = "muster.cleared"
    PERSON_ENROLLED = "person.enrolled"
    PERSON_CHANGED = "person.changed"
    PERSON_REMOVED = "person.removed"
    RECOGNITION_DISPUTED = "recognition.disputed"
    VISITOR_ADDED = "visitor.added"
    SCHEDULE_CHANGED = "schedule.changed"
    SCHEDULE_REMOVED = "schedule.removed"
    HOLIDAY_CHANGED = "holiday.changed"
    HOLIDAY_REMOVED = "holiday.removed"
    GROUP_CHANGED = "group.changed"
    GROUP_REMOVED = "group.removed"
    SCREEN_OFFERED = "screen.offered"
    SCREEN_PAIRED = "screen.paired"
    SCREEN_REVOKED = "screen.revoked"
    ADMIN_CODE_OFFERED = "admin.code_offered"
    ADMIN_CODE_WITHDRAWN = "admin.code_withdrawn"
    ADMIN_JOINED = "admin.joined"
    ADMIN_CHANGED = "admin.changed"
    ADMIN_LOGGED_IN = "admin.logged_in"
    ADMIN_LOGIN_FAILED = "admin.login_failed"
    ADMIN_LOGIN_DELAYED = "admin.login_delayed"
    ADMIN_LOGGED_OUT = "admin.logged_out"
    ADMIN_TOKEN_MADE = "admin.token_made"  # noqa: S105 - a type of event
    ADMIN_TOKEN_REVOKED = "admin.token_revoked"  # noqa: S105 - likewise
    CLOCK_SET = "clock.set"
    CLOCK_VOUCHED = "clock.vouched"
    CAMERA_LOST = "camera.lost"
    CAMERA_RESTORED = "camera.restored"
    CAMERA_COVERED = "camera.covered"
    VISION_RESTARTED = "vision.restarted"
    DOOR_UNLOCKED = "door.unlocked"
    DOOR_LOCKED = "door.locked"
    DOOR_RELEASED = "door.released"
    DOOR_OPENED = "door.opened"
    DOOR_CLOSED = "door.closed"
    DOOR_FORCED = "door.forced"
    DOOR_HELD = "door.held"
    DOOR_TAMPERED = "door.tampered"
    DOOR_TAMPER_ENDED = "door.tamper_ended"
    EXIT_REQUESTED = "exit.requested"
    FIRE_STARTED = "fire.started"
    FIRE_ENDED = "fire.ended"
    LOCKDOWN_STARTED = "lockdown.started"
    LOCKDOWN_ENDED = "lockdown.ended"
    EVACUATION_STARTED = "evacuation.started"
    EVACUATION_ENDED = "evacuation.ended"
    THERMAL_THROTTLED = "thermal.throttled"
    THERMAL_RECOVERED = "thermal.recovered"
    THERMAL_SENSOR_LOST = "thermal.sensor_lost"
    THERMAL_SENSOR_RESTORED = "thermal.sensor_restored"
    SYSTEM_STARTED = "system.started"
    SYSTEM_STOPPED = "system.stopped"
    SYSTEM_RECOVERED = "system.recovered"
    SYSTEM_DISK_LOW = "system.disk_low"
    SYSTEM_DISK_RESTORED = "system.disk_restored"
    SYSTEM_BROKER_LOST = "system.broker_lost"
    SYSTEM_BROKER_RESTORED = "system.broker_restored"
    JOURNAL_GAP = "journal.gap"
    ALERT_GIVEN_UP = "alert.given_up"
    ADMIN_SETTINGS_CHANGED = "admin.settings_changed"
    ADMIN_EXPORTED = "admin.exported"
    ADMIN_BACKUP_TAKEN = "admin.backup_taken"
    ADMIN_BACKUP_RESTORED = "admin.backup_restored"
    COMMAND_ACCEPTED = "command.accepted"
    COMMAND_REFUSED = "command.refused"


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment: `wall` UTC seconds since 1970, `monotonic_ns`, and whether the wall clock was vouched for."""

    wall: float
    monotonic_ns: int
    trusted: bool


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened, before the journal gave it a number.

    `person` is a person id or None; `data` is a JSON object without names or other personal text, so that
    a person can be forgotten while the log stays whole. `at` is when it happened, None for the moment it is
    appended.
    """

    type: EventType
    person: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A journaled event. `id` is `<journal uuid>:<seq>`; `time` is ISO 8601 UTC with milliseconds and `Z`."""

    seq: int
    id: str
    boot_id: str
    time: str
    monotonic_ns: int
    clock_trusted: bool
    type: EventType
    person: str | None
    data: Mapping[str, Any]

    def cloud_event(self, device: str) -> dict[str, Any]:
        """Return the CloudEvents 1.0 object of this event for terminal `device`."""
        body: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": f"edge/{device}",
            "type": f"edge.{self.type}",
            "time": self.time,
            "sequence": str(self.seq),
            "datacontenttype": "application/json",
            "data": {**self.data, "boot_id": self.boot_id, "clock_trusted": self.clock_trusted},
        }
        if self.person is not None:
            body["subject"] = self.person
        return body

    def published(self, device: str) -> dict[str, Any]:
        """Return the CloudEvents object as it may leave the terminal: without exact scores."""
        body = self.cloud_event(device)
        body["data"] = {key: value for key, value in body["data"].items() if key not in EXACT}
        return body
