"""What may be asked of the doors from outside: done or refused in one line, and journaled with who asked."""

import threading
import time
from typing import Any

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access import AccessRules
from edge.domain.access_reason import Denial, Grant
from edge.domain.door_input import Cause, ExitRequested, FireInput, TamperInput
from edge.domain.door_state import LockRules, Phase
from edge.domain.events import Event, EventType, NewEvent
from edge.domain.passback import PassbackMode, PassbackRules
from edge.domain.person import Person
from edge.errors import DoorError, NotFoundError
from tests.door.conftest import Start
from tests.door.wired import Wired, eventually

BOSS = "boss"


def told(run: Wired) -> list[tuple[str, Any]]:
    return [(str(event.type), event.data.get("actor")) for event in run.events()]


def last(run: Wired, kind: EventType) -> Event:
    return run.events(kind)[-1]


def test_unlocking_is_journaled_first_with_who_and_why_and_for_how_long(start: Start) -> None:
    run = start()
    assert run.control.unlock(actor=BOSS, reason="delivery") == "door: unlocked for 5 s"
    assert run.control.unlock(actor=BOSS, seconds=20) == "door: unlocked for 20 s"
    assert run.lock.moves == [5.0, 20.0]
    first = run.events(EventType.DOOR_UNLOCKED)[0]
    assert first.data == {"door": "door", "by": "admin", "actor": "boss", "hold": False, "reason": "delivery"}


@pytest.mark.parametrize("seconds", [0, 0.5, 61, float("nan")])
def test_no_other_time_than_a_pulse_may_have(start: Start, seconds: float) -> None:
    run = start()
    with pytest.raises(DoorError, match="1 to 60 s"):
        run.control.unlock(actor=BOSS, seconds=seconds)
    assert run.lock.moves == []


def test_a_hold_lasts_until_it_is_released_or_locked(start: Start) -> None:
    run = start()
    assert run.control.hold(actor=BOSS) == "door: held unlocked until it is released or locked"
    (view,) = run.control.status()
    assert (view.unlocked, view.causes, view.seconds) == (True, (Cause.ADMIN,), None)
    assert run.control.release(actor=BOSS) == "door: locked"
    run.control.hold(actor=BOSS)
    assert run.control.lock(actor=BOSS) == "door: locked"
    kinds = [one for one in told(run) if one[0].startswith("door.")]
    assert kinds == [("door.unlocked", "boss"), ("door.released", "boss"), ("door.locked", "boss")] * 2


def test_what_is_not_there_is_refused(start: Start) -> None:
    run = start()
    with pytest.raises(DoorError, match="door: nobody holds the door unlocked"):
        run.control.release(actor=BOSS)
    with pytest.raises(NotFoundError, match='there is no door "back"; there is door'):
        run.control.unlock(actor=BOSS, door="back")
    with pytest.raises(DoorError, match="the site is not locked down"):
        run.control.lockdown(False, actor=BOSS)
    with pytest.raises(DoorError, match="no evacuation goes on"):
        run.control.evacuation(False, actor=BOSS)
    assert told(run) == []


def test_locking_leaves_whoever_is_on_the_way_out_and_says_so(start: Start) -> None:
    run = start()
    run.site.doors[0].loop.post(ExitRequested())
    assert run.control.lock(actor=BOSS) == "door: no longer held, and still unlocked by exit"


def test_a_lockdown_locks_at_once_and_refuses_what_software_decides(start: Start, anna: Person) -> None:
    run = start()
    run.control.hold(actor=BOSS)
    run.journal.gate.clear()  # whatever the journal does
    assert run.control.lockdown(True, actor=BOSS) == "the site is locked down"
    assert not run.lock.energised
    run.journal.gate.set()
    with pytest.raises(DoorError, match="locked down; end the lockdown first"):
        run.control.unlock(actor=BOSS)
    with pytest.raises(DoorError, match="locked down already"):
        run.control.lockdown(True, actor=BOSS)
    run.see(anna)
    assert run.last_access().data["reason"] == Denial.LOCKDOWN
    assert last(run, EventType.LOCKDOWN_STARTED).data == {"actor": "boss"}
    assert run.control.lockdown(False, actor=BOSS) == "the lockdown is over"
    run.see(anna)
    assert run.last_access().data["reason"] == Grant.FACE
    assert last(run, EventType.LOCKDOWN_ENDED).data == {"actor": "boss"}


def slow(run: Wired, kind: EventType) -> None:
    """Have the journal take its time with one kind of event."""
    append = run.journal.append

    def appended(event: NewEvent) -> Event:
        if event.type == kind:
            time.sleep(0.4)
        return append(event)

    run.journal.append = appended  # type: ignore[method-assign]


