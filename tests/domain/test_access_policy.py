from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge.domain.access import AccessDecision, AccessRequest, AccessRules, AccessState, decide
from edge.domain.access_event import access_events
from edge.domain.access_group import Group
from edge.domain.access_reason import Denial, Grant, Mode
from edge.domain.access_request import Credential
from edge.domain.access_state import EMPTY, apply
from edge.domain.access_two_person import TwoPersonRules, Waiting, companion
from edge.domain.events import EventType, Instant, NewEvent
from edge.domain.passback import Direction, PassbackMode, PassbackRules
from edge.domain.person import Person
from edge.domain.schedule_text import parse_schedule
from edge.domain.second_factor import PinCheck, SecondFactorRules

BERLIN = ZoneInfo("Europe/Berlin")
ANN, BOB, EVE = (Person(id=name, name=name) for name in ("ann", "bob", "eve"))
STAFF = Group(name="staff", schedule="office")
GUARDS = Group(
    name="guards", escort=True, lockdown_pass=True, alone=False, passback_exempt=True, first_person=True
)
SCHEDULES = {"office": parse_schedule("office", "mon-fri 08:00-18:00")}
RULES = AccessRules(zone=BERLIN, schedules=SCHEDULES, groups={"staff": STAFF, "guards": GUARDS})


def wall(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


MONDAY_NOON = wall("2026-03-02 12:00")


class Door:
    """Decides, journals and applies as the doorkeeper does, with a journal that never fails."""

    def __init__(self, rules: AccessRules = RULES, state: AccessState = EMPTY) -> None:
        self.rules, self.state, self.now = rules, state, 1000.0
        self.wall, self.trusted = MONDAY_NOON, True
        self.journal: list[NewEvent] = []

    def ask(
        self,
        person: Person | None,
        pin: PinCheck = PinCheck.NONE,
        *,
        direction: Direction = Direction.IN,
        credential: Credential = Credential.FACE,
        fpir: float | None = 0.0,
    ) -> AccessDecision:
        request = AccessRequest(
            person=person, at=self.at, fpir=fpir, pin=pin, direction=direction, credential=credential
        )
        decision = decide(request, self.rules, self.state)
        for event in access_events(request, decision, self.rules):
            self.happen(event.type, event.person, event.data)
        return decision

    def happen(self, kind: EventType, person: str | None = None, data: Any = None) -> None:
        self.journal.append(NewEvent(kind, person, data or {}, self.at))
        self.state = apply(self.state, kind, person, data or {}, self.at)

    def later(self, seconds: float) -> "Door":
        self.now += seconds
        self.wall += seconds
        return self

    @property
    def at(self) -> Instant:
        return Instant(self.wall, round(self.now * 1e9), self.trusted)


def reasons(decisions: Sequence[AccessDecision]) -> list[str]:
    return [str(decision.reason) for decision in decisions]


# --- schedules and groups


@pytest.mark.parametrize(
    ("person", "when", "reason"),
    [
        (ANN, "2026-03-01 03:00", Grant.FACE),  # nobody gave her a schedule: the default is always
        (replace(ANN, schedule="office"), "2026-03-02 12:00", Grant.FACE),
        (replace(ANN, schedule="office"), "2026-03-02 18:00", Denial.SCHEDULE),
        (replace(ANN, groups=("staff",)), "2026-03-02 12:00", Grant.FACE),
        (replace(ANN, groups=("staff",)), "2026-03-01 12:00", Denial.SCHEDULE),
        (replace(ANN, groups=("staff", "guards")), "2026-03-01 12:00", Grant.FACE),  # one of them allows
        (replace(ANN, groups=("staff",), schedule="always"), "2026-03-01 12:00", Grant.FACE),
        (replace(ANN, schedule="never"), "2026-03-02 12:00", Denial.SCHEDULE),
        (replace(ANN, schedule="no such schedule"), "2026-03-02 12:00", Denial.SCHEDULE),
        (replace(ANN, groups=("no such group",)), "2026-03-02 12:00", Denial.NO_ACCESS),
    ],
)
def test_a_person_passes_when_one_of_their_schedules_allows(
    person: Person, when: str, reason: Grant | Denial
) -> None:
    door = Door()
    door.wall = wall(when)
    assert door.ask(person).reason is reason


def test_a_group_serves_its_own_doors_only() -> None:
    lab = Group(name="lab", doors=frozenset({"lab"}))
    member = replace(ANN, groups=("lab",))
    assert Door(replace(RULES, groups={"lab": lab})).ask(member).reason is Denial.NO_ACCESS
    assert Door(replace(RULES, groups={"lab": lab}, door="lab")).ask(member).granted


def test_attendance_opens_nothing_so_it_records_people_out_of_hours() -> None:
    rules = replace(RULES, mode=Mode.ATTENDANCE, default_schedule="never")
    assert Door(rules, AccessState(lockdown=True)).ask(ANN, fpir=None).granted


# --- a wall clock that nobody vouches for


@pytest.mark.parametrize(
    ("person", "floor", "reason"),
    [
        (ANN, None, Grant.FACE),
        (replace(ANN, schedule="office"), MONDAY_NOON, Denial.CLOCK_UNTRUSTED),
        (replace(ANN, groups=("staff", "guards")), None, Grant.FACE),
        (replace(ANN, valid_from=MONDAY_NOON - 9), None, Denial.CLOCK_UNTRUSTED),
        (replace(ANN, valid_from=MONDAY_NOON - 9), MONDAY_NOON - 9, Grant.FACE),  # it is at least that late
        (replace(ANN, valid_from=MONDAY_NOON - 9), MONDAY_NOON - 10, Denial.CLOCK_UNTRUSTED),
        (replace(ANN, valid_until=MONDAY_NOON + 9), MONDAY_NOON, Denial.CLOCK_UNTRUSTED),
        (replace(ANN, valid_until=MONDAY_NOON - 9), MONDAY_NOON, Denial.EXPIRED),  # that is certain
    ],
)
def test_without_a_trusted_clock_only_what_is_certain_passes(
    person: Person, floor: float | None, reason: Grant | Denial
) -> None:
    for wall_clock in (0.0, MONDAY_NOON, MONDAY_NOON * 2):  # whatever it shows
        door = Door(state=AccessState(trusted_wall=floor))
        door.trusted, door.wall = False, wall_clock
        assert door.ask(person).reason is reason


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), float("-inf")])
def test_a_clock_that_shows_no_time_is_not_trusted_by_anybody(nonsense: float) -> None:
    door = Door(replace(RULES, trust_any_clock=True))
    door.wall = nonsense
    assert door.ask(replace(ANN, valid_until=MONDAY_NOON)).reason is Denial.CLOCK_UNTRUSTED
    assert door.ask(replace(ANN, schedule="office")).reason is Denial.CLOCK_UNTRUSTED
    assert door.ask(ANN).granted


