from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from edge.domain.access import AccessRequest, AccessRules, AccessState, decide
from edge.domain.access_explain import Explanation, explain
from edge.domain.access_group import Group
from edge.domain.access_request import Credential
from edge.domain.access_state import EMPTY
from edge.domain.access_two_person import TwoPersonRules, Waiting
from edge.domain.events import Instant
from edge.domain.passback import Direction, PassbackMode, PassbackRules, Presence
from edge.domain.person import Person
from edge.domain.schedule_calendar import Calendar, Holiday
from edge.domain.schedule_text import parse_schedule
from edge.domain.schedule_words import moment_words
from edge.domain.second_factor import PinCheck, SecondFactorRules
from edge.domain.second_factor_attempts import Failures

BERLIN = ZoneInfo("Europe/Berlin")
ANN = Person(id="ann", name="Ann Lee", groups=("staff",))
RULES = AccessRules(
    zone=BERLIN,
    calendar=Calendar((Holiday("May Day", date(2026, 5, 1), date(2026, 5, 1), yearly=True),)),
    schedules={"office": parse_schedule("office", "mon-fri 08:00-18:00")},
    groups={"staff": Group(name="staff", schedule="office")},
    second_factor=SecondFactorRules(outside="office"),
    passback=PassbackRules(mode=PassbackMode.HARD),
    two_person=TwoPersonRules(),
)


def wall(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


def why(
    when: str,
    *,
    person: Person | None = ANN,
    rules: AccessRules = RULES,
    state: AccessState = EMPTY,
    trusted: bool = True,
    pin: PinCheck = PinCheck.NONE,
    credential: Credential = Credential.FACE,
) -> Explanation:
    at = Instant(wall(when), 100_000_000_000, trusted)
    request = AccessRequest(person=person, at=at, fpir=0.0, pin=pin, credential=credential)
    found = explain(request, rules, state)
    assert found.decision == decide(request, rules, state)
    denied = [finding.topic for finding in found.findings if not finding.passed]
    assert bool(denied) is (person is not None and not found.decision.granted)
    return found


def words(found: Explanation, topic: str) -> str:
    return next(finding.words for finding in found.findings if finding.topic == topic)


def test_a_denial_is_explained_with_everything_that_was_found() -> None:
    found = why("2026-03-02 18:30")
    assert found.summary == "Ann Lee may not pass in at door on Mon 2026-03-02 18:30: schedule"
    assert [(finding.topic, finding.passed, finding.words) for finding in found.findings] == [
        ("lockdown", True, "the site is not locked down"),
        ("validity", True, "valid without limit"),
        (
            "schedule",
            False,
            'schedule "office", of group "staff", does not allow, and will from Tue 2026-03-03 08:00',
        ),
        ("visits", True, "not a visitor"),
        ("second_factor", False, "a PIN is needed: it is out of hours; PIN: none"),
        ("passback", True, 'hard anti-passback into "inside"; where the person is is not known'),
        ("two_person", False, "two people are needed; nobody suitable waits"),
    ]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-03-02 08:00", "allows, until Mon 2026-03-02 18:00"),
        ("2026-05-01 09:00", '("May Day" is a holiday of type holiday), and will from Mon 2026-05-04 08:00'),
        ("2026-03-28 09:00", "does not allow, and will from Mon 2026-03-30 08:00"),
    ],
)
def test_a_schedule_says_until_when_or_from_when(when: str, expected: str) -> None:
    assert words(why(when), "schedule").endswith(expected)


