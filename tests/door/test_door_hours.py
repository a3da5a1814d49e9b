"""Office hours: told to a door by what the doorkeeper read last, and taken up after a restart."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access import AccessRules
from edge.domain.access_group import Group
from edge.domain.door_input import Cause, FireInput, Input, ScheduleWants
from edge.domain.events import EventType, Instant, NewEvent
from edge.domain.person import Person
from edge.domain.schedule_text import parse_schedule
from edge.door_hours import DoorHours, HoursRules
from edge.door_site import LATEST
from edge.errors import DoorError
from tests.door.conftest import Start
from tests.door.wired import Wired, enrol, eventually, recognised

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = parse_schedule("office", "mon-fri 08:00-18:00")
RULES = AccessRules(zone=TOKYO, schedules={"office": OFFICE})


class Clock:
    """A wall clock that a test sets, over the system's monotonic one."""

    def __init__(self, text: str) -> None:
        self.trusted = True
        self.set(text)

    def set(self, text: str) -> None:
        self.wall = datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC).timestamp()

    def monotonic(self) -> float:
        return ClockSystem().monotonic()

    def now(self) -> Instant:
        return Instant(self.wall, ClockSystem().now().monotonic_ns, self.trusted)


MONDAY = "2027-01-18 "


@pytest.fixture
def clock() -> Clock:
    return Clock(f"{MONDAY}09:00")


Made = Callable[..., DoorHours]


@pytest.fixture
def hours(clock: Clock) -> Made:
    def make(
        *, first_person: bool = False, schedule: str = "office", told: list[Input] | None = None
    ) -> DoorHours:
        told = [] if told is None else told
        made = DoorHours(
            HoursRules(schedule=schedule, first_person=first_person), tell=told.append, clock=clock
        )
        made.use(RULES)
        return made

    return make


def test_the_door_is_to_stand_open_within_the_hours_and_not_outside(hours: Made, clock: Clock) -> None:
    made = hours()
    for time, wanted in (("07:59", False), ("08:00", True), ("17:59", True), ("18:00", False)):
        clock.set(MONDAY + time)
        assert made.look() is wanted


def test_a_clock_that_nobody_vouches_for_is_outside_unless_the_site_takes_any(
    hours: Made, clock: Clock
) -> None:
    made = hours()
    clock.trusted = False
    assert not made.look()
    made.use(replace(RULES, trust_any_clock=True))
    assert made.look()


def test_with_first_person_they_begin_with_the_first_arrival_of_the_day(hours: Made, clock: Clock) -> None:
    made = hours(first_person=True)
    late = Group(name="cleaners", first_person=False)
    assert not made.look()
    made.let_in((late,))
    assert not made.look()
    made.let_in(())
    assert made.look()
    clock.set("2027-01-19 09:00")
    assert not made.look()


def test_before_rules_were_read_and_with_a_schedule_that_is_not_there_it_is_not_held(
    hours: Made, clock: Clock
) -> None:
    unread = DoorHours(HoursRules(schedule="office"), tell=lambda _: None, clock=clock)
    assert not unread.look()
    assert unread.trouble is None
    missing = hours(schedule="offise")
    assert not missing.look()
    assert missing.trouble == 'schedule "offise" does not exist'


