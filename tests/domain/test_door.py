from collections.abc import Sequence
from typing import TypeAlias

import pytest

from edge.domain.door import step
from edge.domain.door_input import (
    AdminUnlock,
    Cause,
    Commit,
    Committed,
    ContactInput,
    Effect,
    Energise,
    ExitRequested,
    FireInput,
    Hold,
    Idle,
    Input,
    Lockdown,
    LockNow,
    Pulse,
    Record,
    Refuse,
    Release,
    ScheduleWants,
    TamperInput,
    Tick,
)
from edge.domain.door_state import Buzzer, DoorState, LockRules, Phase, indication, phase
from edge.domain.door_timing import deadline
from edge.domain.events import EventType, NewEvent
from edge.errors import RuleError

RULES = LockRules()
GRANT = Committed(Pulse(), 1)
PASS = Committed(Pulse(through_lockdown=True), 1)
OPEN, CLOSE = ContactInput(opened=True), ContactInput(opened=False)
Course: TypeAlias = Sequence[tuple[float, Input]]


def walk(*course: tuple[float, Input], rules: LockRules = RULES, state: DoorState | None = None) -> DoorState:
    found = DoorState() if state is None else state
    for at, given in course:
        found, _ = step(found, given, at, rules)
    return found


def last(*course: tuple[float, Input], rules: LockRules = RULES) -> list[str]:
    """Return the effects of the last input in short words."""
    state = walk(*course[:-1], rules=rules)
    return [short(effect) for effect in step(state, course[-1][1], course[-1][0], rules)[1]]


def short(effect: Effect) -> str:
    match effect:
        case Energise(until):
            return "energise" if until is None else f"energise until {until:g}"
        case Idle():
            return "idle"
        case Record(event):
            rest = [str(value) for key, value in event.data.items() if key != "door"]
            return " ".join([event.type, *rest])
        case Commit(event, act):
            return f"commit {event.type} {type(act).__name__} {act.cause}"
        case Refuse(sentence):
            return f"refuse: {sentence}"


# --- pulses


def test_a_grant_unlocks_for_the_pulse_and_its_end_is_armed_with_it() -> None:
    assert last((0, GRANT)) == ["energise until 5", "door.unlocked grant"]
    assert last((0, GRANT), (5, Tick())) == ["idle", "door.locked time"]


def test_overlapping_grants_extend_to_the_cap_and_never_beyond() -> None:
    course = [(float(second), GRANT) for second in range(0, 60, 4)]
    assert last(*course[:2]) == ["energise until 9"]
    assert last(*course) == ["energise until 60"]
    assert last(*course, (59.9, GRANT)) == []
    assert last(*course, (60, Tick())) == ["idle", "door.locked time"]


def test_a_short_grant_never_shortens_a_long_one() -> None:
    assert last((0, Committed(Pulse(seconds=30), 1)), (1, GRANT)) == []


def test_a_grant_that_comes_after_the_end_is_a_new_pulse_also_without_a_tick_between() -> None:
    assert last((0, GRANT), (7, GRANT)) == [
        "idle",
        "door.locked time",
        "energise until 12",
        "door.unlocked grant",
    ]


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), 1e9])
def test_a_pulse_of_no_sensible_length_stays_within_the_rules(seconds: float) -> None:
    state = walk((0, Committed(Pulse(seconds=seconds), 1)))
    assert state.relay in {Energise(5.0), Energise(60.0)}


def test_without_a_journal_row_nothing_opens_unless_the_site_chose_so() -> None:
    unwritten = Committed(Pulse(), None)
    assert last((0, unwritten)) == ["refuse: the journal cannot be written, so nothing is unlocked"]
    assert last((0, unwritten), rules=LockRules(open_unjournaled=True))[0] == "energise until 5"


def test_time_that_goes_back_stands_still() -> None:
    state = walk((10, GRANT), (3, Tick()))
    assert (state.at, state.unlocked) == (10, True)
    assert not walk((10, GRANT), (3, Tick()), (15, Tick())).unlocked


# --- the exit button and fire


def test_the_exit_button_acts_first_and_tells_after() -> None:
    assert last((0, ExitRequested())) == ["energise until 5", "exit.requested", "door.unlocked exit"]


def test_the_exit_button_gives_the_whole_time_also_at_the_cap_of_grants() -> None:
    course = [(float(second), GRANT) for second in range(0, 60, 4)]
    assert last(*course, (59.9, ExitRequested())) == ["energise until 64.9", "exit.requested"]