def test_an_untrusted_clock_is_named_as_the_reason() -> None:
    dated = replace(ANN, valid_from=wall("2026-01-01"), valid_until=wall("2026-12-31"))
    state = AccessState(trusted_wall=wall("2026-02-01"))
    found = why("2026-03-02 09:00", person=dated, trusted=False, state=state)
    assert "by a clock that nobody vouches for: clock_untrusted" in found.summary
    assert words(found, "validity") == (
        "valid from Thu 2026-01-01 00:00 until Thu 2026-12-31 00:00; "
        "it is certain only that it is not before Sun 2026-02-01 00:00"
    )
    assert words(found, "schedule").endswith("cannot be judged, as the time is not known")


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (replace(ANN, groups=(), schedule="office"), 'schedule "office", their own, allows'),
        (replace(ANN, groups=()), 'schedule "always", the default, allows'),
        (replace(ANN, schedule="gone"), 'schedule "gone", their own, does not exist; schedule "office"'),
        (replace(ANN, groups=("gone",)), "none of the person's groups has access at door"),
    ],
)
def test_it_says_by_what_a_schedule_counts(person: Person, expected: str) -> None:
    assert words(why("2026-03-02 09:00", person=person), "schedule").startswith(expected)


def test_it_tells_the_state_of_pins_areas_and_pairs() -> None:
    state = AccessState(
        lockdown=True,
        failures={"ann": Failures(3, 90.0)},
        presence={"ann": Presence("inside", 40.0)},
        waiting={"door": Waiting("bob", 95.0, escort=False)},
    )
    found = why("2026-03-02 09:00", state=state)
    assert words(found, "lockdown") == "the site is locked down"
    assert words(found, "second_factor") == "no PIN is needed; after wrong ones the next may be tried in 20 s"
    assert words(found, "passback").endswith('the person was let into "inside" 60 s ago')
    assert words(found, "two_person") == "two people are needed; bob waits"
    locked = why("2026-03-02 09:00", state=AccessState(failures={"ann": Failures(10, 0.0)}))
    assert "the PIN is locked" in words(locked, "second_factor")


def test_a_visitor_is_told_how_often_the_pin_was_used() -> None:
    visitor = replace(ANN, groups=(), valid_until=wall("2026-03-03"), max_visits=3)
    rules = replace(RULES, two_person=None)
    found = why(
        "2026-03-02 09:00",
        person=visitor,
        rules=rules,
        state=AccessState(visits={"ann": 1}),
        credential=Credential.VISITOR_PIN,
        pin=PinCheck.MATCHED,
    )
    assert found.decision.granted
    assert words(found, "visits") == "visitor, 1 of 3 visits used"
    assert words(found, "second_factor") == "a PIN is needed: a visitor has nothing else; PIN: matched"


def test_a_group_that_may_pass_a_lockdown_and_passback_that_is_off_are_named() -> None:
    rules = replace(
        RULES,
        groups={"staff": Group(name="staff", schedule="office", lockdown_pass=True)},
        passback=PassbackRules(),
        two_person=None,
    )
    found = why("2026-03-02 09:00", rules=rules, state=AccessState(lockdown=True))
    assert words(found, "lockdown") == 'the site is locked down; group "staff" may pass'
    assert words(found, "passback") == "anti-passback is off"
    unset = why("2026-03-02 09:00", person=replace(ANN, valid_from=wall("2026-01-01")), trusted=False)
    assert words(unset, "validity") == "valid from Thu 2026-01-01 00:00; the time is not known"


def test_nobody_and_an_evacuation_need_few_words() -> None:
    assert why("2026-03-02 09:00", person=None).summary == "nobody known: denied (unknown)"
    found = why("2026-03-01 03:00", state=AccessState(evacuation=True))
    assert [finding.words for finding in found.findings] == ["all doors are open"]


def test_who_leaves_meets_fewer_checks() -> None:
    at = Instant(wall("2026-03-01 03:00"), 0, trusted=True)
    request = AccessRequest(person=ANN, at=at, direction=Direction.OUT)
    assert [finding.topic for finding in explain(request, RULES).findings] == ["passback"]


def test_seconds_are_written_where_there_are_any() -> None:
    assert moment_words(wall("2026-03-02 09:00:07"), BERLIN) == "Mon 2026-03-02 09:00:07"
    assert moment_words(float("nan"), BERLIN) == "a time beyond all calendars"
