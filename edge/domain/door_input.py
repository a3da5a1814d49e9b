"""What a door machine is told, and what it asks for in return."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from edge.domain.events import NewEvent


class Cause(StrEnum):
    """What unlocks a door."""

    GRANT = "grant"
    ADMIN = "admin"
    SCHEDULE = "schedule"
    EVACUATION = "evacuation"
    EXIT = "exit"
    FIRE = "fire"


# --- acts: what software decides, which needs its journal row first


@dataclass(frozen=True, slots=True)
class Pulse:
    """Unlock for a time; `seconds` None is the rules' own.

    `through_lockdown` says of a grant that the policy lets it pass a lockdown as well; `otherwise` is what is
    to be recorded of a grant that was not carried out: for a lockdown, or, with that reason, as too late.
    """

    cause: Cause = Cause.GRANT
    seconds: float | None = None
    through_lockdown: bool = False
    otherwise: tuple[NewEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """Unlock until released."""

    cause: Cause


Act: TypeAlias = Pulse | Hold


# --- inputs


@dataclass(frozen=True, slots=True)
class Committed:
    """An act whose event is durable as journal row `row`.

    None: it could not be written. The machine then acts only where the site chose so.
    """

    act: Act
    row: int | None


@dataclass(frozen=True, slots=True)
class ExitRequested:
    """The exit button was pressed."""


@dataclass(frozen=True, slots=True)
class FireInput:
    """The fire alarm's contact."""

    active: bool


@dataclass(frozen=True, slots=True)
class TamperInput:
    """The contact of the case."""

    active: bool


@dataclass(frozen=True, slots=True)
class ContactInput:
    """The door's contact, debounced."""

    opened: bool


@dataclass(frozen=True, slots=True)
class ScheduleWants:
    """Whether the office hours hold the door now; may be repeated."""

    unlocked: bool


@dataclass(frozen=True, slots=True)
class AdminUnlock:
    """An admin opens for a time, or holds the door (`hold`); `reason` is what the admin says of it."""

    actor: str
    hold: bool = False
    seconds: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A hold ends; `actor` is who ended it, where somebody did."""

    cause: Cause
    actor: str = ""


@dataclass(frozen=True, slots=True)
class LockNow:
    """An admin locks: pulses and holds end; the schedule begins again with its next hours.

    `hours` is the local day, in ISO form, whose office hours whoever keeps them has ended with it.
    """

    actor: str = ""
    hours: str | None = None


@dataclass(frozen=True, slots=True)
class Lockdown:
    """The site's lockdown begins or ends, by `actor`."""

    active: bool
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing but time; due at `door_timing.deadline`."""


Input: TypeAlias = (
    Committed
    | ExitRequested
    | FireInput
    | TamperInput
    | ContactInput
    | ScheduleWants
    | AdminUnlock
    | Release
    | LockNow
    | Lockdown
    | Tick
)


# --- effects, to be carried out in their order


@dataclass(frozen=True, slots=True)
class Energise:
    """Drive the relay unlocked. Arm its end at monotonic second `until` before the line moves.

    A later one replaces the end, also by an earlier one. None is until told otherwise (fire, evacuation).
    """

    until: float | None


@dataclass(frozen=True, slots=True)
class Idle:
    """Drive the relay idle: locked."""


@dataclass(frozen=True, slots=True)
class Record:
    """Journal what has happened; if that is not possible, keep it in a bounded ring for later."""

    event: NewEvent


@dataclass(frozen=True, slots=True)
class Commit:
    """Journal `event` first; when it is durable, give the machine `Committed(act, row)`."""

    event: NewEvent
    act: Act


@dataclass(frozen=True, slots=True)
class Refuse:
    """An admin's wish that is not fulfilled, and why, in words."""

    sentence: str


Effect: TypeAlias = Energise | Idle | Record | Commit | Refuse
