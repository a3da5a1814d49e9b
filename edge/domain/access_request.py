"""Who asks for what, and by which rules it is decided."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import StrEnum

from edge.domain.access_group import Group
from edge.domain.access_reason import Mode
from edge.domain.access_two_person import TwoPersonRules
from edge.domain.events import Instant
from edge.domain.passback import Direction, PassbackRules
from edge.domain.person import Person
from edge.domain.schedule import ALWAYS, NEVER, Schedule
from edge.domain.schedule_calendar import Calendar
from edge.domain.second_factor import PinCheck, SecondFactorRules
from edge.domain.second_factor_attempts import AttemptRules


class Credential(StrEnum):
    """By what somebody was identified."""

    FACE = "face"
    VISITOR_PIN = "visitor_pin"  # the PIN itself says which visitor it is


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """Somebody at the door at the moment `at`.

    `person` is who was recognised, None where nobody is known by that id any more, or no visitor has the PIN;
    `fpir` the gallery's false-positive identification rate, None where it is unknown (which counts as above
    any limit); `pin` what came of a PIN, if one was entered; `direction` the way through the door.
    """

    person: Person | None
    at: Instant
    fpir: float | None = None
    pin: PinCheck = PinCheck.NONE
    credential: Credential = Credential.FACE
    direction: Direction = Direction.IN

    @property
    def now(self) -> float:
        """Return the monotonic second of the request."""
        return self.at.monotonic_ns / 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRules:
    """The rules of one door.

    `max_fpir` is the rate up to which a face alone opens a lock. `schedules` and `groups` are by name; the
    schedules `always` and `never` exist by themselves. `default_schedule` is for people with neither a
    schedule nor a group. `zone` is the terminal's time zone. `trust_any_clock` takes an untrusted wall clock
    for right, which makes schedules and dates worth no more than the clock is.
    """

    mode: Mode = Mode.DOOR
    max_fpir: float = 0.01
    door: str = "door"
    zone: tzinfo = UTC
    calendar: Calendar = field(default_factory=Calendar)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    default_schedule: str = ALWAYS.name
    trust_any_clock: bool = False
    second_factor: SecondFactorRules = field(default_factory=SecondFactorRules)
    attempts: AttemptRules = field(default_factory=AttemptRules)
    passback: PassbackRules = field(default_factory=PassbackRules)
    two_person: TwoPersonRules | None = None

    def schedule(self, name: str) -> Schedule | None:
        """Return a schedule by its name, None where there is none."""
        return {ALWAYS.name: ALWAYS, NEVER.name: NEVER}.get(name) or self.schedules.get(name)

    def groups_of(self, person: Person) -> tuple[Group, ...]:
        """Return the groups of a person that exist; a name without a group gives nothing."""
        return tuple(self.groups[name] for name in person.groups if name in self.groups)

    def knows_time(self, at: Instant) -> bool:
        """Return whether the wall clock of a moment may be relied upon."""
        return (at.trusted or self.trust_any_clock) and math.isfinite(at.wall)
