"""The policy's memory over a real database: across restarts, and with events that wait to be journaled."""

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access_reason import Denial
from edge.domain.events import EventType, NewEvent
from edge.domain.person import Person
from edge.door_memory import KEPT_EVERY, SINK, AccessMemory
from tests.door.conftest import Start
from tests.door.wired import eventually

CLOCK = ClockSystem()
GRANT = {"reason": "face", "door": "door", "area": "inside", "pin": "wrong"}


def memory(store: SqliteStore, *pending: NewEvent, boot: str = "boot") -> AccessMemory:
    made = AccessMemory(store.journal, CLOCK, boot, lambda: pending, kept=store.journal)
    made.begin()
    return made


def test_what_anybody_journals_is_known_before_the_next_decision(store: SqliteStore) -> None:
    known = memory(store)
    assert not known.state().lockdown
    store.journal.append(NewEvent(EventType.LOCKDOWN_STARTED))
    store.journal.append(NewEvent(EventType.ACCESS_GRANTED, "a", GRANT))
    assert known.state().lockdown
    assert known.state().presence["a"].area == "inside"
    store.journal.append(NewEvent(EventType.PERSON_REMOVED, "a"))
    assert known.state().presence == {}


def test_what_is_not_journaled_yet_counts_on_top(store: SqliteStore) -> None:
    waiting = [NewEvent(EventType.ACCESS_DENIED, "a", {"door": "door", "pin": "wrong"}, CLOCK.now())]
    known = AccessMemory(store.journal, CLOCK, "boot", lambda: waiting)
    assert known.state().failures["a"].count == 1
    store.journal.append(waiting.pop())
    assert known.state().failures["a"].count == 1
    waiting.append(NewEvent(EventType.LOCKDOWN_STARTED))
    assert known.state().lockdown
    assert not memory(store).state().lockdown


def test_an_event_that_waits_vouches_for_no_clock(store: SqliteStore) -> None:
    known = memory(store, NewEvent(EventType.LOCKDOWN_STARTED, at=CLOCK.now()))
    assert known.state().trusted_wall is None


def test_the_row_of_an_evacuation_is_known_while_it_goes_on(store: SqliteStore) -> None:
    assert memory(store).evacuated is None
    known = memory(store)
    row = store.journal.append(NewEvent(EventType.EVACUATION_STARTED)).seq
    rows = []
    for kind in (EventType.ACCESS_DENIED, EventType.EVACUATION_ENDED):
        known.state()
        rows.append(known.evacuated)
        store.journal.append(NewEvent(kind))
    known.state()
    assert [*rows, known.evacuated] == [row, row, None]


def test_a_start_takes_up_what_was_kept_and_reads_only_what_came_after(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.journal.append(NewEvent(EventType.EVACUATION_STARTED))
    wrong = {"door": "door", "pin": "wrong"}
    store.journal.append_many([NewEvent(EventType.ACCESS_DENIED, "a", wrong)] * (KEPT_EVERY + 10))
    first = memory(store)
    state = first.state()
    first.keep()
    store.journal.append(NewEvent(EventType.ACCESS_DENIED, "a", wrong))
    read = []
    events = store.journal.events

    def counted(*, since_seq: int = 0, limit: int = 1000) -> object:
        found = events(since_seq=since_seq, limit=limit)
        read.append(len(found))
        return found

    monkeypatch.setattr(store.journal, "events", counted)
    second = memory(store, boot="another")
    assert second.state().failures["a"].count == state.failures["a"].count + 1
    assert second.evacuated == first.evacuated == 1
    assert sum(read) == 1


def test_little_is_kept_seldom_and_what_cannot_be_read_is_not_used(store: SqliteStore) -> None:
    store.journal.append(NewEvent(EventType.LOCKDOWN_STARTED))
    known = memory(store)
    known.state()
    known.keep()
    assert store.journal.cursor(SINK) == 1  # at once, so that no event goes which nothing kept tells of
    store.journal.append(NewEvent(EventType.LOCKDOWN_ENDED))
    known.state()
    known.keep()
    assert store.journal.cursor(SINK) == 1
    store.journal.append(NewEvent(EventType.LOCKDOWN_STARTED))
    store.journal.advance(SINK, 1, {"form": 1, "lockdown": "nonsense"})
    assert memory(store).state().lockdown


def test_a_decision_is_kept_also_without_office_hours_so_that_old_events_may_go(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    run = start()
    store.journal.append(NewEvent(EventType.LOCKDOWN_STARTED))
    store.journal.append_many([NewEvent(EventType.CAMERA_LOST)] * 1000)
    run.see(anna)
    run.settle()
    assert store.journal.cursor(SINK) > 1000
    assert store.journal.prune(keep=10) > 900
    run.stop()
    again = start()
    again.see(anna)
    assert again.last_access().data["reason"] == Denial.LOCKDOWN


def test_where_nobody_comes_it_is_kept_as_well(
    start: Start, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.door_site.EVERY", 0.01)
    start()
    store.journal.append_many([NewEvent(EventType.CAMERA_LOST)] * KEPT_EVERY)
    assert eventually(lambda: store.journal.cursor(SINK) >= KEPT_EVERY)


def test_thousands_of_people_can_be_kept(store: SqliteStore) -> None:
    for page in range(5):
        people = (f"01JD00000000000000000{page}{one:04}" for one in range(1000))
        store.journal.append_many([NewEvent(EventType.ACCESS_GRANTED, who, GRANT) for who in people])
    known = memory(store)
    assert len(known.state().presence) == 5000
    known.keep()
    assert store.journal.cursor(SINK) == 5000
    assert memory(store, boot="another").state().presence.keys() == known.state().presence.keys()
