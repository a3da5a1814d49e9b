import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from edge.adapters.store_sqlite import SqliteStore, open_reader, renew_journal
from edge.adapters.store_sqlite.events import MOST_EVENTS
from edge.domain.events import MAX_DATA_BYTES, EventType, Instant, NewEvent
from edge.errors import ConflictError, StoreError
from tests.store.conftest import Terminal

EVENT = NewEvent(EventType.ACCESS_DENIED, data={"reason": "unknown"})


def test_an_appended_event_comes_back_as_it_was_returned(terminal: Terminal, store: SqliteStore) -> None:
    new = NewEvent(
        EventType.ACCESS_GRANTED, "01HF7YAT00JKAGWVC3W340EXD5", {"band": "high", "ä": [1, None, 0.1]}
    )
    event = store.journal.append(new)
    assert re.fullmatch(r"[0-9a-f-]{36}:1", event.id)
    assert event.id == f"{store.journal.uuid}:1"
    assert (event.seq, event.boot_id, event.time) == (1, "boot-1", "2023-11-14T22:13:20.000Z")
    assert (event.monotonic_ns, event.clock_trusted) == (100_000_000_000, True)
    assert (event.type, event.person, event.data) == (new.type, new.person, new.data)
    assert store.journal.events() == [event]
    assert isinstance(store.journal.events()[0].type, EventType)
    reader = open_reader(terminal.path)
    assert reader.journal.events() == [event]
    reader.close()


def test_an_event_carries_the_moment_it_happened(store: SqliteStore) -> None:
    event = store.journal.append(NewEvent(EventType.DOOR_UNLOCKED, at=Instant(0.25, 7, trusted=False)))
    assert (event.time, event.monotonic_ns, event.clock_trusted) == ("1970-01-01T00:00:00.250Z", 7, False)


@pytest.mark.parametrize("wall", [-1e20, -0.5, 0.0, 253402300799.9999, 1e18, float("nan"), float("-inf")])
def test_a_wall_clock_gone_mad_keeps_no_event_out(
    terminal: Terminal, store: SqliteStore, wall: float
) -> None:
    terminal.clock.wall = wall
    event = store.journal.append(EVENT)
    assert len(event.time) == 24
    assert datetime.fromisoformat(event.time)


def test_numbers_go_on_over_a_restart_and_a_failed_write_uses_none_up(terminal: Terminal) -> None:
    store = terminal.open()
    assert store.journal.last_seq() == 0
    store.journal.append(EVENT)
    with pytest.raises(StoreError):
        store.journal.append(NewEvent(EventType.ACCESS_DENIED, person="x" * 65))
    with pytest.raises(StoreError):
        store.journal.append_many([EVENT, NewEvent(EventType.ACCESS_DENIED, person="")])
    assert store.journal.append(EVENT).seq == 2
    uuid = store.journal.uuid
    store.close()
    again = terminal.open(boot_id="boot-2")
    assert again.journal.uuid == uuid
    event = again.journal.append(EVENT)
    assert (event.seq, event.boot_id) == (3, "boot-2")
    assert not again.recovered


def test_many_events_are_all_or_none_and_in_order(store: SqliteStore) -> None:
    events = store.journal.append_many([NewEvent(EventType.ACCESS_DENIED, data={"n": n}) for n in range(50)])
    assert [(event.seq, event.data["n"]) for event in events] == [(n + 1, n) for n in range(50)]
    assert store.journal.events() == events
    assert store.journal.append_many([]) == []


