from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from edge.domain.access_group import Group
from edge.domain.events import Instant
from edge.domain.schedule_calendar import Calendar
from edge.domain.schedule_hours import OfficeHours, OfficeState, holds, let_in, tick
from edge.domain.schedule_text import parse_schedule

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = OfficeHours(schedule=parse_schedule("office", "mon-fri 08:00-12:00 13:00-17:00"))
ROUND_THE_CLOCK = OfficeHours(schedule=parse_schedule("open", "daily 00:00-24:00"))
VISITORS, STAFF = Group(name="visitors", first_person=False), Group(name="staff")


def walk(
    *steps: str, hours: OfficeHours = HOURS, groups: tuple[Group, ...] = (), trusted: bool = True
) -> list[bool]:
    """Return whether the door is held after each step: a local time, with ` in` where somebody is let in."""
    state, found = OfficeState(), []
    for step in steps:
        text, _, arrival = step.partition(" in")
        wall = datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()
        state = tick(state, hours, Instant(wall, 0, trusted), Calendar(), BERLIN)
        if arrival or step.endswith(" in"):
            state = let_in(state, groups)
        found.append(holds(state, hours))
    return found


def test_the_door_is_held_from_the_first_person_to_the_end_of_the_hours() -> None:
    course = ["2026-03-02 08:00", "2026-03-02 08:20 in", "2026-03-02 11:59", "2026-03-02 12:00"]
    assert walk(*course) == [False, True, True, False]


def test_after_a_break_a_first_person_is_needed_again() -> None:
    course = ["2026-03-02 11:00 in", "2026-03-02 12:30", "2026-03-02 13:00", "2026-03-02 13:01 in"]
    assert walk(*course) == [True, False, False, True]


def test_who_comes_before_the_hours_does_not_begin_them() -> None:
    assert walk("2026-03-02 07:59 in", "2026-03-02 08:00") == [False, False]


def test_without_the_rule_the_hours_alone_hold_the_door() -> None:
    hours = OfficeHours(schedule=HOURS.schedule, first_person=False)
    assert walk("2026-03-02 07:59", "2026-03-02 08:00", "2026-03-01 10:00", hours=hours) == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(("groups", "held"), [((VISITORS,), False), ((VISITORS, STAFF), True), ((), True)])
def test_some_groups_do_not_begin_the_hours(groups: tuple[Group, ...], held: bool) -> None:
    assert walk("2026-03-02 09:00 in", groups=groups) == [held]


def test_an_untrusted_clock_holds_no_door() -> None:
    assert walk("2026-03-02 09:00 in", trusted=False) == [False]


def test_each_day_of_hours_without_end_needs_its_first_person() -> None:
    course = ["2026-03-02 09:00 in", "2026-03-02 23:59", "2026-03-03 00:00", "2026-03-03 00:01 in"]
    assert walk(*course, hours=ROUND_THE_CLOCK) == [True, True, False, True]


def test_a_clock_set_into_the_hours_of_another_day_locks() -> None:
    assert walk("2026-03-02 09:00 in", "2036-03-03 09:00", "2026-03-02 09:01") == [True, False, False]
