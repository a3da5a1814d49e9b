"""The doorkeeper with its door: policy, journal row, lock, in this order, with what the journal remembers."""

import time
from dataclasses import replace

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access import AccessRules
from edge.domain.access_group import Group
from edge.domain.access_reason import Denial, Grant
from edge.domain.access_two_person import TwoPersonRules
from edge.domain.door_input import Lockdown
from edge.domain.door_state import DoorState, LockRules
from edge.domain.events import EventType, NewEvent
from edge.domain.passback import Direction, PassbackMode, PassbackRules
from edge.domain.person import NewVisitor, Person
from edge.domain.second_factor import SecondFactorRules
from edge.errors import DoorError
from edge.vision_wire import NotRecognised
from tests.door.conftest import DURESS, PIN, Start
from tests.door.wired import HASHER, Wired, enrol, eventually, recognised

HARD = AccessRules(passback=PassbackRules(mode=PassbackMode.HARD))
PIN_ALWAYS = AccessRules(second_factor=SecondFactorRules(always=True))


def test_a_face_is_journaled_opens_and_then_the_door_tells_of_it(start: Start, anna: Person) -> None:
    run = start()
    run.see(anna)
    assert run.lock.moves == [5.0]
    granted, unlocked = run.events()[-2:]
    assert (granted.type, granted.person, granted.data["reason"]) == ("access.granted", anna.id, "face")
    assert granted.data["area"] == "inside"
    assert granted.data["track"] == 1
    assert (unlocked.type, unlocked.data["by"]) == ("door.unlocked", "grant")


def test_whoever_came_in_must_go_out_before_coming_in_again_also_after_a_restart(
    start: Start, anna: Person
) -> None:
    run = start(HARD)
    run.see(anna)
    run.see(anna)
    assert run.last_access().data["reason"] == Denial.PASSBACK
    run.stop()
    again = start(HARD)
    again.see(anna)
    assert again.lock.moves == []
    assert again.last_access().data["reason"] == Denial.PASSBACK
    again.control.forgive(actor="boss", person=anna.id)
    again.see(anna)
    assert again.lock.moves == [5.0]


def test_a_terminal_inside_lets_out_and_then_in_again(start: Start, store: SqliteStore, anna: Person) -> None:
    outside = start(HARD)
    inside = Wired(store, HARD, direction=Direction.OUT)
    inside.start()
    for run in (outside, inside, outside):
        run.see(anna)
    inside.stop()
    assert outside.lock.moves == [5.0, 5.0]
    assert inside.lock.moves == [5.0]