def test_begun_and_ended_at_once_a_lockdown_stands_in_the_log_in_that_order(start: Start) -> None:
    run = start()
    slow(run, EventType.LOCKDOWN_STARTED)
    run.control.lockdown(True, actor=BOSS)
    assert run.control.lockdown(False, actor=BOSS) == "the lockdown is over"
    kinds = [event.type for event in run.events(EventType.LOCKDOWN_STARTED, EventType.LOCKDOWN_ENDED)]
    assert kinds == [EventType.LOCKDOWN_STARTED, EventType.LOCKDOWN_ENDED]


def test_ended_and_begun_at_once_an_evacuation_stands_in_the_log_in_that_order(start: Start) -> None:
    run = start()
    run.control.evacuation(True, actor=BOSS)
    slow(run, EventType.EVACUATION_ENDED)
    run.control.evacuation(False, actor=BOSS)
    run.control.evacuation(True, actor=BOSS)
    kinds = [event.type for event in run.events(EventType.EVACUATION_STARTED, EventType.EVACUATION_ENDED)]
    assert kinds == [EventType.EVACUATION_STARTED, EventType.EVACUATION_ENDED, EventType.EVACUATION_STARTED]


def test_a_lockdown_holds_though_its_event_was_lost(start: Start, anna: Person) -> None:
    run = start()
    run.journal.works = False
    run.control.lockdown(True, actor=BOSS)
    with pytest.raises(DoorError, match="nothing was done; the lockdown's beginning is not journaled yet"):
        run.control.lockdown(False, actor=BOSS)
    loop = run.site.doors[0].loop
    loop._journal._waiting.clear()
    run.journal.works = True
    run.see(anna)
    assert run.last_access().data["reason"] == Denial.LOCKDOWN


def test_where_the_site_opens_without_a_journal_a_lockdown_ends_without_one_as_well(
    start: Start, anna: Person
) -> None:
    run = start(door=LockRules(open_unjournaled=True))
    run.journal.works = False
    run.control.lockdown(True, actor=BOSS)
    assert run.control.lockdown(False, actor=BOSS) == "the lockdown is over"
    assert not run.control.status()[0].lockdown
    run.journal.works = True
    kinds = [event.type for event in run.events(EventType.LOCKDOWN_STARTED, EventType.LOCKDOWN_ENDED)]
    assert kinds == [EventType.LOCKDOWN_STARTED, EventType.LOCKDOWN_ENDED]
    run.see(anna)
    assert run.last_access().data["reason"] == Grant.FACE


