from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access_reason import Grant
from edge.domain.attendance_punch import PunchKind
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.domain.passback import Direction
from edge.errors import StoreError
from edge.office.attendance import AttendanceDesk
from edge.office.punch_taker import PunchTaker
from tests.store.conftest import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

BEGIN = 1_767_225_600.0
HOUR = 3600.0
A, B = "A" * 26, "B" * 26


class Door:
    """Lets people in as the doorkeeper does: grant, then what it means for attendance."""

    def __init__(self, store: SqliteStore, boot_id: str = "boot-1", **rest: Any) -> None:
        self.store = store
        self.rules = rest.pop("rules", AttendanceRules())
        self.taker = PunchTaker(query=store.query, rules=lambda: self.rules, boot_id=boot_id, **rest)

    def grant(self, person: str, hours: float, *, trusted: bool = True, **data: Any) -> None:
        at = Instant(BEGIN + hours * HOUR, int(hours * HOUR * 1e9), trusted)
        self.granted = NewEvent(
            EventType.ACCESS_GRANTED, person, {"reason": "face", "door": "front", **data}, at
        )
        self.store.journal.append(self.granted)
        self.at = at

    def pass_(self, person: str, hours: float, **rest: Any) -> list[str]:
        self.grant(person, hours, **rest)
        events = self.taker.let_in(self.granted, self.at)
        for event in events:
            self.store.journal.append(event)
        return [f"{event.person and event.person[0]} {event.data['kind']}" for event in events]


def test_people_punch_in_and_out_by_turns_and_a_second_look_is_the_same_punch(store: SqliteStore) -> None:
    door = Door(store)
    assert door.pass_(A, 8) == ["A in"]
    assert door.pass_(B, 8.01) == ["B in"]
    assert door.pass_(A, 8.01) == []
    assert door.pass_(A, 17) == ["A out"]
    assert store.journal.events()[-1].data == {
        "kind": "out",
        "source": "turn",
        "day": "2026-01-01",
        "door": "front",
    }
    assert store.journal.events()[-1].monotonic_ns == int(17 * HOUR * 1e9)


def test_a_restart_knows_who_is_in(terminal: Terminal, store: SqliteStore) -> None:
    assert Door(store).pass_(A, 8) == ["A in"]
    assert Door(store).pass_(A, 12) == ["A out"]
    store.close()
    again = terminal.open(boot_id="boot-2")
    assert Door(again, "boot-2").pass_(A, 13) == ["A in"]
    assert Door(again, "boot-2").pass_(A, 40) == ["A in"]  # too long for a shift


def test_a_correction_counts_from_the_next_punch_on(terminal: Terminal, store: SqliteStore) -> None:
    person = terminal.enrol(store)
    door = Door(store)
    door.pass_(person.id, 8)
    punch = store.journal.events()[-1]
    desk = AttendanceDesk(people=store.people, journal=store.journal, query=store.query, clock=terminal.clock)
    terminal.clock.wall = BEGIN + 10 * HOUR
    desk.void(punch.id, actor="t")
    assert [line.split()[1] for line in door.pass_(person.id, 9)] == ["in"]
    desk.change(store.journal.events()[-1].id, kind=PunchKind.OUT, actor="t")
    assert [line.split()[1] for line in door.pass_(person.id, 9.5)] == ["in"]


def test_a_correction_reads_only_whose_punch_it_is(terminal: Terminal, store: SqliteStore) -> None:
    person = terminal.enrol(store)
    door = Door(store)
    others = [f"{number:026}" for number in range(300)]
    for number, other in enumerate(others):
        door.pass_(other, 7 + number / 1000)
    door.pass_(person.id, 8)
    punch = store.journal.events()[-1]
    read: list[Event] = []

    class Counted:
        def __getattr__(self, name: str) -> Any:
            def call(*given: Any, **rest: Any) -> Any:
                found = getattr(store.query, name)(*given, **rest)
                read.extend(found)
                return found

            return call

    door.taker = PunchTaker(query=Counted(), rules=AttendanceRules, boot_id="boot-1")
    door.taker.missed()
    assert len(read) > len(others)
    terminal.clock.wall = BEGIN + 10 * HOUR
    desk = AttendanceDesk(people=store.people, journal=store.journal, query=store.query, clock=terminal.clock)
    for _ in range(2):  # the first and each after it
        desk.change(punch.id, kind=PunchKind.OUT, actor="t")
        read.clear()
        assert [line.split()[1] for line in door.pass_(person.id, 9)] in (["in"], [])
        assert len(read) < 20