def test_two_people_open_together_and_one_alone_does_not(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    run = start(AccessRules(two_person=TwoPersonRules()))
    run.see(anna)
    assert run.lock.moves == []
    run.see(enrol(store, "Bert"))
    assert run.lock.moves == [5.0]
    assert run.last_access().data["with"] == anna.id


def test_a_second_factor_opens_for_whoever_was_recognised_last(start: Start, anna: Person) -> None:
    run = start(PIN_ALWAYS)
    run.see(anna)
    assert run.lock.moves == []
    assert run.control.status()[0].pin_for == anna.id
    answer = run.control.enter_pin(PIN)
    run.settle()
    assert (answer.granted, answer.reason, answer.sentence) == (True, Grant.FACE_AND_PIN, "welcome")
    assert run.lock.moves == [5.0]
    assert run.control.status()[0].pin_for is None
    assert run.last_access().data["pin"] == "matched"
    assert run.last_access().data["frame"] == 41


def test_a_wrong_pin_opens_nothing_and_more_of_them_have_to_wait(start: Start, anna: Person) -> None:
    run = start(PIN_ALWAYS)
    run.see(anna)
    answers = [run.control.enter_pin(pin) for pin in ("000000", "", "x" * 500, PIN, PIN)]
    assert [answer.reason for answer in answers] == [
        *[Denial.SECOND_FACTOR_WRONG] * 3,
        *[Denial.SECOND_FACTOR_LOCKED] * 2,
    ]
    assert 25 < answers[-1].wait <= 30
    assert run.lock.moves == []
    pins = [event.data["pin"] for event in run.events(EventType.ACCESS_DENIED) if "pin" in event.data]
    assert pins == ["wrong", "wrong", "wrong", "refused", "refused"]


def test_a_duress_pin_opens_as_any_other_and_alarms_in_silence(start: Start, anna: Person) -> None:
    run = start(PIN_ALWAYS)
    answers = []
    for pin in (PIN, DURESS):
        run.see(anna)
        answers.append(run.control.enter_pin(pin))
    run.settle()
    assert answers[0] == answers[1]
    plain, forced = run.events(EventType.ACCESS_GRANTED)
    assert {**plain.data, "latency_ms": 0} == {**forced.data, "latency_ms": 0}
    (alarm,) = run.events(EventType.ACCESS_DURESS)
    assert (alarm.person, alarm.seq) == (anna.id, forced.seq + 1)
    assert run.lock.moves == [5.0, 5.0]


def test_a_pin_without_anybody_is_a_visitor_s_as_often_as_it_may(start: Start, store: SqliteStore) -> None:
    digest = HASHER.digest("907381", store.access.visitor_salt())
    visitor = store.access.add_visitor(
        NewVisitor(name="V", digest=digest, valid_until=time.time() + 3600, max_visits=1), actor="test"
    )
    run = start(AccessRules(trust_any_clock=True))
    assert run.control.enter_pin("907381").reason is Grant.VISITOR_PIN
    assert run.control.enter_pin("907381").reason is Denial.VISITS_USED
    assert run.control.enter_pin("111222").reason is Denial.SECOND_FACTOR_WRONG
    run.settle()
    assert run.lock.moves == [5.0]
    assert run.events(EventType.ACCESS_GRANTED)[0].person == visitor.id


def test_nobody_s_pin_is_waited_for_after_it_was_cancelled_or_somebody_else_came(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    run = start(PIN_ALWAYS)
    run.see(anna)
    run.control.cancel_pin()
    assert run.control.enter_pin(PIN).granted is False
    run.see(anna)
    bert = enrol(store, "Bert")
    run.see(bert)
    assert run.control.status()[0].pin_for == bert.id
    assert run.control.enter_pin(PIN).granted is False
    assert run.lock.moves == []


def test_somebody_removed_between_face_and_pin_does_not_pass(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    run = start(PIN_ALWAYS)
    run.see(anna)
    store.people.remove(person_id=anna.id, actor="test")
    assert run.control.enter_pin(PIN).reason is Denial.UNKNOWN
    assert run.lock.moves == []


def test_while_the_journal_cannot_be_written_no_pin_tells_whether_it_was_right(
    start: Start, anna: Person
) -> None:
    run = start(PIN_ALWAYS)
    run.see(anna)
    run.journal.works = False
    answers = [run.control.enter_pin(pin) for pin in ("000000", PIN, DURESS)]
    assert {answer.reason for answer in answers} == {Denial.UNAVAILABLE}
    assert run.control.status()[0].pin_for == anna.id
    assert run.lock.moves == []
    run.journal.works = True
    assert eventually(lambda: bool(run.events(EventType.ACCESS_DURESS)))  # the alarm waited


def test_a_pin_that_the_journal_held_up_for_long_opens_nothing(
    start: Start, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.door_control.ASKED", 0.2)
    monkeypatch.setattr("edge.door_control.GRACE", 0.1)
    run = start(PIN_ALWAYS)
    run.see(anna)
    run.journal.gate.clear()
    with pytest.raises(DoorError, match="look whether it was done"):
        run.control.enter_pin(PIN)
    with pytest.raises(DoorError, match="nothing was done"):
        run.control.enter_pin(PIN)
    run.journal.gate.set()
    run.settle()
    assert run.lock.moves == []
    assert [event.data["reason"] for event in run.events(EventType.ACCESS_DENIED)[1:]] == ["stale"]


def test_a_grant_that_came_too_late_opens_nothing_and_leaves_nobody_inside(
    start: Start, anna: Person
) -> None:
    run = start(HARD, stale=0.3)
    run.journal.gate.clear()
    seen = recognised(anna.id, run.clock.monotonic())
    run.site.jobs.post(lambda: run.site.keeper.recognised(seen))
    time.sleep(0.4)
    run.journal.gate.set()
    run.settle()
    assert run.lock.moves == []
    assert run.last_access().data["reason"] == Denial.STALE
    run.see(anna)
    assert run.lock.moves == [5.0]


@pytest.mark.parametrize("passes", [False, True])
def test_a_grant_from_before_a_lockdown_opens_after_it_only_to_those_who_may_pass_it(
    start: Start, store: SqliteStore, anna: Person, *, passes: bool
) -> None:
    store.access.put_group(Group(name="guards", lockdown_pass=passes), actor="test")
    store.people.update(replace(store.people.find(anna.id), groups=("guards",)), actor="test")
    run = start(HARD)
    run.journal.gate.clear()
    seen = recognised(anna.id, run.clock.monotonic())
    run.site.jobs.post(lambda: run.site.keeper.recognised(seen))
    assert eventually(lambda: run.journal.waiting > 0)
    run.control.lockdown(True, actor="boss")
    run.journal.gate.set()
    run.settle()
    assert run.lock.moves == ([5.0] if passes else [])
    if passes:
        return
    assert run.last_access().data["reason"] == Denial.LOCKDOWN
    assert [event.person for event in run.events(EventType.PASSBACK_FORGIVEN)] == [anna.id]
    run.control.lockdown(False, actor="boss")
    run.see(anna)
    assert run.lock.moves == [5.0]


def test_a_lockdown_that_the_door_takes_just_before_a_grant_keeps_it_locked_and_forgives(
    start: Start, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(HARD)
    let_in: list[str] = []
    monkeypatch.setattr(run.site.keeper, "_let_in", lambda verdict: let_in.append(verdict.person.name))
    run.see(anna)
    run.site.settle()
    assert let_in == ["Anna"]
    run.control.forgive(actor="boss")
    loop = run.site.doors[0].loop
    with monkeypatch.context() as patch:
        patch.setattr(type(loop), "state", DoorState())  # as the doorkeeper reads it
        loop.post(Lockdown(active=True))
        run.see(anna)
    assert let_in == ["Anna"]  # so that office hours wait for somebody else
    assert run.lock.moves == [5.0]
    assert run.last_access().data["reason"] == Denial.LOCKDOWN
    assert [event.person for event in run.events(EventType.PASSBACK_FORGIVEN)] == [None, anna.id]


def test_where_the_site_chose_to_open_without_a_journal_it_opens_and_tells_later(
    start: Start, anna: Person
) -> None:
    run = start(replace(HARD, second_factor=PIN_ALWAYS.second_factor), door=LockRules(open_unjournaled=True))
    run.see(anna)
    run.journal.works = False
    assert run.control.enter_pin("000000").reason is Denial.SECOND_FACTOR_WRONG
    assert run.control.enter_pin(PIN).granted
    run.settle()
    assert run.lock.moves == [5.0]
    run.see(anna)
    assert run.control.enter_pin(PIN).reason is Denial.PASSBACK  # what is not journaled yet counts as well
    run.journal.works = True
    assert eventually(lambda: not run.site.doors[0].loop.pending)
    (granted,) = run.events(EventType.ACCESS_GRANTED)
    assert granted.person == anna.id
    assert run.control.status()[0].lost == 0


def test_where_nothing_opens_without_a_journal_the_loss_is_counted(start: Start, anna: Person) -> None:
    run = start()
    run.journal.works = False
    run.see(anna)
    assert run.lock.moves == []
    assert run.site.keeper.unwritten == 1
    run.journal.works = True
    run.see(anna)
    assert run.events(EventType.JOURNAL_GAP)[0].data == {"lost": 1}
    assert run.lock.moves == [5.0]


def test_rules_that_the_office_changes_hold_at_once(start: Start, store: SqliteStore, anna: Person) -> None:
    run = start(AccessRules(trust_any_clock=True))
    store.access.put_group(Group(name="nobody", schedule="never"), actor="test")
    store.people.update(replace(store.people.find(anna.id), groups=("nobody",)), actor="test")
    run.see(anna)
    assert run.last_access().data["reason"] == Denial.SCHEDULE
    assert run.lock.moves == []


def test_a_terminal_without_a_door_decides_and_takes_pins(start: Start, anna: Person) -> None:
    run = start(PIN_ALWAYS, lock=None)
    run.see(anna)
    assert run.control.enter_pin(PIN).granted
    assert run.control.status() == ()
    assert run.site.keeper.pin_for is None


def test_lamps_tell_what_came_of_it(start: Start, anna: Person) -> None:
    run = start()
    assert eventually(lambda: bool(run.panel.shown))
    run.see(anna)
    assert eventually(lambda: any(one.green and one.buzzer for one in run.panel.shown))
    before = len(run.panel.shown)
    unknown = NotRecognised(
        track=2,
        reason="unknown",
        frames=5,
        frame=90,
        at=run.clock.monotonic(),
        first_seen=0.0,
        people=1,
        model_version="fake-1",
    )
    run.site.jobs.post(lambda: run.site.keeper.not_recognised(unknown))
    assert eventually(lambda: any(one.buzzer for one in run.panel.shown[before:]))


def test_a_journal_that_takes_nothing_shows_on_the_red_lamp(start: Start, anna: Person) -> None:
    run = start()
    run.journal.works = False
    run.see(anna)
    time.sleep(1.6)  # a denial has been shown by then
    before = len(run.panel.shown)
    assert eventually(lambda: {one.red for one in run.panel.shown[before:]} == {True, False})
    assert run.site.keeper.unwritten


def test_what_was_decided_before_a_restart_holds_after_it(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    store.journal.append(NewEvent(EventType.LOCKDOWN_STARTED))
    run = start()
    assert run.control.status()[0].lockdown
    run.see(anna)
    assert run.last_access().data["reason"] == Denial.LOCKDOWN
    run.control.lockdown(False, actor="boss")
    run.see(anna)
    assert run.lock.moves == [5.0]
