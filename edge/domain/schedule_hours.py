"""Office hours: a schedule that holds the door unlocked, from the first person's arrival if so wished."""

from dataclasses import dataclass, replace
from datetime import date, tzinfo

from edge.domain.access_group import Group
from edge.domain.events import Instant
from edge.domain.schedule import Schedule, opened_on
from edge.domain.schedule_calendar import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """When the door stands unlocked. With `first_person` it waits for somebody to be let in by then."""

    schedule: Schedule
    first_person: bool = True


@dataclass(frozen=True, slots=True)
class OfficeState:
    """`day` is that on which the present hours began, None outside them; `arrived` that somebody came."""

    day: date | None = None
    arrived: bool = False


def tick(
    state: OfficeState, hours: OfficeHours, at: Instant, calendar: Calendar, zone: tzinfo
) -> OfficeState:
    """Return the state at a moment. A clock that nobody vouches for is outside all hours.

    The hours of each day need a first person of their own, also where they join those of the day before, and
    also where the clock is set from within the hours of one day into those of another.
    """
    day = opened_on(hours.schedule, at.wall, calendar, zone) if at.trusted else None
    return state if day == state.day else OfficeState(day)


def let_in(state: OfficeState, groups: tuple[Group, ...]) -> OfficeState:
    """Return the state after somebody of some groups was let in; no group at all counts as a first person."""
    if state.day is None or (groups and not any(group.first_person for group in groups)):
        return state
    return replace(state, arrived=True)


def holds(state: OfficeState, hours: OfficeHours) -> bool:
    """Return whether the door is to stand unlocked."""
    return state.day is not None and (state.arrived or not hours.first_person)