def test_an_admin_who_sets_the_time_makes_schedules_count_again() -> None:
    door = Door()
    door.trusted = False
    assert door.ask(replace(ANN, schedule="office")).reason is Denial.CLOCK_UNTRUSTED
    door.trusted = True
    assert door.ask(replace(ANN, schedule="office")).granted


def test_a_site_may_trust_any_clock() -> None:
    door = Door(replace(RULES, trust_any_clock=True))
    door.trusted = False
    assert door.ask(replace(ANN, schedule="office", valid_until=MONDAY_NOON + 9)).granted


def test_the_last_trusted_time_counts_so_that_a_clock_set_wrong_and_right_again_leaves_nothing() -> None:
    door = Door()
    for wall_clock in (MONDAY_NOON * 2, MONDAY_NOON, float("inf"), float("nan")):
        door.wall = wall_clock
        door.ask(ANN)
    door.trusted, door.wall = False, 0.0
    door.ask(ANN)
    assert door.state.trusted_wall == MONDAY_NOON


# --- the second factor


def test_a_pin_is_asked_for_always_where_the_site_says_so() -> None:
    door = Door(replace(RULES, second_factor=SecondFactorRules(always=True)))
    assert reasons([door.ask(ANN), door.ask(ANN, PinCheck.MATCHED)]) == [
        "second_factor_missing",
        "face_and_pin",
    ]


@pytest.mark.parametrize(
    ("when", "trusted", "reason"),
    [
        ("2026-03-02 12:00", True, Grant.FACE),
        ("2026-03-02 19:00", True, Denial.SECOND_FACTOR_MISSING),
        ("2026-03-02 12:00", False, Denial.SECOND_FACTOR_MISSING),  # who knows what time it is
    ],
)
def test_a_pin_is_asked_for_out_of_hours(when: str, trusted: bool, reason: Grant | Denial) -> None:
    door = Door(replace(RULES, second_factor=SecondFactorRules(outside="office")))
    door.wall, door.trusted = wall(when), trusted
    assert door.ask(ANN).reason is reason


def test_a_pin_is_asked_for_by_a_group() -> None:
    rules = replace(RULES, groups={"vault": Group(name="vault", second_factor=True)})
    assert Door(rules).ask(replace(ANN, groups=("vault",))).reason is Denial.SECOND_FACTOR_MISSING


