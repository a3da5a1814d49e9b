"""Schedules, holidays and groups: what may be written down, and what may go."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from edge.domain.access_group import Group
from edge.domain.label import clean_label
from edge.domain.schedule import ALWAYS, NEVER, Schedule
from edge.domain.schedule_calendar import Holiday
from edge.domain.schedule_text import parse_schedule
from edge.errors import ConflictError, RuleError
from edge.ports import AccessChanges


class ScheduleDesk:
    """Writes schedules, holidays and groups down; `needed` is what the configuration needs."""

    def __init__(self, access: AccessChanges, needed: Mapping[str, str] | None = None) -> None:
        self._access = access
        self._needed = needed or {}

    def set_schedule(
        self,
        name: str,
        text: str,
        *,
        zone: str | None = None,
        first: date | None = None,
        last: date | None = None,
        actor: str,
    ) -> Schedule:
        """Add a schedule by its text, or replace the one of the same name; `zone` is an IANA name.

        Raises RuleError for a name, text, zone or dates that make no sense.
        """
        label = clean_label("schedule", name)
        if label in (ALWAYS.name, NEVER.name):
            raise RuleError(f'schedule "{label}": it exists by itself; choose another name')
        schedule = parse_schedule(label, text, zone=_zone(zone)).in_force(first, last)
        self._access.put_schedule(schedule, actor=actor)
        return schedule

    def remove_schedule(self, name: str, *, actor: str) -> None:
        """Remove a schedule; raises NotFoundError, and ConflictError where something needs it."""
        if name in self._needed:
            raise ConflictError(
                f'schedule "{name}": the configuration needs it ({self._needed[name]}); change that first'
            )
        self._access.remove_schedule(name, actor=actor)

    def add_holiday(self, holiday: Holiday, *, actor: str) -> None:
        """Write a holiday down; raises RuleError, and ConflictError where it overlaps one of its name."""
        named = replace(holiday, name=clean_label("holiday", holiday.name))
        for other in self._access.calendar().holidays:
            if other.name == named.name and other.first != named.first and _overlap(other, named):
                raise ConflictError(
                    f'holiday "{named.name}": it overlaps the one from {other.first} to {other.last}; '
                    "remove that first"
                )
        self._access.put_holiday(named, actor=actor)

    def set_group(self, group: Group, *, actor: str) -> None:
        """Write a group down; raises RuleError, and NotFoundError for an unknown schedule."""
        doors = None if group.doors is None else frozenset(clean_label("door", door) for door in group.doors)
        named = replace(group, name=clean_label("group", group.name), doors=doors)
        self._access.put_group(named, actor=actor)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise RuleError(
            f'time zone "{name}": this machine knows none by this name; write one as in "Asia/Tokyo"'
        ) from None


def _overlap(one: Holiday, other: Holiday) -> bool:
    """Return whether some day is of both; a yearly one is compared in the years of the other."""
    return any(
        first.covers(day)
        for first, second in ((one, other), (other, one))
        for day in (second.first, second.last)
    )