def test_the_exit_button_works_in_a_lockdown_and_with_everything_else_refused() -> None:
    assert last((0, Lockdown(active=True)), (1, ExitRequested()))[0] == "energise until 6"


def test_fire_unlocks_until_it_is_over_whatever_else_is() -> None:
    fire, over = FireInput(active=True), FireInput(active=False)
    assert last((0, fire)) == ["energise", "fire.started", "door.unlocked fire"]
    assert last((0, Lockdown(active=True)), (1, fire))[0] == "energise"
    assert last((0, fire), (1, Lockdown(active=True)), (2, LockNow())) == []
    assert last((0, fire), (1, fire)) == []
    assert last((0, fire), (9999, Tick())) == []
    assert last((0, fire), (9999, over)) == ["idle", "fire.ended", "door.locked fire"]
    assert last((0, fire), (1, GRANT), (3, over)) == ["energise until 6", "fire.ended"]


def test_an_evacuation_unlocks_until_it_is_over() -> None:
    evacuation = Committed(Hold(Cause.EVACUATION), 1)
    assert last((0, Lockdown(active=True)), (1, evacuation)) == ["energise"]
    assert last((0, evacuation), (1, Lockdown(active=True))) == []
    assert last((0, evacuation), (9, Release(Cause.EVACUATION))) == ["idle", "door.locked evacuation"]


# --- schedule and admin


def test_the_schedule_asks_for_its_row_before_it_unlocks() -> None:
    wants = ScheduleWants(unlocked=True)
    assert last((0, wants)) == ["commit door.unlocked Hold schedule"]
    assert last((0, wants), (1, wants)) == []
    held = Committed(Hold(Cause.SCHEDULE), 1)
    assert last((0, wants), (0, held)) == ["energise until 60"]
    assert last((0, wants), (0, held), (9, ScheduleWants(unlocked=False))) == ["idle", "door.locked schedule"]


def test_a_hold_that_could_not_be_journaled_is_asked_for_again() -> None:
    wants = ScheduleWants(unlocked=True)
    state = walk((0, wants))
    assert deadline(state, RULES) == 5
    assert last((0, wants), (4.9, Tick())) == []
    assert last((0, wants), (5, Tick())) == ["commit door.unlocked Hold schedule"]
    assert last((0, wants), (5, wants)) == ["commit door.unlocked Hold schedule"]
    assert last((0, wants), (1, ScheduleWants(unlocked=False)), (9, Tick())) == []


def test_hours_that_ended_before_the_row_was_written_do_not_unlock_and_the_log_says_so() -> None:
    held = Committed(Hold(Cause.SCHEDULE), 1)
    assert last((0, ScheduleWants(unlocked=True)), (1, ScheduleWants(unlocked=False)), (2, held)) == [
        "door.locked schedule"
    ]


def test_a_hold_is_armed_for_a_lease_and_renewed_while_the_machine_is_driven() -> None:
    held = Committed(Hold(Cause.ADMIN), 1)
    state = walk((0, held))
    assert deadline(state, RULES) == 30
    assert last((0, held), (29, Tick())) == []
    assert last((0, held), (31, Tick())) == ["energise until 91"]
    assert last((0, held), (20, Committed(Pulse(seconds=50), 2))) == ["energise until 80"]


def test_a_hold_whose_lease_ran_out_unseen_is_not_renewed_by_what_ends_it() -> None:
    held = Committed(Hold(Cause.ADMIN), 1)
    assert last((0, held), (61, LockNow())) == ["idle", "door.locked admin"]
    assert last((0, held), (61, Release(Cause.ADMIN))) == ["idle", "door.locked released"]


def test_an_admin_opens_for_a_time_or_holds_after_the_row_is_written() -> None:
    assert last((0, AdminUnlock("anna"))) == ["commit door.unlocked Pulse admin"]
    assert last((0, AdminUnlock("anna", hold=True))) == ["commit door.unlocked Hold admin"]
    assert last((0, Committed(Pulse(Cause.ADMIN, 8), 1))) == ["energise until 8"]
    assert last((0, Committed(Hold(Cause.ADMIN), 1)), (9, Release(Cause.ADMIN))) == [
        "idle",
        "door.locked released",
    ]
    _, (asked,) = step(DoorState(), AdminUnlock("anna", hold=True), 0, RULES)
    assert isinstance(asked, Commit)
    assert asked.event.data == {"door": "door", "by": "admin", "actor": "anna", "hold": True}


