import json
import sqlite3
from dataclasses import replace
from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

from edge.adapters.store_sqlite import SqliteStore, open_reader
from edge.domain.access_group import Group
from edge.domain.consent import Consent
from edge.domain.events import Event, EventType
from edge.domain.person import NewVisitor
from edge.domain.schedule import Schedule
from edge.domain.schedule_calendar import Calendar, Holiday
from edge.domain.schedule_text import parse_schedule
from edge.domain.second_factor_pin import PinHashes
from edge.errors import ConflictError, NotFoundError, StoreError
from edge.ports import AccessBook, AccessChanges  # noqa: TC001 - their fit is what a test checks
from tests.store.conftest import Terminal

OFFICE = parse_schedule("office", "mon-fri 08:00-12:00 13:00-17:30; holiday:half-day 08:00-12:00")
STAFF = Group(
    name="staff", schedule="office", doors=frozenset({"front", "裏口"}), second_factor=True, escort=True
)


def last(store: SqliteStore) -> Event:
    return store.journal.events(since_seq=store.journal.last_seq() - 1)[0]


def test_the_store_is_what_the_core_asks_for(store: SqliteStore) -> None:
    changes: AccessChanges = store.access
    book: AccessBook = changes
    assert (book.schedules(), book.groups(), book.calendar()) == ({}, {}, Calendar())


@pytest.mark.parametrize(
    "schedule",
    [
        OFFICE,
        replace(
            OFFICE, name="夜勤", zone=ZoneInfo("Asia/Tokyo"), first=date(2026, 1, 1), last=date(2026, 12, 31)
        ),
        parse_schedule("round", "always"),
        parse_schedule("x", "daily 22:00-06:00; ignores holidays", zone=ZoneInfo("Europe/Berlin")),
    ],
)
def test_a_schedule_comes_back_as_it_was_put_in(store: SqliteStore, schedule: Schedule) -> None:
    store.access.put_schedule(schedule, actor="uid:7")
    assert store.access.schedules() == {schedule.name: schedule}
    event = last(store)
    assert (event.type, event.person, event.data["actor"]) == (EventType.SCHEDULE_CHANGED, None, "uid:7")
    assert event.data["name"] == schedule.name


def test_a_schedule_is_replaced_as_a_whole(store: SqliteStore) -> None:
    store.access.put_schedule(replace(OFFICE, first=date(2026, 1, 1)), actor="t")
    store.access.put_schedule(OFFICE, actor="t")
    assert store.access.schedules() == {"office": OFFICE}


def test_a_schedule_that_can_no_longer_be_read_never_allows_and_spoils_no_other(
    terminal: Terminal, store: SqliteStore
) -> None:
    store.access.put_schedule(OFFICE, actor="t")
    with sqlite3.connect(terminal.path) as plain:
        plain.execute("INSERT INTO schedule VALUES ('moon', 'always', 'Moon/Tycho', NULL, NULL, '')")
        plain.execute("INSERT INTO schedule VALUES ('odd', 'sometimes', NULL, NULL, NULL, '')")
        plain.execute("INSERT INTO schedule VALUES ('day', 'always', NULL, '2026-02-30', NULL, '')")
    plain.close()
    read = store.access.schedules()
    assert read["office"] == OFFICE
    for name in ("moon", "odd", "day"):
        assert read[name] == Schedule(name=name, days={})


def test_a_zone_without_a_name_is_refused(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match='schedule "office": its time zone has no name'):
        store.access.put_schedule(replace(OFFICE, zone=UTC), actor="t")
    assert store.access.schedules() == {}