def test_wrong_pins_cost_a_wait_that_grows_and_then_lock() -> None:
    door = Door(replace(RULES, second_factor=SecondFactorRules(always=True)))
    waits = []
    for _ in range(9):
        assert door.ask(ANN, PinCheck.WRONG).reason is Denial.SECOND_FACTOR_WRONG
        waits.append(door.ask(ANN).attempt.wait)
        door.later(waits[-1])
    assert waits == [0, 0, 30, 60, 120, 240, 480, 960, 1920]
    assert door.ask(ANN, PinCheck.WRONG).reason is Denial.SECOND_FACTOR_WRONG  # the tenth
    door.later(1e9)
    assert door.ask(ANN, PinCheck.MATCHED).reason is Denial.SECOND_FACTOR_LOCKED
    assert door.ask(BOB, PinCheck.MATCHED).granted
    door.happen(EventType.PERSON_CHANGED, "ann", {"name": True})
    assert door.ask(ANN, PinCheck.MATCHED).reason is Denial.SECOND_FACTOR_LOCKED
    door.happen(EventType.PERSON_CHANGED, "ann", {"pin": "set"})
    assert door.ask(ANN, PinCheck.MATCHED).granted


def test_in_a_wait_the_right_pin_is_refused_as_well_and_counts_for_nothing() -> None:
    door = Door(replace(RULES, second_factor=SecondFactorRules(always=True)))
    for _ in range(3):
        door.ask(ANN, PinCheck.WRONG)
    before = door.state.failures
    assert door.later(29).ask(ANN, PinCheck.MATCHED).reason is Denial.SECOND_FACTOR_LOCKED
    assert door.ask(ANN, PinCheck.WRONG).reason is Denial.SECOND_FACTOR_LOCKED
    assert door.state.failures == before
    assert door.later(2).ask(ANN, PinCheck.MATCHED).granted
    assert door.state.failures == {}


def test_a_locked_pin_does_not_stop_a_face_that_needs_none() -> None:
    door = Door()
    for _ in range(3):
        assert door.ask(ANN, PinCheck.WRONG).reason is Denial.SECOND_FACTOR_WRONG
    assert door.ask(ANN, PinCheck.WRONG).reason is Grant.FACE  # not looked at
    assert door.journal[-1].data["pin"] == "refused"


def test_a_success_forgets_the_failures_before_it() -> None:
    door = Door()
    for _ in range(20):
        door.ask(ANN, PinCheck.WRONG)
        door.ask(ANN, PinCheck.WRONG)
        assert door.ask(ANN, PinCheck.MATCHED).granted


def test_a_duress_pin_alarms_silently_also_where_the_person_may_not_pass() -> None:
    door = Door()
    assert door.ask(ANN, PinCheck.DURESS).granted
    assert not door.ask(replace(ANN, schedule="never"), PinCheck.DURESS).granted
    assert [event.type for event in door.journal] == [
        EventType.ACCESS_GRANTED,
        EventType.ACCESS_DURESS,
        EventType.ACCESS_DENIED,
        EventType.ACCESS_DURESS,
    ]
    assert "duress" not in str([event.data for event in door.journal])


# --- visitors


VISITOR = Person(id="v", name="Visitor", valid_until=MONDAY_NOON + 3600, max_visits=2)


def visit(door: Door, person: Person | None, pin: PinCheck = PinCheck.MATCHED) -> str:
    return str(door.ask(person, pin, credential=Credential.VISITOR_PIN, fpir=None).reason)


def test_a_visitor_pin_opens_as_often_as_it_may_until_it_ends() -> None:
    door = Door()
    assert [visit(door, VISITOR) for _ in range(3)] == ["visitor_pin", "visitor_pin", "visits_used"]
    endless = replace(VISITOR, id="w", max_visits=None)
    assert visit(door, endless) == "visitor_pin"
    assert visit(door.later(3600), endless) == "expired"


def test_a_visitor_pin_without_an_end_never_opens() -> None:
    assert visit(Door(), replace(VISITOR, valid_until=None)) == "expired"


def test_a_visitor_pin_opens_also_where_faces_need_a_second_factor() -> None:
    door = Door(replace(RULES, second_factor=SecondFactorRules(always=True)))
    assert visit(door, VISITOR) == "visitor_pin"