@pytest.mark.parametrize(
    "data",
    [
        {"set": {1, 2}},
        {"bytes": b"x"},
        {"nan": float("nan")},
        {"infinite": [float("inf")]},
        {"surrogate": "\ud800"},
        {"long": "é" * (MAX_DATA_BYTES // 2)},
        {("a",): 1},
    ],
)
def test_data_that_is_no_json_or_too_long_is_refused_in_one_line(
    store: SqliteStore, data: Mapping[str, Any]
) -> None:
    with pytest.raises(StoreError, match=r"event access\.denied: its data") as caught:
        store.journal.append(NewEvent(EventType.ACCESS_DENIED, data=data))
    assert "\n" not in str(caught.value)
    assert store.journal.last_seq() == 0


def test_data_nested_without_end_is_refused(store: SqliteStore) -> None:
    circle: dict[str, Any] = {}
    circle["self"] = circle
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"d": deep}
    for data in (circle, deep):
        with pytest.raises(StoreError, match="JSON"):
            store.journal.append(NewEvent(EventType.ACCESS_DENIED, data=data))


def test_data_of_just_the_longest_length_is_kept(store: SqliteStore) -> None:
    data = {"a": "x" * (MAX_DATA_BYTES - len('{"a":""}'))}
    assert store.journal.append(NewEvent(EventType.ACCESS_DENIED, data=data)).data == data


def test_events_are_read_in_pages_and_by_type(store: SqliteStore) -> None:
    kinds = (EventType.ACCESS_DENIED, EventType.DOOR_LOCKED, EventType.DOOR_UNLOCKED)
    store.journal.append_many([NewEvent(kinds[n % 3]) for n in range(30)])
    assert [event.seq for event in store.journal.events(since_seq=10, limit=3)] == [11, 12, 13]
    locked = store.journal.events(since_seq=3, limit=4, type=EventType.DOOR_LOCKED)
    assert [event.seq for event in locked] == [5, 8, 11, 14]
    assert store.journal.events(since_seq=30) == []
    assert store.journal.events(limit=0) == store.journal.events(limit=-1) == []
    store.journal.append_many([EVENT] * MOST_EVENTS)
    assert len(store.journal.events(limit=10**9)) == MOST_EVENTS


def test_an_event_type_of_a_newer_program_is_passed_on_as_it_is(store: SqliteStore) -> None:
    store.journal.append(EVENT)
    columns = "journal, boot_id, time, monotonic_ns, clock_trusted, person, data"
    sql = f"INSERT INTO event (type, {columns}) SELECT 'door.levitated', {columns} FROM event"  # noqa: S608 - ours
    store._writer.run(lambda connection: connection.execute(sql))
    assert store.journal.events(since_seq=1)[0].cloud_event("d")["type"] == "edge.door.levitated"


def test_a_cursor_moves_forward_only_and_never_beyond_the_journal(
    terminal: Terminal, store: SqliteStore
) -> None:
    store.journal.append_many([EVENT] * 5)
    assert store.journal.cursor("mqtt") == 0
    store.journal.advance("mqtt", 3)
    store.journal.advance("mqtt", 2)
    store.journal.advance("mail", 1)
    assert (store.journal.cursor("mqtt"), store.journal.cursor("mail")) == (3, 1)
    for seq in (6, -1):
        with pytest.raises(ConflictError, match="cursor mqtt"):
            store.journal.advance("mqtt", seq)
    store.close()
    again = terminal.open()
    assert (again.journal.cursor("mqtt"), again.journal.cursor("mail")) == (3, 1)
    again.journal.forget("mail")
    assert again.journal.cursor("mail") == 0


def test_a_sink_remembers_with_its_cursor(terminal: Terminal, store: SqliteStore) -> None:
    store.journal.append_many([EVENT] * 5)
    assert store.journal.memory("mail") is None
    store.journal.advance("mail", 2)
    assert store.journal.memory("mail") == {}
    store.journal.advance("mail", 4, {"held": 3})
    store.journal.advance("mail", 5)
    store.journal.advance("mail", 1, {"held": 2})
    with pytest.raises(ConflictError):
        store.journal.advance("mail", 6, {"held": 1})
    store.close()
    again = terminal.open()
    assert (again.journal.cursor("mail"), again.journal.memory("mail")) == (5, {"held": 2})
    again.journal.forget("mail")
    assert again.journal.memory("mail") is None


def test_a_restored_database_begins_a_journal_and_reuses_no_id(terminal: Terminal) -> None:
    store = terminal.open()
    terminal.enrol(store)
    store.close()
    backup = terminal.path.read_bytes()
    store = terminal.open()
    lost = [store.journal.append(EVENT) for _ in range(3)]
    terminal.enrol(store, "Lost")
    generation = store.people.generation()
    first = store.journal.uuid
    store.close()

    terminal.path.write_bytes(backup)
    uuid = renew_journal(terminal.path, clock=terminal.clock)
    restored = terminal.open()
    assert restored.journal.uuid == uuid != first
    event = restored.journal.append(EVENT)
    assert event.seq == 2
    assert event.id not in {old.id for old in lost}
    assert [event.id.split(":")[0] for event in restored.journal.events()] == [first, uuid]
    assert restored.people.generation() > generation
    assert not restored.recovered
    restored.journal.advance("mqtt", 2)


def test_age_and_count_let_old_events_go_and_numbers_go_on(terminal: Terminal, store: SqliteStore) -> None:
    for _ in range(10):
        store.journal.append(EVENT)
        terminal.clock.wall += 10
    assert store.journal.prune(before=terminal.clock.wall - 75) == 3
    assert [event.seq for event in store.journal.events()] == list(range(4, 11))
    assert store.journal.prune(keep=2) == 5
    assert store.journal.prune(keep=2) == 0
    assert store.journal.prune() == 0
    assert store.journal.prune(before=terminal.clock.wall + 1) == 2
    assert store.journal.events() == []
    assert store.journal.last_seq() == 10
    assert store.journal.append(EVENT).seq == 11


def test_an_event_from_the_future_holds_nothing_up_and_one_from_the_past_is_not_torn_out(
    terminal: Terminal, store: SqliteStore
) -> None:
    now = terminal.clock.wall
    for wall in (now + 1e9, now - 1000, now - 10, 0.0, now):
        store.journal.append(NewEvent(EventType.ACCESS_DENIED, at=Instant(wall, 0, trusted=False)))
    assert store.journal.prune(before=now - 100) == 2
    assert [event.seq for event in store.journal.events()] == [3, 4, 5]


def test_retention_waits_for_the_slowest_cursor(store: SqliteStore) -> None:
    store.journal.append_many([EVENT] * 10)
    store.journal.advance("mqtt", 8)
    store.journal.advance("mail", 0)
    assert store.journal.prune(keep=0) == 0
    store.journal.advance("mail", 4)
    assert store.journal.prune(keep=0) == 4
    store.journal.forget("mail")
    assert store.journal.prune(keep=0) == 4
    assert [event.seq for event in store.journal.events()] == [9, 10]


def test_a_filling_disk_drops_unacknowledged_events_and_says_which(
    terminal: Terminal, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.adapters.store_sqlite.retention.BATCH", 300)
    store.journal.append_many([NewEvent(EventType.ACCESS_DENIED, data={"x": "y" * 1000})] * 1000)
    store.journal.advance("mqtt", 450)
    store.journal.advance("mail", 990)
    size = terminal.path.stat().st_size + terminal.path.with_name("edge.db-wal").stat().st_size
    assert store.journal.prune(keep=50, disk_is_filling=True) == 950
    kept = store.journal.events()
    assert [event.seq for event in kept] == list(range(951, 1003))
    gaps = [event for event in kept if event.type == EventType.JOURNAL_GAP]
    assert [(gap.data["first_seq"], gap.data["last_seq"]) for gap in gaps] == [(451, 750), (751, 950)]
    assert all(gap.data["sinks"] == ["mqtt"] for gap in gaps)
    assert sum(gap.data["count"] for gap in gaps) == 500
    assert terminal.path.stat().st_size < size / 5
    assert terminal.path.with_name("edge.db-wal").stat().st_size == 0
    assert store.journal.cursor("mqtt") == 450