def test_a_schedule_in_use_cannot_be_removed(terminal: Terminal, store: SqliteStore) -> None:
    store.access.put_schedule(OFFICE, actor="t")
    store.access.put_group(STAFF, actor="t")
    person = store.people.update(replace(terminal.enrol(store), schedule="office"), actor="t")
    with pytest.raises(ConflictError, match='schedule "office": 1 person still has it'):
        store.access.remove_schedule("office", actor="t")
    store.people.update(replace(person, schedule=None), actor="t")
    with pytest.raises(ConflictError, match="1 group still has it"):
        store.access.remove_schedule("office", actor="t")
    store.access.put_group(replace(STAFF, schedule="always"), actor="t")
    store.access.remove_schedule("office", actor="t")
    assert store.access.schedules() == {}
    assert (last(store).type, dict(last(store).data)) == (
        EventType.SCHEDULE_REMOVED,
        {"name": "office", "actor": "t"},
    )


@pytest.mark.parametrize("name", ["always", "never"])
def test_what_exists_by_itself_cannot_be_removed(store: SqliteStore, name: str) -> None:
    with pytest.raises(ConflictError, match="exists by itself"):
        store.access.remove_schedule(name, actor="t")


def test_what_is_not_there_is_not_found_and_nothing_is_journaled(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store)
    before = store.journal.last_seq(), store.access.generation()
    with pytest.raises(NotFoundError, match='schedule "nix"'):
        store.access.remove_schedule("nix", actor="t")
    with pytest.raises(NotFoundError, match='schedule "nix"'):
        store.access.put_group(replace(STAFF, schedule="nix"), actor="t")
    with pytest.raises(NotFoundError, match='group "nix"'):
        store.access.remove_group("nix", actor="t")
    with pytest.raises(NotFoundError, match='holiday "nix"'):
        store.access.remove_holiday("nix", actor="t")
    with pytest.raises(NotFoundError, match='schedule "nix"'):
        store.people.update(replace(person, schedule="nix", name="Other"), actor="t")
    with pytest.raises(NotFoundError, match='group "nix"'):
        store.people.update(replace(person, groups=("nix",), name="Other"), actor="t")
    with pytest.raises(NotFoundError):
        store.access.set_pins("0" * 26, PinHashes("x"), actor="t")
    with pytest.raises(NotFoundError):
        store.access.forget_wrong_pins("0" * 26, actor="t")
    assert (store.journal.last_seq(), store.access.generation()) == before
    assert store.people.find(person.id) == person


def test_holidays_come_back_by_date_and_go_by_name_or_by_day(store: SqliteStore) -> None:
    easter = [Holiday("Easter Monday", date(year, 4, 6), date(year, 4, 6)) for year in (2027, 2026)]
    new_year = Holiday("正月", date(2025, 12, 29), date(2026, 1, 3), type="shutdown", yearly=True)
    for holiday in (*easter, new_year):
        store.access.put_holiday(holiday, actor="t")
    assert store.access.calendar() == Calendar((new_year, easter[1], easter[0]))
    longer = replace(easter[0], last=date(2027, 4, 7))
    store.access.put_holiday(longer, actor="t")
    assert store.access.calendar().holidays[-1] == longer
    assert store.access.remove_holiday("Easter Monday", date(2026, 4, 6), actor="t") == 1
    with pytest.raises(NotFoundError, match="on 2026-04-06"):
        store.access.remove_holiday("Easter Monday", date(2026, 4, 6), actor="t")
    store.access.put_holiday(easter[1], actor="t")
    assert store.access.remove_holiday("Easter Monday", actor="t") == 2
    assert store.access.calendar() == Calendar((new_year,))
    assert (last(store).type, last(store).data["count"]) == (EventType.HOLIDAY_REMOVED, 2)


def test_a_group_comes_back_and_cannot_go_while_it_has_members(
    terminal: Terminal, store: SqliteStore
) -> None:
    store.access.put_schedule(OFFICE, actor="t")
    store.access.put_group(STAFF, actor="t")
    store.access.put_group(Group(name="night"), actor="t")
    assert store.access.groups() == {"staff": STAFF, "night": Group(name="night")}
    person = store.people.update(
        replace(terminal.enrol(store), groups=("staff", "night", "staff")), actor="t"
    )
    assert person.groups == ("night", "staff")
    with pytest.raises(ConflictError, match='group "staff": 1 person is still in it'):
        store.access.remove_group("staff", actor="t")
    person = store.people.update(replace(person, groups=("night",)), actor="t")
    store.access.remove_group("staff", actor="t")
    assert store.access.groups() == {"night": Group(name="night")}
    store.people.remove(person_id=person.id, actor="t")
    store.access.remove_group("night", actor="t")


