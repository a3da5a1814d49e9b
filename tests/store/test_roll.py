"""The roll of people: search, pages, one reference less, two people made one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access_group import Group
from edge.domain.events import EventType
from edge.domain.person import NewReference, NewVisitor
from edge.domain.roll import RollFilter, Standing
from edge.errors import ConflictError, NotFoundError
from edge.ports import PeopleRoll
from tests.store.conftest import MODEL, Terminal


def found(roll: PeopleRoll, **asked: object) -> list[str]:
    return [person.name for person in roll.page(RollFilter(**asked)).people]  # type: ignore[arg-type] # by name


def add(terminal: Terminal, store: SqliteStore, names: Sequence[str]) -> dict[str, str]:
    return {name: terminal.enrol(store, name).id for name in names}


def test_people_are_found_by_parts_of_name_and_number_in_any_case_and_width(
    terminal: Terminal, store: SqliteStore
) -> None:
    add(terminal, store, ["山田 花子", "Müller Jonas", "ﾀﾅｶ ミナト"])
    terminal.enrol(store, "Ana 100%", external_id="A-0042")
    roll: PeopleRoll = store.roll
    assert found(roll, text="花") == ["山田 花子"]
    assert found(roll, text="JON mül") == ["Müller Jonas"]
    assert found(roll, text="タナカ") == ["ﾀﾅｶ ミナト"]
    assert found(roll, text="a-0042") == ["Ana 100%"]
    assert found(roll, text="Ａ－００４２") == ["Ana 100%"]  # noqa: RUF001 - as a Japanese keyboard writes it
    assert found(roll, text="100%") == ["Ana 100%"]
    assert found(roll, text="_") == []
    assert len(found(roll)) == 4


def test_pages_come_by_name_with_how_many_there_are(terminal: Terminal, store: SqliteStore) -> None:
    add(terminal, store, ["b", "A", "c", "D"])
    first, second = (store.roll.page(RollFilter(), offset=offset, limit=3) for offset in (0, 3))
    assert [one.name for one in (*first.people, *second.people)] == ["A", "b", "c", "D"]
    assert (first.total, second.total, second.offset) == (4, 4, 3)
    assert first.people[0] == store.people.find("A")
    assert store.roll.page(RollFilter(), offset=9).people == ()


def test_people_are_found_by_how_they_stand(terminal: Terminal, store: SqliteStore) -> None:
    ids = add(terminal, store, ["early", "late", "plain", "strict", "member"])
    store.access.put_group(Group(name="night"), actor="admin:yui")
    for name, change in {
        "early": {"valid_from": 200.0},
        "late": {"valid_until": 100.0},
        "strict": {"second_factor": True},
        "member": {"groups": ("night",)},
    }.items():
        store.people.update(replace(store.people.find(ids[name]), **change), actor="admin:yui")  # type: ignore[arg-type] # one of each
    store.access.add_visitor(NewVisitor(name="guest", digest="d", valid_until=1e9), actor="admin:yui")
    reference = store.people.references_of(ids["plain"])[0]
    store.roll.remove_reference(ids["plain"], reference.id, actor="admin:yui")
    roll = store.roll
    assert found(roll, standing=Standing.NOT_VALID, now=100.0) == ["early", "late"]
    assert found(roll, standing=Standing.NOT_VALID, now=99.0) == ["early"]
    assert found(roll, standing=Standing.SECOND_FACTOR) == ["strict"]
    assert found(roll, standing=Standing.VISITOR) == ["guest"]
    assert found(roll, standing=Standing.NO_REFERENCE) == ["plain"]
    assert found(roll, group="night") == ["member"]


def test_a_search_sees_every_change_at_once(terminal: Terminal, store: SqliteStore) -> None:
    ids = add(terminal, store, ["Hanako"])
    assert found(store.roll, text="yuki") == []
    store.people.update(replace(store.people.find(ids["Hanako"]), name="Yuki"), actor="admin:yui")
    assert found(store.roll, text="yuki") == ["Yuki"]
    store.people.remove(person_id=ids["Hanako"], actor="admin:yui")
    assert found(store.roll) == []


def test_one_reference_is_forgotten_and_the_event_says_which(terminal: Terminal, store: SqliteStore) -> None:
    person = terminal.enrol(store, references=[terminal.reference(), terminal.reference()])
    first, second = store.people.references_of(person.id)
    before = store.people.generation()
    terminal.clock.wall += 60
    left = store.roll.remove_reference(person.id, first.id, actor="admin:yui")
    assert [one.id for one in store.people.references_of(person.id)] == [second.id]
    assert left.references == 1
    assert left.updated > person.updated
    assert store.people.generation() > before
    event = store.journal.events()[-1]
    assert (event.type, event.person) == (EventType.PERSON_CHANGED, person.id)
    assert event.data == {"fields": ["references"], "removed": [first.id], "actor": "admin:yui"}
    with pytest.raises(NotFoundError):
        store.roll.remove_reference(person.id, first.id, actor="admin:yui")


def test_a_crop_is_shown_where_one_is_kept(terminal: Terminal, store: SqliteStore) -> None:
    plain = terminal.reference()
    with_crop = NewReference(MODEL, plain.vector, "a", {}, np.zeros((4, 4, 3), np.uint8))
    person = terminal.enrol(store, references=[with_crop, terminal.reference()])
    crops = [store.roll.crop(person.id, one.id) for one in store.people.references_of(person.id)]
    assert crops[0] is not None
    assert crops[0].startswith(b"\x89PNG")
    assert crops[1] is None
    assert store.roll.crops(person.id) == {store.people.references_of(person.id)[0].id}
    other = terminal.enrol(store, "Other")
    with pytest.raises(NotFoundError):
        store.roll.crop(other.id, store.people.references_of(person.id)[0].id)


def test_two_people_become_one_and_whoever_searches_sees_new_ids(
    terminal: Terminal, store: SqliteStore
) -> None:
    kept = terminal.enrol(store, "Yui")
    gone = terminal.enrol(store, "Yui S", references=[terminal.reference(), terminal.reference()])
    moved, left = store.people.references_of(gone.id)
    merged = store.roll.merge(kept=kept.id, gone=gone.id, references=frozenset({moved.id}), actor="admin:yui")
    assert (merged.id, merged.references) == (kept.id, 2)
    references = store.people.references(MODEL)
    assert {one.person_id for one in references} == {kept.id}
    assert not {moved.id, left.id} & {one.id for one in references}
    assert any(np.array_equal(one.vector, moved.vector) for one in references)
    with pytest.raises(NotFoundError):
        store.people.find(gone.id)
    changed, removed = store.journal.events()[-2:]
    assert (changed.type, changed.person, changed.data["merged"]) == ("person.changed", kept.id, gone.id)
    assert (removed.type, removed.person) == ("person.removed", gone.id)
    assert removed.data == {"merged_into": kept.id, "count": 1, "actor": "admin:yui"}


def test_a_merge_that_makes_no_sense_changes_nothing(terminal: Terminal, store: SqliteStore) -> None:
    one, two = terminal.enrol(store, "one"), terminal.enrol(store, "two")
    visitor = store.access.add_visitor(
        NewVisitor(name="guest", digest="d", valid_until=1e9), actor="admin:yui"
    )
    before = store.journal.last_seq()
    nothing: frozenset[str] = frozenset()
    for kept, gone in ((one.id, one.id), (one.id, visitor.id), (visitor.id, one.id)):
        with pytest.raises(ConflictError):
            store.roll.merge(kept=kept, gone=gone, references=nothing, actor="admin:yui")
    with pytest.raises(NotFoundError):
        store.roll.merge(kept=one.id, gone="01" * 13, references=nothing, actor="admin:yui")
    with pytest.raises(NotFoundError):
        store.roll.merge(kept=one.id, gone=two.id, references=frozenset({"x"}), actor="admin:yui")
    assert store.journal.last_seq() == before
    assert store.people.find(two.id).references == 1