def test_locking_ends_pulse_and_holds_until_the_next_hours() -> None:
    wants, held = ScheduleWants(unlocked=True), Committed(Hold(Cause.SCHEDULE), 1)
    course: Course = [(0, wants), (0, held), (1, GRANT), (2, LockNow())]
    assert last(*course) == ["idle", "door.locked admin"]
    assert last(*course, (9, wants)) == []
    assert last(*course, (9, ScheduleWants(unlocked=False)), (10, wants)) == [
        "commit door.unlocked Hold schedule"
    ]
    assert last((0, ExitRequested()), (1, LockNow())) == []  # somebody is on the way out


def test_hours_that_an_admin_ended_are_asked_for_by_nothing_but_the_next_ones() -> None:
    wants, over, held = ScheduleWants(True), ScheduleWants(False), Committed(Hold(Cause.SCHEDULE), 1)
    ended: Course = [(0, wants), (0, held), (2, LockNow())]
    down: Course = [(3, Lockdown(active=True)), (4, Lockdown(active=False))]
    assert last(*ended, *down) == []
    assert last(*ended, *down, (20, wants)) == []
    assert last(*ended, *down, (20, Tick())) == []
    assert last((0, wants), (0, held), (1, down[0][1]), (2, LockNow()), (3, down[1][1])) == []
    assert last(*ended, *down, (20, over), (21, wants)) == ["commit door.unlocked Hold schedule"]


def test_a_row_of_hours_that_an_admin_ended_meanwhile_opens_nothing_and_the_log_says_so() -> None:
    held = Committed(Hold(Cause.SCHEDULE), 1)
    assert last((0, ScheduleWants(unlocked=True)), (1, LockNow()), (2, held)) == ["door.locked schedule"]


def test_the_day_whose_hours_an_admin_ends_is_told_also_where_the_door_does_not_move() -> None:
    ends = LockNow("anna", hours="2027-01-18")
    assert last((0, ends)) == ["door.released anna 2027-01-18"]
    assert last((0, FireInput(active=True)), (1, ends)) == ["door.released anna 2027-01-18"]
    held = (0.0, Committed(Hold(Cause.SCHEDULE), 1))
    assert last((0, ScheduleWants(unlocked=True)), held, (1, ends)) == [
        "idle",
        "door.released anna 2027-01-18",
        "door.locked admin anna",
    ]


# --- lockdown


def test_a_lockdown_locks_at_once_and_refuses_what_software_asks_for() -> None:
    down = Lockdown(active=True)
    assert last((0, Committed(Hold(Cause.ADMIN), 1)), (1, GRANT), (2, down)) == [
        "idle",
        "door.locked lockdown",
    ]
    assert last((0, ExitRequested()), (1, down)) == []
    refused = "refuse: the site is locked down; end the lockdown first"
    assert last((0, down), (1, AdminUnlock("anna"))) == [refused]
    assert last((0, down), (1, Committed(Hold(Cause.ADMIN), 1))) == ["door.locked lockdown", refused]
    assert last((0, down), (1, ScheduleWants(unlocked=True))) == []
    assert last((0, down), (1, PASS))[0] == "energise until 6"  # of somebody whom the policy lets through


def test_a_grant_that_a_lockdown_overtook_unlocks_nothing_and_is_taken_back() -> None:
    denied = NewEvent(EventType.ACCESS_DENIED, data={"reason": "lockdown"})
    overtaken = Committed(Pulse(otherwise=(denied,)), 1)
    refused = "refuse: the site is locked down; end the lockdown first"
    assert last((0, Lockdown(active=True)), (1, overtaken)) == ["access.denied lockdown", refused]
    assert last((0, Lockdown(active=True)), (1, Committed(Pulse(Cause.ADMIN, through_lockdown=True), 1))) == [
        "door.locked lockdown",
        refused,
    ]
    lifted: Course = [(0, Lockdown(active=True)), (1, Lockdown(active=False))]
    assert last(*lifted, (2, overtaken))[0] == "energise until 7"