def test_all_that_may_be_changed_of_a_person_is_kept_and_told_by_its_fields(
    terminal: Terminal, store: SqliteStore
) -> None:
    store.access.put_group(Group(name="staff"), actor="t")
    person = terminal.enrol(store)
    terminal.clock.wall += 1
    wanted = replace(
        person,
        schedule="never",
        groups=("staff",),
        consent=Consent(date(2026, 1, 31), "書類 12"),
        valid_from=1.5,
        valid_until=2.5,
    )
    changed = store.people.update(wanted, actor="uid:3")
    assert changed == replace(wanted, updated=changed.updated)
    assert store.people.people() == [changed]
    assert changed.updated > person.updated
    fields = ["consent", "groups", "schedule", "valid_from", "valid_until"]
    assert last(store).data == {"fields": fields, "actor": "uid:3"}
    assert "書類" not in json.dumps([dict(event.data) for event in store.journal.events()])
    terminal.clock.wall += 1
    back = store.people.update(replace(changed, groups=(), consent=None, schedule=None), actor="t")
    assert (back.groups, back.consent, back.schedule) == ((), None, None)
    terminal.clock.wall += 1
    only_groups = store.people.update(replace(back, groups=("staff",)), actor="t")
    assert only_groups.updated > back.updated
    with pytest.raises(ConflictError, match="changed meanwhile"):
        store.people.update(replace(back, name="Late"), actor="t")


def test_pins_are_kept_replaced_and_removed_and_the_event_holds_no_hash(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store)
    assert store.access.pins(person.id) == PinHashes()
    store.access.set_pins(person.id, PinHashes("$hash-1", "$hash-2"), actor="t")
    assert store.access.pins(person.id) == PinHashes("$hash-1", "$hash-2")
    assert (last(store).type, last(store).person) == (EventType.PERSON_CHANGED, person.id)
    assert last(store).data == {"fields": ["pin"], "pin": "set", "actor": "t"}
    store.access.set_pins(person.id, PinHashes("$hash-3"), actor="t")
    assert store.access.pins(person.id) == PinHashes("$hash-3")
    store.access.forget_wrong_pins(person.id, actor="t")
    assert last(store).data["pin"] == "reset"
    store.access.set_pins(person.id, PinHashes(), actor="t")
    assert store.access.pins(person.id) == PinHashes()
    assert last(store).data["pin"] == "removed"
    assert "$hash" not in json.dumps([dict(event.data) for event in store.journal.events()])
    assert "hash" not in repr(PinHashes("$hash-1", "$hash-2"))


def visitor(digest: str = "d1", name: str = "Besuch") -> NewVisitor:
    return NewVisitor(
        name=name,
        digest=digest,
        valid_until=2e9,
        valid_from=1e9,
        max_visits=3,
        schedule="never",
        groups=("v",),
    )


def test_a_visitor_is_somebody_without_references_whom_the_pin_names(store: SqliteStore) -> None:
    store.access.put_group(Group(name="v"), actor="t")
    added = store.access.add_visitor(visitor(), actor="uid:1")
    assert (added.visitor, added.max_visits, added.references) == (True, 3, 0)
    assert (added.valid_from, added.valid_until, added.schedule, added.groups) == (1e9, 2e9, "never", ("v",))
    assert store.access.visitor("d1") == added
    assert store.access.visitor("d2") is None
    assert store.people.find("Besuch") == added
    event = last(store)
    assert (event.type, event.person) == (EventType.VISITOR_ADDED, added.id)
    assert "Besuch" not in json.dumps(dict(event.data))
    assert "d1" not in event.data.values()
    with pytest.raises(ConflictError, match="a PIN of another kind"):
        store.access.set_pins(added.id, PinHashes("$x"), actor="t")
    store.people.remove(person_id=added.id, actor="t")
    assert store.access.visitor("d1") is None