def test_guessing_visitor_pins_waits_for_all_of_them_but_never_locks() -> None:
    door = Door()
    for _ in range(3):
        assert visit(door, None, PinCheck.WRONG) == "second_factor_wrong"
    assert visit(door, None, PinCheck.WRONG) == "second_factor_locked"
    assert visit(door, VISITOR) == "second_factor_locked"
    for _ in range(30):
        visit(door.later(3601), None, PinCheck.WRONG)
    assert visit(door, replace(VISITOR, valid_until=door.wall + 9)) == "visitor_pin"  # old ones are forgotten
    assert door.ask(ANN).granted


# --- anti-passback


def passback(mode: PassbackMode, seconds: float = 600) -> Door:
    return Door(replace(RULES, passback=PassbackRules(mode=mode, seconds=seconds)))


def test_hard_anti_passback_lets_nobody_in_twice() -> None:
    door = passback(PassbackMode.HARD)
    assert reasons([door.ask(ANN), door.ask(ANN), door.ask(BOB)]) == ["face", "passback", "face"]
    assert reasons([door.ask(ANN, direction=Direction.OUT), door.ask(ANN)]) == ["face", "face"]
    assert door.ask(ANN, direction=Direction.OUT).granted
    assert door.ask(ANN, direction=Direction.OUT).reason is Denial.PASSBACK


def test_soft_anti_passback_lets_in_and_says_so() -> None:
    door = passback(PassbackMode.SOFT)
    decisions = [door.ask(ANN), door.ask(ANN)]
    assert [decision.granted for decision in decisions] == [True, True]
    assert [decision.passback_violated for decision in decisions] == [False, True]
    assert [event.data.get("passback_violated") for event in door.journal] == [None, True]


def test_timed_anti_passback_ends_by_the_monotonic_clock_or_by_going_out() -> None:
    door = passback(PassbackMode.TIMED)
    assert door.ask(ANN).granted
    door.wall += 10 * 365 * 86400  # the wall clock means nothing to it
    assert door.later(599).ask(ANN).reason is Denial.PASSBACK
    assert door.later(1).ask(ANN).granted
    assert reasons([door.ask(ANN, direction=Direction.OUT), door.ask(ANN)]) == ["face", "face"]


def test_an_area_is_known_through_all_doors() -> None:
    hall = replace(RULES, passback=PassbackRules(mode=PassbackMode.HARD))
    lab = replace(hall, door="lab", passback=replace(hall.passback, outer="inside", inner="lab"))
    door = Door(lab)
    door.rules = hall
    assert door.ask(ANN).granted
    door.rules = lab
    assert door.ask(ANN).granted
    door.rules = hall
    assert door.ask(ANN, direction=Direction.OUT).reason is Denial.PASSBACK  # she is in the lab
    assert Door(lab).ask(BOB).granted  # of whom nothing is known


@pytest.mark.parametrize(
    ("event", "person", "forgiven"),
    [
        (EventType.PASSBACK_FORGIVEN, "ann", {"ann"}),
        (EventType.PASSBACK_FORGIVEN, None, {"ann", "bob"}),
        (EventType.EVACUATION_ENDED, None, {"ann", "bob"}),
        (EventType.FIRE_ENDED, None, {"ann", "bob"}),
        (EventType.PERSON_REMOVED, "ann", {"ann"}),
        (EventType.SYSTEM_STARTED, None, set()),
    ],
)
def test_forgiving(event: EventType, person: str | None, forgiven: set[str]) -> None:
    door = passback(PassbackMode.HARD)
    door.ask(ANN), door.ask(BOB)
    door.happen(event, person)
    assert {who.id for who in (ANN, BOB) if door.ask(who).granted} == forgiven


def test_an_exempt_group_is_left_alone() -> None:
    door = passback(PassbackMode.HARD)
    guard = replace(ANN, groups=("guards",))
    assert reasons([door.ask(guard), door.ask(guard)]) == ["face", "face"]


# --- two persons


def two(*, escort: bool = False) -> Door:
    return Door(replace(RULES, two_person=TwoPersonRules(escort=escort)))


def test_two_different_people_pass_together() -> None:
    door = two()
    first, again, second = door.ask(ANN), door.ask(ANN), door.ask(BOB)
    assert reasons([first, again, second]) == ["second_person_missing", "second_person_missing", "face"]
    assert second.companion == "ann"
    assert door.journal[-1].data["with"] == "ann"
    assert door.ask(EVE).reason is Denial.SECOND_PERSON_MISSING  # the pair is used up


def test_the_second_person_must_come_in_time() -> None:
    door = two()
    door.ask(ANN)
    assert door.later(30.1).ask(BOB).reason is Denial.SECOND_PERSON_MISSING
    assert door.later(30).ask(ANN).granted  # now Bob was the first