def test_an_evacuation_opens_past_its_row_and_ends_at_once(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    run = start(AccessRules(passback=PassbackRules(mode=PassbackMode.HARD)))
    run.see(anna)
    assert run.control.evacuation(True, actor=BOSS) == "all doors are open for the evacuation"
    assert run.control.status()[0].phase is Phase.EVACUATION
    run.see(anna)
    assert run.last_access().data["reason"] == Grant.EVACUATION
    run.stop()
    again = start()  # it survives a restart
    assert eventually(lambda: again.lock.energised)
    assert again.lock.moves == [None]
    again.journal.gate.clear()
    assert again.control.evacuation(False, actor=BOSS) == "the evacuation is over"
    assert not again.lock.energised
    again.journal.gate.set()
    again.see(anna)  # and everybody is forgiven
    assert again.last_access().data["reason"] == Grant.FACE
    assert [event.data for event in again.events(EventType.EVACUATION_ENDED)] == [{"actor": "boss"}]
    assert store.journal.last_seq()


def test_an_evacuation_that_cannot_be_journaled_is_refused_or_goes_on_as_the_site_chose(start: Start) -> None:
    for allows in (False, True):
        run = start(door=LockRules(open_unjournaled=allows))
        run.journal.works = False
        if allows:
            run.control.evacuation(True, actor=BOSS)
            run.journal.works = True
            assert eventually(lambda run=run: bool(run.events(EventType.EVACUATION_STARTED)))  # type: ignore[misc]
        else:
            with pytest.raises(DoorError, match="nothing was done"):
                run.control.evacuation(True, actor=BOSS)
        assert run.lock.energised is allows
        run.stop()


def test_what_became_durable_too_late_is_taken_back(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.door_control.ASKED", 0.2)
    monkeypatch.setattr("edge.door_control.GRACE", 0.1)
    run = start()
    run.journal.gate.clear()
    with pytest.raises(DoorError, match="look whether it was done"):
        run.control.evacuation(True, actor=BOSS)
    with pytest.raises(DoorError, match="nothing was done"):
        run.control.forgive(actor=BOSS)
    run.journal.gate.set()
    run.settle()
    assert not run.lock.energised
    assert [kind for kind, _ in told(run)] == ["evacuation.started", "evacuation.ended"]


def test_a_lock_that_does_not_obey_is_told_to_whoever_asks_and_by_the_status(start: Start) -> None:
    run = start()
    run.lock.broken = True
    with pytest.raises(DoorError, match="the lock does not obey"):
        run.control.unlock(actor=BOSS)
    run.lock.broken = False
    run.control.unlock(actor=BOSS)
    assert run.control.status()[0].trouble == ()


def test_without_a_door_commands_are_refused_in_one_line(start: Start) -> None:
    run = start(lock=None)
    for ask in (run.control.unlock, run.control.lock, run.control.hold, run.control.release):
        with pytest.raises(DoorError, match=r"this terminal has no door; door\.relay is none"):
            ask(actor=BOSS)
    with pytest.raises(DoorError, match="no door"):
        run.control.lockdown(True, actor=BOSS)
    assert run.control.status() == ()


def test_before_the_start_and_after_the_end_nothing_is_unlocked(start: Start, store: SqliteStore) -> None:
    early = Wired(store)
    with pytest.raises(DoorError, match="the doors are starting"):
        early.control.unlock(actor=BOSS)
    run = start()
    run.stop()
    with pytest.raises(DoorError, match="stopping or stuck"):
        run.control.unlock(actor=BOSS)
    assert run.lock.moves == early.lock.moves == []


def test_a_defect_within_is_one_line_and_never_a_traceback(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start()

    def fails(*_: object) -> int:
        raise RuntimeError("a defect")

    monkeypatch.setattr(run.site.keeper, "journal_first", fails)
    with pytest.raises(DoorError, match="nobody foresaw"):
        run.control.evacuation(True, actor=BOSS)
    assert not run.lock.energised


def test_the_status_says_in_words_how_the_door_stands(start: Start) -> None:
    run = start(lock_type="fail-safe")
    loop = run.site.doors[0].loop
    view = run.control.status()[0]
    assert (view.phase, view.contact, view.lock_type, view.trouble) == (Phase.LOCKED, None, "fail-safe", ())
    run.control.unlock(actor=BOSS, seconds=30)
    assert 25 < (run.control.status()[0].seconds or 0) <= 30
    loop.post(FireInput(active=True))
    loop.post(TamperInput(active=True))
    run.settle()
    view = run.control.status()[0]
    assert (view.phase, view.fire, view.tampered, view.seconds) == (Phase.FIRE, True, True, None)
    assert view.json()["state"] == "unlocked"
    run.journal.works = False
    loop.post(FireInput(active=False))
    assert eventually(lambda: loop.journal_down)
    assert "the journal takes no events" in run.control.status()[0].trouble[0]


def test_any_number_of_threads_may_ask(start: Start) -> None:
    run = start()
    answers: list[str] = []

    def ask() -> None:
        for _ in range(20):
            answers.append(run.control.unlock(actor=BOSS))
            run.control.status()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 100
    assert len(run.events(EventType.DOOR_UNLOCKED)) == 100


def test_forgiving_everybody_or_one_is_journaled(start: Start) -> None:
    run = start()
    assert run.control.forgive(actor=BOSS) == "anti-passback is forgiven to everybody"
    assert run.control.forgive(actor=BOSS, person="p") == "anti-passback is forgiven to p"
    assert [event.person for event in run.events(EventType.PASSBACK_FORGIVEN)] == [None, "p"]


def test_a_fire_opens_though_the_journal_hangs_and_its_event_follows(start: Start) -> None:
    run = start()
    run.journal.gate.clear()
    began = time.monotonic()
    run.site.doors[0].loop.post(FireInput(active=True))
    assert eventually(lambda: run.lock.energised)
    assert time.monotonic() - began < 0.2  # what the terminal promises, not a figure of speed
    run.journal.gate.set()
    assert eventually(lambda: bool(run.events(EventType.FIRE_STARTED)))


def test_a_row_before_the_run_s_first_event_is_not_written(start: Start, store: SqliteStore) -> None:
    early = Wired(store)
    early.site.start()
    early.site.doors[0].loop.post(ExitRequested())
    assert eventually(lambda: early.lock.energised)
    assert store.journal.last_seq() == 0
    store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    early.site.begin()
    assert eventually(lambda: EventType.EXIT_REQUESTED in [event.type for event in early.events()])
    assert early.events()[0].type is EventType.SYSTEM_STARTED
    early.stop()
    assert start().lock.moves == []