def test_after_a_lockdown_the_hours_that_still_run_hold_the_door_again() -> None:
    course: Course = [(0, ScheduleWants(unlocked=True)), (0, Committed(Hold(Cause.SCHEDULE), 1))]
    lifted: Course = [(1, Lockdown(active=True)), (2, Lockdown(active=False))]
    assert last(*course, *lifted) == ["commit door.unlocked Hold schedule"]
    assert last(*lifted) == []
    assert last((0, Lockdown(active=False))) == []


# --- the contact


def test_the_door_locks_again_as_soon_as_it_has_closed() -> None:
    assert last((0, CLOSE), (0, GRANT), (1, OPEN)) == ["door.opened"]
    assert last((0, CLOSE), (0, GRANT), (1, OPEN), (2.5, CLOSE)) == [
        "idle",
        "door.closed 1.5",
        "door.locked closed",
    ]
    assert last((0, CLOSE), (0, ExitRequested()), (1, OPEN), (2, CLOSE))[0] == "idle"
    stays = LockRules(relock=False)
    assert last((0, CLOSE), (0, GRANT), (1, OPEN), (2, CLOSE), rules=stays) == ["door.closed 1"]


def test_a_grant_while_the_door_is_open_is_for_the_next_one_and_outlives_its_closing() -> None:
    assert last((0, CLOSE), (0, GRANT), (1, OPEN), (2, GRANT), (3, CLOSE)) == ["door.closed 2"]


def test_a_door_opened_without_leave_is_forced_until_it_is_closed() -> None:
    assert last((0, CLOSE), (9, OPEN)) == ["door.forced"]
    assert phase(walk((0, CLOSE), (9, OPEN))) is Phase.FORCED
    assert indication(walk((0, CLOSE), (9, OPEN))).buzzer is Buzzer.ALARM
    assert last((0, CLOSE), (9, OPEN), (99, Tick())) == []  # forced already, not held as well
    state = walk((0, CLOSE), (9, OPEN), (11, CLOSE))
    assert (phase(state), indication(state).buzzer) == (Phase.LOCKED, Buzzer.OFF)


@pytest.mark.parametrize(("opened", "kind"), [(5.9, "door.opened"), (6.1, "door.forced")])
def test_an_opening_just_after_the_pulse_was_begun_within_it(opened: float, kind: str) -> None:
    assert last((0, CLOSE), (0, GRANT), (opened, OPEN))[-1] == kind


def test_a_door_found_open_at_the_start_has_not_been_forced() -> None:
    assert last((0, OPEN)) == ["door.opened True"]
    assert last((0, CLOSE)) == []
    assert last((0, CLOSE), (1, CLOSE)) == []


def test_a_door_held_open_warns_and_then_alarms_once_each() -> None:
    course: Course = [(0, CLOSE), (0, GRANT), (1, OPEN)]
    assert deadline(walk(*course, (5, Tick())), RULES) == 21
    assert last(*course, (5, Tick()), (21, Tick())) == ["door.held warned"]
    warned = walk(*course, (5, Tick()), (21, Tick()))
    assert (indication(warned).buzzer, deadline(warned, RULES)) == (Buzzer.WARNING, 31)
    assert last(*course, (5, Tick()), (21, Tick()), (31, Tick())) == ["door.held alarm"]
    alarm = walk(*course, (21, Tick()), (31, Tick()))
    assert (phase(alarm), indication(alarm).buzzer, deadline(alarm, RULES)) == (
        Phase.HELD,
        Buzzer.ALARM,
        None,
    )
    assert last(*course, (21, Tick()), (31, Tick()), (500, Tick())) == []
    assert indication(walk(*course, (31, Tick()), (40, CLOSE))).buzzer is Buzzer.OFF


def test_a_further_grant_at_an_open_door_begins_its_time_anew() -> None:
    course: Course = [(0, CLOSE), (0, GRANT), (1, OPEN), (20, GRANT)]
    assert last(*course, (25, Tick()), (39.9, Tick())) == []
    assert last(*course, (25, Tick()), (40, Tick())) == ["door.held warned"]


def test_a_door_that_is_held_unlocked_may_stand_open_and_its_time_begins_when_the_hold_ends() -> None:
    course: Course = [(0, CLOSE), (0, Committed(Hold(Cause.ADMIN), 1)), (1, OPEN)]
    assert last(*course, (500, Tick())) == ["energise until 560"]
    assert last(*course, (500, Release(Cause.ADMIN)), (519, Tick())) == []
    assert last(*course, (500, Release(Cause.ADMIN)), (520, Tick())) == ["door.held warned"]