def test_a_pair_needs_an_escort_where_the_site_says_so() -> None:
    door, guard = two(escort=True), replace(EVE, groups=("guards",))
    assert [door.ask(ANN).granted, door.ask(BOB).granted] == [False, False]
    assert door.ask(guard).companion == "bob"
    assert [door.ask(guard).granted, door.ask(ANN).granted] == [False, True]


def test_the_first_of_two_must_be_allowed_to_pass_as_well() -> None:
    door = two()
    assert door.ask(replace(ANN, schedule="never")).reason is Denial.SCHEDULE
    assert door.ask(BOB).reason is Denial.SECOND_PERSON_MISSING


def test_nobody_waits_through_a_lockdown_or_a_removal() -> None:
    for event, person in ((EventType.LOCKDOWN_STARTED, None), (EventType.PERSON_REMOVED, "ann")):
        door = two()
        door.ask(ANN)
        door.happen(event, person)
        door.happen(EventType.LOCKDOWN_ENDED)
        assert door.ask(BOB).reason is Denial.SECOND_PERSON_MISSING


def test_who_went_in_by_another_door_waits_no_longer() -> None:
    door = two()
    door.ask(ANN)
    door.rules = replace(RULES, door="other")
    assert door.later(1).ask(ANN).granted
    door.rules = two().rules
    assert door.ask(BOB).reason is Denial.SECOND_PERSON_MISSING


def test_both_of_two_count_for_anti_passback() -> None:
    door = Door(replace(two().rules, passback=PassbackRules(mode=PassbackMode.HARD)))
    door.ask(ANN), door.ask(BOB)
    assert reasons([door.ask(ANN), door.ask(BOB)]) == ["passback", "passback"]


def test_a_group_may_pass_alone_and_takes_nobody_with_it() -> None:
    rules = replace(two().rules, groups={"chief": Group(name="chief", alone=True)})
    door = Door(rules)
    door.ask(ANN)
    decision = door.ask(replace(BOB, groups=("chief",)))
    assert (decision.granted, decision.companion) == (True, None)


# --- lockdown, evacuation, leaving


def test_a_lockdown_stops_everybody_but_those_who_may_pass_it() -> None:
    door = Door(state=AccessState(lockdown=True))
    assert door.ask(ANN, PinCheck.MATCHED).reason is Denial.LOCKDOWN
    assert door.ask(replace(ANN, groups=("guards",))).granted
    assert visit(door, VISITOR) == "lockdown"
    door.happen(EventType.LOCKDOWN_ENDED)
    assert door.ask(ANN).granted


def test_in_an_evacuation_it_is_only_noted_who_passes() -> None:
    door = Door(replace(RULES, default_schedule="never"), AccessState(lockdown=True, evacuation=True))
    decision = door.ask(ANN)
    assert (decision.granted, decision.reason) == (True, Grant.EVACUATION)
    assert door.ask(None).reason is Denial.UNKNOWN
    assert door.state.presence == {}


def test_in_an_evacuation_nobody_takes_a_waiting_person_along() -> None:
    door = two()
    door.ask(ANN)
    door.state = replace(door.state, evacuation=True)
    assert door.ask(BOB).companion is None


def test_who_waits_since_a_time_to_come_waits_for_nobody() -> None:
    waiting = Waiting("ann", 100.0, escort=False)
    assert companion(waiting, "bob", 100.0, TwoPersonRules(), escort=False) == "ann"
    assert companion(waiting, "bob", 99.9, TwoPersonRules(), escort=False) is None


def test_somebody_who_leaves_is_only_asked_to_be_known() -> None:
    rules = replace(RULES, default_schedule="never", second_factor=SecondFactorRules(always=True))
    door = Door(rules, AccessState(lockdown=True))
    assert door.ask(replace(ANN, valid_until=0.0), direction=Direction.OUT, fpir=None).granted
    assert door.ask(None, direction=Direction.OUT).reason is Denial.UNKNOWN


# --- the state is what the journal says


def test_the_state_is_rebuilt_from_the_events_alone() -> None:
    rules = replace(
        RULES, passback=PassbackRules(mode=PassbackMode.SOFT), two_person=TwoPersonRules(seconds=9)
    )
    door = Door(rules)
    for person in (ANN, BOB, EVE, ANN, None):
        for pin in PinCheck:
            door.later(1).ask(person, pin)
    visit(door, VISITOR)
    door.happen(EventType.LOCKDOWN_STARTED)
    again = EMPTY
    for event in door.journal:
        assert event.at is not None
        again = apply(again, event.type, event.person, event.data, event.at)
    assert again == door.state