def test_what_fails_counts_as_outside(hours: Made, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[Input]()
    made = hours(told=told)

    def fails() -> Instant:
        raise RuntimeError("a defect")

    made.turn()
    monkeypatch.setattr(clock, "now", fails)
    made.turn()
    assert told == [ScheduleWants(unlocked=True), ScheduleWants(unlocked=False)]


def test_hours_that_are_closed_stay_so_until_the_next_day_s_whatever_the_clock_does(
    hours: Made, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[Input]()
    made = hours(told=told)
    assert made.look()
    assert made.close() == "2027-01-18"
    assert not made.look()
    clock.trusted = False
    assert not made.look()
    clock.trusted = True
    assert not made.look()
    with monkeypatch.context() as failing:
        failing.setattr(clock, "now", lambda: 1 / 0)
        made.turn()
    made.turn()
    assert told[1:] == [ScheduleWants(unlocked=False)] * 5
    clock.set("2027-01-19 09:00")
    assert made.look()


def test_hours_are_closed_also_while_nobody_vouches_for_the_clock(hours: Made, clock: Clock) -> None:
    made = hours()
    made.look()
    clock.trusted = False
    made.look()
    assert made.close() == "2027-01-18"
    clock.trusted = True
    assert not made.look()


def test_outside_all_hours_nothing_is_closed(hours: Made, clock: Clock) -> None:
    made = hours()
    clock.set(f"{MONDAY}07:59")
    made.look()
    assert made.close() is None
    clock.set(f"{MONDAY}08:00")
    assert made.look()


# --- with the door, and over restarts


def run(start: Start, store: SqliteStore, clock: Clock, *, first_person: bool = True) -> Wired:
    if "office" not in store.access.schedules():
        store.access.put_schedule(OFFICE, actor="test")
    access = AccessRules(zone=TOKYO)
    return start(access, clock=clock, hours=HoursRules(schedule="office", first_person=first_person))


def test_the_first_person_opens_for_all_until_the_hours_end(
    start: Start, store: SqliteStore, anna: Person, clock: Clock
) -> None:
    one = run(start, store, clock)
    door = one.site.doors[0]
    assert door.hours is not None
    one.see(anna)
    door.hours.turn()
    assert eventually(lambda: Cause.SCHEDULE in door.loop.state.holds)
    (unlocked,) = [event for event in one.events(EventType.DOOR_UNLOCKED) if event.data["by"] == "schedule"]
    assert unlocked.seq
    one.journal.gate.clear()  # whatever the journal does
    clock.set(f"{MONDAY}18:00")
    door.hours.turn()
    one.site.settle()
    assert Cause.SCHEDULE not in door.loop.state.holds


def test_after_a_restart_within_the_hours_the_door_stands_open_again(
    start: Start, store: SqliteStore, anna: Person, clock: Clock
) -> None:
    run(start, store, clock).see(anna)
    again = run(start, store, clock)
    assert eventually(lambda: Cause.SCHEDULE in again.site.doors[0].loop.state.holds)


def test_after_a_restart_nobody_has_come_who_came_on_another_day(
    start: Start, store: SqliteStore, anna: Person, clock: Clock
) -> None:
    run(start, store, clock).see(anna)
    clock.set("2027-01-19 09:00")
    again = run(start, store, clock)
    hours = again.site.doors[0].hours
    assert hours is not None
    assert not hours.look()


Noted = tuple[EventType, Person | None, dict[str, str]]


def note(store: SqliteStore, clock: Clock, events: list[Noted]) -> None:
    """Journal events of an earlier run."""
    for kind, person, data in events:
        who = None if person is None else person.id
        store.journal.append(NewEvent(kind, who, {"door": "door", **data}, at=clock.now()))


GRANTED, FORGIVEN = EventType.ACCESS_GRANTED, EventType.PASSBACK_FORGIVEN
NOT_OPENED = {"why": "not opened"}


def test_after_a_restart_nobody_has_come_whose_grant_was_taken_back(
    start: Start, store: SqliteStore, anna: Person, clock: Clock
) -> None:
    one = run(start, store, clock)
    one.journal.gate.clear()
    seen = recognised(anna.id, one.clock.monotonic())
    one.site.jobs.post(lambda: one.site.keeper.recognised(seen))
    assert eventually(lambda: one.journal.waiting > 0)
    one.control.lockdown(True, actor="boss")  # while the grant is journaled
    one.journal.gate.set()
    one.settle()
    one.control.lockdown(False, actor="boss")
    told = [event.type for event in one.events(GRANTED, EventType.ACCESS_DENIED, FORGIVEN)]
    assert told == [GRANTED, EventType.ACCESS_DENIED, FORGIVEN]
    assert not look_again(one)
    one.stop()
    again = run(start, store, clock)
    assert not look_again(again)
    again.see(anna)
    assert look_again(again)


def test_a_grant_that_was_taken_back_undoes_no_other(
    start: Start, store: SqliteStore, anna: Person, clock: Clock
) -> None:
    berta = enrol(store, "Berta")
    both, forgiven = {"with": berta.id}, (FORGIVEN, berta, NOT_OPENED)
    sequences: list[tuple[list[Noted], bool]] = [
        ([(GRANTED, anna, {}), (GRANTED, anna, {}), (FORGIVEN, anna, NOT_OPENED)], True),
        ([(GRANTED, anna, {}), (FORGIVEN, anna, NOT_OPENED), (GRANTED, anna, {})], True),
        ([(GRANTED, anna, {}), forgiven], True),
        ([(GRANTED, anna, {}), (FORGIVEN, anna, {}), (FORGIVEN, None, {})], True),  # by an admin
        ([(GRANTED, berta, {}), (GRANTED, anna, both), (FORGIVEN, anna, NOT_OPENED), forgiven], True),
        ([(GRANTED, anna, both), (FORGIVEN, anna, NOT_OPENED), forgiven], False),
        ([(GRANTED, anna, {}), (GRANTED, anna, {}), *[(FORGIVEN, anna, NOT_OPENED)] * 2], False),
    ]
    for day, (events, open_again) in enumerate(sequences):
        clock.set(f"2027-01-{(18, 19, 20, 21, 22, 25, 26)[day]} 09:00")
        note(store, clock, events)
        again = run(start, store, clock)
        assert look_again(again) is open_again, events
        again.stop()


def test_hours_that_an_admin_ended_stay_ended_after_a_restart_until_the_next_ones(
    start: Start, store: SqliteStore, anna: Person, clock: Clock
) -> None:
    first = run(start, store, clock)
    first.see(anna)
    hours = first.site.doors[0].hours
    assert hours is not None
    hours.turn()
    assert eventually(lambda: first.lock.energised)
    first.control.lock(actor="boss")
    first.events()
    first.stop()
    again = run(start, store, clock, first_person=False)
    hours = again.site.doors[0].hours
    assert hours is not None
    assert not hours.look()
    assert not again.lock.energised
    clock.set("2027-01-19 09:00")
    assert hours.look()


def test_a_lockdown_outranks_the_hours_which_hold_again_after_it(
    start: Start, store: SqliteStore, clock: Clock
) -> None:
    one = run(start, store, clock, first_person=False)
    assert eventually(lambda: one.lock.energised)
    one.control.lockdown(True, actor="boss")
    assert not one.lock.energised
    one.control.lockdown(False, actor="boss")
    assert eventually(lambda: one.lock.energised)


def look_again(run: Wired) -> bool:
    """Have the hours of a run told anew; return whether the door is held for them, or is to be."""
    (door,) = run.site.doors
    assert door.hours is not None
    door.hours.turn()
    run.settle()
    return door.loop.state.schedule_asked is not None or Cause.SCHEDULE in door.loop.state.holds


def test_hours_that_an_admin_ended_stay_ended_through_a_lockdown_and_a_fault(
    start: Start, store: SqliteStore, clock: Clock
) -> None:
    one = run(start, store, clock, first_person=False)
    assert eventually(lambda: one.lock.energised)
    assert one.control.lock(actor="boss") == "door: locked"
    one.lock.broken = True
    with pytest.raises(DoorError, match="does not obey"):
        one.control.unlock(actor="boss")
    one.lock.broken = False
    assert one.site.doors[0].loop.state.schedule_asked is None
    one.control.lockdown(True, actor="boss")
    one.control.lockdown(False, actor="boss")
    assert not look_again(one)
    assert not one.lock.energised
    (released,) = one.events(EventType.DOOR_RELEASED)
    assert released.data == {"door": "door", "actor": "boss", "hours": "2027-01-18"}


def test_after_a_lockdown_and_a_restart_the_hours_hold(
    start: Start, store: SqliteStore, clock: Clock
) -> None:
    one = run(start, store, clock, first_person=False)
    assert eventually(lambda: one.lock.energised)
    one.control.lockdown(True, actor="boss")
    one.events()
    one.control.lockdown(False, actor="boss")
    one.events()
    one.stop()
    again = run(start, store, clock, first_person=False)
    assert eventually(lambda: again.lock.energised)


def test_a_hold_that_an_admin_released_ends_no_hours(
    start: Start, store: SqliteStore, anna: Person, clock: Clock
) -> None:
    one = run(start, store, clock)
    one.control.hold(actor="boss")
    one.control.release(actor="boss")
    one.see(anna)
    one.events()
    one.stop()
    again = run(start, store, clock)
    assert eventually(lambda: Cause.SCHEDULE in again.site.doors[0].loop.state.holds)


def test_hours_that_an_admin_ended_during_a_fire_stay_ended_after_a_restart_though_many_come(
    start: Start, store: SqliteStore, clock: Clock
) -> None:
    one = run(start, store, clock, first_person=False)
    assert eventually(lambda: one.lock.energised)
    door = one.site.doors[0].loop
    door.ask(FireInput(active=True))
    one.control.lock(actor="boss")
    door.ask(FireInput(active=False))
    one.events()
    one.stop()
    locked = NewEvent(EventType.DOOR_LOCKED, data={"door": "door", "why": "time"})
    store.journal.append_many([locked] * (LATEST + 1))
    again = run(start, store, clock, first_person=False)
    assert not look_again(again)


def test_hours_that_an_earlier_version_ended_stay_ended(
    start: Start, store: SqliteStore, clock: Clock
) -> None:
    at = replace(clock.now(), trusted=False)
    for why in ("lockdown", "admin"):
        data = {"door": "door", "why": why, "actor": "boss"}
        store.journal.append(NewEvent(EventType.DOOR_LOCKED, data=data, at=at))
        again = run(start, store, clock, first_person=False)
        assert look_again(again) is (why == "lockdown")
        again.stop()


def test_hours_that_the_office_changes_hold_soon(start: Start, store: SqliteStore, clock: Clock) -> None:
    one = run(start, store, clock, first_person=False)
    hours = one.site.doors[0].hours
    assert hours is not None
    assert eventually(lambda: one.lock.energised)
    store.access.put_schedule(parse_schedule("office", "mon-fri 10:00-18:00"), actor="boss")
    hours.turn()
    one.settle()
    hours.turn()
    one.site.settle()
    assert not one.lock.energised
