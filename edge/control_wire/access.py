"""Schedules, holidays, groups, PINs and visitors on the control socket. Days are YYYY-MM-DD."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from edge.control_wire.body import Body, Text
from edge.domain.access_group import Group
from edge.domain.label import MAX_LABEL, clean_label
from edge.domain.person import MAX_NAME, NewVisitor
from edge.domain.schedule import Schedule
from edge.domain.schedule_calendar import Holiday
from edge.domain.schedule_text import parse_schedule, schedule_text
from edge.domain.second_factor_pin import PinHashes
from edge.errors import RuleError

Label = Annotated[str, Field(max_length=MAX_LABEL)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Hash = Annotated[str, Field(min_length=1, max_length=500)]


def _day(text: str | None) -> date | None:
    """Return the day; raises RuleError for one that no calendar has."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise RuleError(f"{text}: there is no such day") from None


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise RuleError(f'time zone "{name}": this machine knows none by this name') from None


class ScheduleBody(Body):
    """A schedule by its text."""

    name: Label
    text: Annotated[str, Field(max_length=10_000)]
    zone: Text | None = None
    first: Day | None = None
    last: Day | None = None

    @classmethod
    def of(cls, schedule: Schedule) -> "ScheduleBody":
        """Return the body of a schedule."""
        first, last = (None if day is None else day.isoformat() for day in (schedule.first, schedule.last))
        zone = None if schedule.zone is None else str(schedule.zone)
        return cls(name=schedule.name, text=schedule_text(schedule), zone=zone, first=first, last=last)

    def schedule(self) -> Schedule:
        """Return the schedule; raises RuleError."""
        read = parse_schedule(clean_label("schedule", self.name), self.text, zone=_zone(self.zone))
        return read.in_force(_day(self.first), _day(self.last))


class HolidayBody(Body):
    """A holiday."""

    name: Label
    first: Day
    last: Day
    type: Text
    yearly: bool

    @classmethod
    def of(cls, holiday: Holiday) -> "HolidayBody":
        """Return the body of a holiday."""
        return cls(
            name=holiday.name,
            first=holiday.first.isoformat(),
            last=holiday.last.isoformat(),
            type=holiday.type,
            yearly=holiday.yearly,
        )

    def holiday(self) -> Holiday:
        """Return the holiday; raises RuleError."""
        first, last = _day(self.first), _day(self.last)
        name = clean_label("holiday", self.name)
        return Holiday(name, first or date.min, last or date.min, self.type, self.yearly)


class GroupBody(Body):
    """A group."""

    name: Label
    schedule: Label
    doors: Annotated[list[Text], Field(max_length=100)] | None
    second_factor: bool
    passback_exempt: bool
    alone: bool
    escort: bool
    lockdown_pass: bool
    first_person: bool

    @classmethod
    def of(cls, group: Group) -> "GroupBody":
        """Return the body of a group."""
        return cls(
            name=group.name,
            schedule=group.schedule,
            doors=None if group.doors is None else sorted(group.doors),
            second_factor=group.second_factor,
            passback_exempt=group.passback_exempt,
            alone=group.alone,
            escort=group.escort,
            lockdown_pass=group.lockdown_pass,
            first_person=group.first_person,
        )

    def group(self) -> Group:
        """Return the group; raises RuleError."""
        name = clean_label("group", self.name)
        doors = None if self.doors is None else frozenset(clean_label("door", door) for door in self.doors)
        return Group(**{**self.model_dump(), "name": name, "doors": doors})


class RemoveNamedBody(Body):
    """What is to go, by its name."""

    name: Text


class RemoveHolidayBody(Body):
    """The holidays of a name, or the one that begins on `first`."""

    name: Text
    first: Day | None = None

    def day(self) -> date | None:
        """Return the day; raises RuleError for one that no calendar has."""
        return _day(self.first)


class RemovedBody(Body):
    """How many went."""

    count: int


class PinsBody(Body):
    """The hashes of a person's PINs, which are never sent themselves; without any, they go."""

    pin: Hash | None
    duress: Hash | None

    def hashes(self) -> PinHashes:
        """Return the hashes."""
        return PinHashes(self.pin, self.duress)


class VisitorBody(Body):
    """A visitor; times are UTC seconds."""

    name: Annotated[str, Field(max_length=4 * MAX_NAME)]
    digest: Hash
    valid_until: float
    valid_from: float | None
    max_visits: Annotated[int, Field(ge=1, le=1_000_000)] | None
    schedule: Label | None
    groups: Annotated[list[Label], Field(max_length=100)]

    @classmethod
    def of(cls, visitor: NewVisitor) -> "VisitorBody":
        """Return the body of a visitor."""
        return cls(
            name=visitor.name,
            digest=visitor.digest,
            valid_until=visitor.valid_until,
            valid_from=visitor.valid_from,
            max_visits=visitor.max_visits,
            schedule=visitor.schedule,
            groups=list(visitor.groups),
        )

    def visitor(self) -> NewVisitor:
        """Return the visitor."""
        return NewVisitor(**{**self.model_dump(), "groups": tuple(self.groups)})