@pytest.mark.parametrize("trusted", [True, False])
def test_after_each_correction_whoever_comes_punches_as_after_a_restart(
    terminal: Terminal, store: SqliteStore, trusted: bool
) -> None:
    people = [terminal.enrol(store) for _ in range(2)]
    door = Door(store)
    desk = AttendanceDesk(people=store.people, journal=store.journal, query=store.query, clock=terminal.clock)
    terminal.clock.wall = BEGIN + 60 * HOUR
    for number, person in enumerate(people):
        for hours in (8, 12, 13):
            door.pass_(person.id, hours + number / 10, trusted=trusted or number == 1)
    first, last = (store.journal.events(type=EventType.ATTENDANCE_PUNCHED)[place] for place in (0, 2))
    one, other = (person.id for person in people)
    corrections: list[tuple[str, Callable[[], object]]] = [
        (one, lambda: desk.add(one, PunchKind.OUT, BEGIN + 14 * HOUR, actor="t")),
        (one, lambda: desk.void(last.id, actor="t")),
        (one, lambda: desk.change(first.id, kind=PunchKind.BREAK_START, actor="t")),
        (other, lambda: desk.add(other, PunchKind.BREAK_START, BEGIN + 15 * HOUR, actor="t")),
    ]
    for who, correct in corrections:
        correct()
        assert door.taker._current().last[who] == Door(store).taker._current().last[who]


def test_a_key_and_a_direction_say_what_it_is(store: SqliteStore) -> None:
    pressed = [PunchKind.BREAK_START]
    door = Door(store, key=lambda: pressed.pop() if pressed else None, direction=Direction.IN)
    assert door.pass_(A, 8, **{"with": B}) == ["A break_start", "B in"]
    assert door.pass_(A, 9) == ["A in"]


def test_both_of_two_who_pass_together_punch(store: SqliteStore) -> None:
    assert Door(store).pass_(A, 8, **{"with": B}) == ["A in", "B in"]


def test_nobody_punches_in_an_evacuation(store: SqliteStore) -> None:
    assert Door(store).pass_(A, 8, reason=Grant.EVACUATION) == []


def test_a_punch_under_an_untrusted_clock_is_marked(store: SqliteStore) -> None:
    door = Door(store)
    door.pass_(A, 8, trusted=False)
    assert store.journal.events()[-1].data["mark"] == "clock_untrusted"
    assert not store.journal.events()[-1].clock_trusted


def test_a_punch_that_a_kill_kept_back_is_taken_at_the_next_start(
    terminal: Terminal, store: SqliteStore
) -> None:
    door = Door(store)
    door.pass_(A, 8)
    assert not Door(store).taker.missed()
    door.grant(B, 9)  # and killed here
    store.close()
    again = terminal.open(boot_id="boot-1")
    missed = Door(again).taker.missed()
    assert [(event.person, event.data["kind"]) for event in missed] == [(B, "in")]
    assert missed[0].at == door.at
    for event in missed:
        again.journal.append(event)
    assert not Door(again).taker.missed()


def test_who_was_not_let_in_after_all_has_not_punched(store: SqliteStore) -> None:
    door = Door(store)
    door.grant(A, 8)
    store.journal.append(NewEvent(EventType.PASSBACK_FORGIVEN, A, {"why": "not opened"}))
    assert not Door(store).taker.missed()
    assert not Door(store, "boot-2").taker.missed()


def test_rules_are_asked_each_time_and_what_cannot_be_read_is_no_punch(store: SqliteStore) -> None:
    door = Door(store)
    door.pass_(A, 8)
    door.rules = replace(door.rules, double=3 * HOUR)
    assert door.pass_(A, 10) == []
    door.grant(A, 12)
    store.close()
    with pytest.raises(StoreError):
        door.taker.let_in(door.granted, door.at)
