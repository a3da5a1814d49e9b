"""Whoever is let in punches: after the door is told, once, and also where a kill came in between."""

from collections.abc import Sequence
from typing import Any

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access import AccessRules
from edge.domain.access_reason import Mode
from edge.domain.attendance_punch import PunchKind
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.domain.passback import Direction
from edge.domain.person import Person
from edge.doorkeeper import KeeperRules
from edge.errors import StoreError
from edge.office.punch_taker import PunchTaker
from edge.punch_key import PunchKey
from tests.door.conftest import Start
from tests.door.wired import Wired, eventually


def taker(store: SqliteStore, **rest: Any) -> PunchTaker:
    return PunchTaker(query=store.query, rules=AttendanceRules, boot_id="boot", **rest)


def punches(run: Wired) -> Sequence[Event]:
    return run.events(EventType.ATTENDANCE_PUNCHED)


def test_whoever_is_let_in_punches_in_once_after_the_grant(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    run = start(punches=taker(store))
    run.see(anna)
    run.see(anna)
    assert run.lock.moves == [5.0, 5.0]
    (punch,) = punches(run)
    granted = run.events(EventType.ACCESS_GRANTED)[0]
    assert (punch.person, punch.data["kind"], punch.data["door"]) == (anna.id, "in", granted.data["door"])
    assert punch.seq > granted.seq
    assert punch.monotonic_ns == granted.monotonic_ns


def test_the_key_that_was_pressed_counts_for_one_punch(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    keys = PunchKey(lambda: 0.0)
    keys.press(PunchKind.BREAK_START)
    run = start(punches=taker(store, key=keys.take, direction=Direction.OUT))
    run.see(anna)
    run.see(anna)
    assert [(punch.data["kind"], punch.data["source"]) for punch in punches(run)] == [
        ("break_start", "key"),
        ("out", "direction"),
    ]


def test_a_terminal_without_a_door_punches_all_the_same(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    run = start(
        AccessRules(mode=Mode.ATTENDANCE),
        lock=None,
        keeper=KeeperRules(mode=Mode.ATTENDANCE),
        punches=taker(store),
    )
    run.see(anna)
    assert [punch.data["kind"] for punch in punches(run)] == ["in"]
    assert run.lock.moves == []


def test_nobody_punches_who_is_not_let_in(start: Start, store: SqliteStore, anna: Person) -> None:
    run = start(AccessRules(default_schedule="never"), punches=taker(store))
    run.see(anna)
    assert run.last_access().type is EventType.ACCESS_DENIED
    assert punches(run) == []


def test_the_door_opens_also_where_punches_cannot_be_taken(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    def unreadable() -> AttendanceRules:
        raise StoreError("edge.db: it cannot be read")

    run = start(punches=PunchTaker(query=store.query, rules=unreadable, boot_id="boot"))
    run.see(anna)
    assert run.lock.moves == [5.0]
    assert punches(run) == []


def test_a_punch_that_the_journal_refuses_follows_once_it_works_with_its_own_time(
    start: Start, store: SqliteStore, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(punches=taker(store))
    append, refused = run.journal.append, list[NewEvent]()

    def full(event: NewEvent) -> Event:
        if event.type is EventType.ATTENDANCE_PUNCHED and len(refused) < 2:
            refused.append(event)
            raise StoreError("edge.db: the disk is full")
        return append(event)

    monkeypatch.setattr(run.journal, "append", full)
    run.see(anna)
    assert eventually(lambda: len(punches(run)) == 1)
    granted = run.events(EventType.ACCESS_GRANTED)[0]
    assert punches(run)[0].monotonic_ns == granted.monotonic_ns
    assert len(refused) == 2
    assert run.site.keeper.unwritten == 0


def test_a_punch_that_a_kill_kept_back_is_journaled_at_the_start(
    start: Start, store: SqliteStore, anna: Person
) -> None:
    at = Instant(1.8e9, 5, trusted=True)
    granted = {"reason": "face", "door": "door"}
    store.journal.append(NewEvent(EventType.ACCESS_GRANTED, anna.id, granted, at))
    run = start(punches=taker(store))
    assert eventually(lambda: len(punches(run)) == 1)
    assert (punches(run)[0].person, punches(run)[0].monotonic_ns) == (anna.id, 5)