def test_a_case_that_is_opened_alarms() -> None:
    assert last((0, TamperInput(active=True))) == ["door.tampered"]
    assert indication(walk((0, TamperInput(active=True)))).buzzer is Buzzer.ALARM
    assert last((0, TamperInput(active=True)), (1, TamperInput(active=False))) == ["door.tamper_ended"]


# --- words and rules


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ([], Phase.LOCKED),
        ([(0, GRANT)], Phase.UNLOCKED),
        ([(0, CLOSE), (0, GRANT), (1, OPEN)], Phase.OPENED),
        ([(0, Lockdown(active=True))], Phase.LOCKDOWN),
        ([(0, Lockdown(active=True)), (0, ExitRequested())], Phase.UNLOCKED),
        ([(0, Committed(Hold(Cause.EVACUATION), 1))], Phase.EVACUATION),
        ([(0, Committed(Hold(Cause.EVACUATION), 1)), (0, FireInput(active=True))], Phase.FIRE),
    ],
)
def test_one_word_says_what_matters_most(course: Course, expected: Phase) -> None:
    assert phase(walk(*course)) is expected


def test_lamps_say_whether_it_is_unlocked() -> None:
    assert (indication(DoorState()).green, indication(DoorState()).red) == (False, True)
    assert (indication(walk((0, GRANT))).green, indication(walk((0, GRANT))).red) == (True, False)


def test_what_keeps_it_unlocked_is_listed_the_strongest_first() -> None:
    state = walk(
        (0, GRANT),
        (0, ExitRequested()),
        (0, Committed(Hold(Cause.ADMIN), 1)),
        (0, Committed(Hold(Cause.EVACUATION), 1)),
        (0, FireInput(active=True)),
    )
    assert state.causes == (Cause.FIRE, Cause.EVACUATION, Cause.ADMIN, Cause.GRANT, Cause.EXIT)


@pytest.mark.parametrize(
    "times",
    [
        {"pulse": 0.5},
        {"pulse": 61},
        {"exit_pulse": 0},
        {"longest": 4},
        {"longest": 61},
        {"held": 0},
        {"held": float("inf")},
        {"held": 5, "warning": 6},
        {"grace": -1},
        {"lease": 0},
    ],
)
def test_times_that_make_no_sense_are_refused_by_the_name_of_the_door(times: dict[str, float]) -> None:
    with pytest.raises(RuleError, match='door "back": '):
        LockRules(door="back", **times)  # type: ignore[arg-type]


def test_several_doors_are_several_machines_with_names_of_their_own() -> None:
    _, effects = step(DoorState(), ExitRequested(), 0, LockRules(door="back"))
    assert {effect.event.data["door"] for effect in effects if isinstance(effect, Record)} == {"back"}


def test_who_locks_releases_or_locks_down_stands_in_the_event() -> None:
    def told(*course: tuple[float, Input]) -> list[tuple[str, object]]:
        state, found = DoorState(), list[tuple[str, object]]()
        for at, given in course:
            state, effects = step(state, given, at, RULES)
            found += [
                (effect.event.type, effect.event.data.get("actor"))
                for effect in effects
                if isinstance(effect, Record)
            ]
        return found

    held = (0.0, Committed(Hold(Cause.ADMIN), 1))
    both = [("door.released", "anna"), ("door.locked", "anna")]
    assert told(held, (1, Release(Cause.ADMIN, "anna"))) == both
    assert told(held, (1, LockNow("anna"))) == both
    assert told(held, (1, Lockdown(active=True, actor="anna"))) == [("door.locked", "anna")]
    assert told((0, LockNow("anna"))) == []
    fire = [("fire.started", None), ("door.released", "anna")]
    assert told(held, (1, FireInput(active=True)), (2, LockNow("anna"))) == fire


def test_a_release_of_what_nobody_holds_is_refused_where_somebody_asks() -> None:
    _, effects = step(DoorState(), Release(Cause.ADMIN, "anna"), 0, RULES)
    assert effects == (Refuse("nobody holds the door unlocked"),)
    assert step(DoorState(), Release(Cause.ADMIN), 0, RULES)[1] == ()


def test_an_admin_s_reason_stands_in_the_event() -> None:
    _, effects = step(DoorState(), AdminUnlock("anna", reason="delivery"), 0, RULES)
    (asked,) = effects
    assert isinstance(asked, Commit)
    assert asked.event.data["reason"] == "delivery"