def test_two_visitors_never_share_a_pin_and_a_refused_one_leaves_no_trace(store: SqliteStore) -> None:
    store.access.put_group(Group(name="v"), actor="t")
    store.access.add_visitor(visitor(), actor="t")
    before = store.people.people(), store.journal.last_seq()
    with pytest.raises(ConflictError, match="another one has this PIN"):
        store.access.add_visitor(visitor(name="Other"), actor="t")
    with pytest.raises(NotFoundError, match='group "gone"'):
        store.access.add_visitor(replace(visitor("d2"), groups=("gone",)), actor="t")
    with pytest.raises(NotFoundError, match='schedule "gone"'):
        store.access.add_visitor(replace(visitor("d2"), schedule="gone"), actor="t")
    assert (store.people.people(), store.journal.last_seq()) == before


def test_the_salt_is_random_per_database_and_stays(terminal: Terminal, store: SqliteStore) -> None:
    salt = store.access.visitor_salt()
    assert len(salt) == 16
    other = Terminal(terminal.folder.with_name("other"))
    try:
        assert other.open().access.visitor_salt() != salt
    finally:
        other.opened[0].close()
    store.close()
    assert terminal.open().access.visitor_salt() == salt


def test_every_change_of_access_moves_its_generation_and_no_event_does(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store)
    seen = [store.access.generation()]

    def moved() -> bool:
        seen.append(store.access.generation())
        return seen[-1] > seen[-2]

    store.access.forget_wrong_pins(person.id, actor="t")
    assert not moved()
    store.access.put_schedule(OFFICE, actor="t")
    assert moved()
    store.access.put_holiday(Holiday("x", date(2026, 1, 1), date(2026, 1, 1)), actor="t")
    assert moved()
    store.access.put_group(STAFF, actor="t")
    assert moved()
    person = store.people.update(replace(person, groups=("staff",)), actor="t")
    assert moved()
    store.access.set_pins(person.id, PinHashes("$x"), actor="t")
    assert moved()
    store.people.remove(person_id=person.id, actor="t")
    assert moved()
    store.access.remove_holiday("x", actor="t")
    assert moved()


def test_nothing_of_a_removed_person_is_left_in_the_file(terminal: Terminal, store: SqliteStore) -> None:
    store.access.put_group(Group(name="staff"), actor="t")
    person = store.people.update(
        replace(
            terminal.enrol(store), consent=Consent(date(2026, 1, 1), "consent-note-here"), groups=("staff",)
        ),
        actor="t",
    )
    store.access.set_pins(person.id, PinHashes("$argon2id$first-pin-hash"), actor="t")
    store.access.set_pins(person.id, PinHashes("$argon2id$second-pin-hash"), actor="t")
    raw = b"".join(path.read_bytes() for path in terminal.folder.iterdir())
    assert b"first-pin-hash" not in raw
    assert b"second-pin-hash" in raw
    store.people.remove(person_id=person.id, actor="t")
    raw = b"".join(path.read_bytes() for path in terminal.folder.iterdir())
    assert b"second-pin-hash" not in raw
    assert b"consent-note-here" not in raw


def test_a_reader_reads_the_book_while_another_process_writes_it(
    terminal: Terminal, store: SqliteStore
) -> None:
    store.access.put_schedule(OFFICE, actor="t")
    reader = open_reader(terminal.path)
    try:
        assert reader.access.schedules() == {"office": OFFICE}
        store.access.put_group(STAFF, actor="t")
        assert reader.access.groups() == {"staff": STAFF}
        assert reader.access.generation() == store.access.generation()
    finally:
        reader.close()
