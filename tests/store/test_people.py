import json
import operator
import sqlite3
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access_group import Group
from edge.domain.consent import Consent
from edge.domain.events import Event, EventType
from edge.domain.person import MAX_EXTERNAL_ID, MAX_NAME, Details, NewReference, Person
from edge.errors import ConflictError, GalleryChangedError, NotFoundError, StoreError
from edge.ports import Journal, People, References, Store  # noqa: TC001 - their fit is what a test checks
from tests.store.conftest import MODEL, Terminal


def last(store: SqliteStore) -> Event:
    return store.journal.events(since_seq=store.journal.last_seq() - 1)[0]


def test_the_store_is_what_the_core_asks_for(store: SqliteStore) -> None:
    whole: Store = store
    people: People = store.people
    references: References = store.people
    journal: Journal = store.journal
    assert (whole.people, whole.journal) == (people, journal)
    assert references.people() == []


def test_an_enrolled_person_comes_back_as_stored_with_exact_vectors(
    terminal: Terminal, store: SqliteStore
) -> None:
    new = [terminal.reference(), terminal.reference(source="カメラ")]
    person = terminal.enrol(store, "  山田\u3000花子 ", new, external_id=" A-17 ")
    assert (person.name, person.external_id, person.references) == ("山田 花子", "A-17", 2)
    assert person.created == person.updated == "2023-11-14T22:13:20.000Z"
    assert not person.second_factor
    stored = store.people.references(MODEL)
    assert [reference.vector.tobytes() for reference in stored] == [n.vector.tobytes() for n in new]
    assert [reference.source for reference in stored] == ["a.jpg", "カメラ"]
    assert {reference.person_id for reference in stored} == {person.id}
    assert stored[0].quality == {"sharpness": 12.5}
    assert stored[0].vector.dtype == np.float32
    assert store.people.people() == [person]


def test_the_event_of_an_enrolment_tells_ids_and_no_name(terminal: Terminal, store: SqliteStore) -> None:
    first = terminal.enrol(store, "Hanako")
    second = store.people.enrol(
        name="Tanaka",
        external_id="4711",
        references=[terminal.reference(source="tanaka.jpg")],
        seen_generation=store.people.generation(),
        look_alikes=[first.id],
        actor="uid:1000",
    )
    changed, enrolled = store.journal.events(since_seq=1)
    assert (enrolled.type, enrolled.person) == (EventType.PERSON_ENROLLED, second.id)
    assert enrolled.data == {
        "references": sorted(store.people.reference_ids(MODEL) - _ids_of(store, first.id)),
        "count": 1,
        "model_versions": [MODEL],
        "look_alikes": [first.id],
        "actor": "uid:1000",
    }
    assert (changed.type, changed.person) == (EventType.PERSON_CHANGED, first.id)
    assert changed.data == {"fields": ["second_factor"], "look_alike": second.id, "actor": "uid:1000"}
    told = json.dumps([dict(event.data) for event in store.journal.events()])
    assert not any(word in told for word in ("Hanako", "Tanaka", "tanaka", "4711"))


def _ids_of(store: SqliteStore, person_id: str) -> set[str]:
    return {reference.id for reference in store.people.references(MODEL) if reference.person_id == person_id}


def test_an_overridden_look_alike_needs_a_second_factor_on_both_sides(
    terminal: Terminal, store: SqliteStore
) -> None:
    first, other = terminal.enrol(store, "A"), terminal.enrol(store, "Other")
    extended = store.people.extend(
        person_id=other.id,
        references=[terminal.reference()],
        seen_generation=store.people.generation(),
        look_alikes=[first.id],
        actor="t",
    )
    assert extended.second_factor
    assert extended.references == 2
    assert store.people.find(first.id).second_factor
    assert (last(store).type, last(store).person) == (EventType.PERSON_CHANGED, other.id)
    assert last(store).data["look_alikes"] == [first.id]


def test_nothing_is_written_where_the_gallery_changed_since_the_check(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store)
    seen = store.people.generation()
    terminal.enrol(store, "Someone in between")
    before = store.people.people(), store.journal.last_seq(), store.people.generation()
    with pytest.raises(GalleryChangedError, match="check again"):
        store.people.enrol(
            name="Late", external_id=None, references=[terminal.reference()], seen_generation=seen, actor="t"
        )
    with pytest.raises(GalleryChangedError):
        store.people.extend(
            person_id=person.id, references=[terminal.reference()], seen_generation=seen, actor="t"
        )
    assert (store.people.people(), store.journal.last_seq(), store.people.generation()) == before


def test_an_enrolment_that_fails_half_way_leaves_no_trace_and_no_number_unused(
    terminal: Terminal, store: SqliteStore
) -> None:
    terminal.enrol(store)
    before = store.people.people(), store.people.generation(), store.journal.last_seq()
    bad = [
        terminal.reference(dimension=64),
        NewReference(MODEL, np.full(128, np.nan, np.float32), "x"),
        NewReference(MODEL, np.zeros((2, 64), np.float32), "x"),
        NewReference("", terminal.reference().vector, "x"),
        NewReference(MODEL, terminal.reference().vector, "x", {"blur": float("nan")}),
    ]
    for reference in bad:
        with pytest.raises((ConflictError, StoreError)) as caught:
            terminal.enrol(store, "Half", [terminal.reference(), reference])
        assert "\n" not in str(caught.value)
    with pytest.raises(NotFoundError):
        store.people.enrol(
            name="Half",
            external_id=None,
            references=[terminal.reference()],
            seen_generation=store.people.generation(),
            look_alikes=["0" * 26],
            actor="t",
        )
    assert (store.people.people(), store.people.generation(), store.journal.last_seq()) == before
    terminal.enrol(store, "Whole")
    assert store.journal.last_seq() == before[2] + 1


def test_details_are_written_with_the_enrolment_or_nothing_is(terminal: Terminal, store: SqliteStore) -> None:
    store.access.put_group(Group(name="night"), actor="t")
    details = Details(
        second_factor=True,
        valid_from=1_700_000_000.0,
        valid_until=1_800_000_000.0,
        schedule="always",
        groups=("night", "night"),
        consent=Consent(date(2026, 4, 1), "form 3"),
    )

    def enrol(given: Details) -> Person:
        return store.people.enrol(
            name="Hanako",
            external_id=None,
            references=[terminal.reference()],
            seen_generation=store.people.generation(),
            details=given,
            actor="t",
        )

    before = store.people.people(), store.people.generation(), store.journal.last_seq()
    for wrong, error in (
        (replace(details, groups=("night", "gone")), NotFoundError),
        (replace(details, schedule="gone"), NotFoundError),
        (replace(details, valid_until=1_700_000_000.0), ConflictError),
    ):
        with pytest.raises(error):
            enrol(wrong)
    assert (store.people.people(), store.people.generation(), store.journal.last_seq()) == before
    person = enrol(details)
    assert Details.of(person) == replace(details, groups=("night",))
    assert store.people.people() == [person]
    assert store.journal.last_seq() == before[2] + 1
    assert last(store).type is EventType.PERSON_ENROLLED
    assert last(store).data["fields"] == [
        "consent",
        "groups",
        "schedule",
        "second_factor",
        "valid_from",
        "valid_until",
    ]


def test_an_employee_number_belongs_to_one_person(terminal: Terminal, store: SqliteStore) -> None:
    holder = terminal.enrol(store, "A", external_id="17")
    with pytest.raises(ConflictError, match=f"employee number 17: it belongs to person {holder.id} already"):
        terminal.enrol(store, "B", external_id=" 17 ")
    other = terminal.enrol(store, "B", external_id="")
    assert other.external_id is None
    with pytest.raises(ConflictError, match="17"):
        store.people.update(replace(other, external_id="17"), actor="t")
    store.people.remove(person_id=holder.id, actor="t")
    assert store.people.update(replace(other, external_id="17"), actor="t").external_id == "17"


@pytest.mark.parametrize(
    "name", ["山" * MAX_NAME, "𠮷野家 👩‍💻", "O'Brien; DROP TABLE person --", '"%_\\', "ｱｲｳ"]
)
def test_any_name_of_a_person_works(terminal: Terminal, store: SqliteStore, name: str) -> None:
    person = terminal.enrol(store, name, external_id="号" * MAX_EXTERNAL_ID)
    assert store.people.find(name) == person
    assert store.people.find("号" * MAX_EXTERNAL_ID) == person


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "\ud800", "x" * (MAX_NAME + 1)])
def test_what_is_no_name_or_number_is_refused(terminal: Terminal, store: SqliteStore, name: str) -> None:
    with pytest.raises(ConflictError):
        terminal.enrol(store, name)
    with pytest.raises(NotFoundError):
        store.people.find(name)
    if name.strip():
        with pytest.raises(ConflictError, match="employee number"):
            terminal.enrol(store, "A", external_id=name)
    assert store.people.people() == []


def test_a_source_that_is_no_text_or_very_long_is_kept_as_far_as_possible(
    terminal: Terminal, store: SqliteStore
) -> None:
    terminal.enrol(store, references=[terminal.reference(source="\udcff" + "長" * 400 + ".jpg")])
    source = store.people.references(MODEL)[0].source
    assert len(source) == 255
    assert source.endswith("長.jpg")


def test_people_are_found_by_id_prefix_number_and_name(terminal: Terminal, store: SqliteStore) -> None:
    terminal.clock.wall = 1_600_000_000.0
    ga = terminal.enrol(store, "が", external_id="17")
    terminal.clock.wall = 1_700_000_000.0
    other = terminal.enrol(store, "Other")
    for who in (ga.id, ga.id.lower(), ga.id[:8], ga.id[:12].lower(), "17", "が", "か\u3099", " が "):
        assert store.people.find(who) == ga
    assert store.people.find(other.id[:9]) == other
    for who in (ga.id[:7], "nobody", "", "%", ga.id + "X", "が%"):
        with pytest.raises(NotFoundError):
            store.people.find(who)


def test_what_fits_several_people_lists_their_ids(terminal: Terminal, store: SqliteStore) -> None:
    people = [terminal.enrol(store, "Same Name") for _ in range(7)]
    with pytest.raises(ConflictError, match="fits several people") as caught:
        store.people.find("Same Name")
    assert all(person.id in str(caught.value) for person in people[:5])
    assert "and 2 more" in str(caught.value)
    with pytest.raises(ConflictError):
        store.people.find(people[0].id[:8])
    assert store.people.find(people[3].id) == people[3]


def test_a_whole_id_comes_before_a_name_that_looks_like_it(terminal: Terminal, store: SqliteStore) -> None:
    person = terminal.enrol(store, "A")
    terminal.enrol(store, person.id)
    assert store.people.find(person.id) == person


def test_people_come_by_name(terminal: Terminal, store: SqliteStore) -> None:
    for name in ("bea", "Carl", "Anna", "安倍"):
        terminal.enrol(store, name)
    assert [person.name for person in store.people.people()] == ["Anna", "bea", "Carl", "安倍"]


def test_a_removed_person_takes_references_along_and_leaves_an_event(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store, references=[terminal.reference(), terminal.reference("model-2", 256)])
    kept = terminal.enrol(store, "Kept")
    generation = store.people.generation()
    store.people.remove(person_id=person.id, actor="admin:1")
    assert store.people.people() == [kept]
    assert store.people.reference_ids("model-2") == frozenset()
    assert store.people.generation() > generation
    assert (last(store).type, last(store).person) == (EventType.PERSON_REMOVED, person.id)
    assert last(store).data == {"count": 2, "actor": "admin:1"}
    with pytest.raises(NotFoundError, match=person.id):
        store.people.remove(person_id=person.id, actor="t")
    with pytest.raises(NotFoundError):
        store.people.extend(
            person_id=person.id,
            references=[terminal.reference()],
            seen_generation=store.people.generation(),
            actor="t",
        )


def test_only_unknown_references_of_the_model_are_read(terminal: Terminal, store: SqliteStore) -> None:
    terminal.enrol(store, "A", [terminal.reference() for _ in range(5)])
    terminal.enrol(store, "B", [terminal.reference("model-2", 256)])
    every = store.people.reference_ids(MODEL)
    known = frozenset(sorted(every)[:3]) | {"gone"}
    assert {r.id for r in store.people.references(MODEL, known=known)} == every - known
    assert store.people.references(MODEL, known=every) == []
    assert len(store.people.references("model-2")) == 1
    assert store.people.references("model-3") == []


def test_one_persons_references_and_the_number_enrolled_are_told(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store, "A", [terminal.reference(), terminal.reference("model-2", 256)])
    terminal.enrol(store, "B", [terminal.reference(), terminal.reference()])
    terminal.enrol(store, "C", [])
    assert [r.model_version for r in store.people.references_of(person.id)] == [MODEL, "model-2"]
    assert store.people.references_of("0" * 26) == []
    assert [store.people.enrolled(version) for version in (MODEL, "model-2", "model-3")] == [2, 1, 0]


def test_references_that_are_none_are_not_added(terminal: Terminal, store: SqliteStore) -> None:
    person = terminal.enrol(store)
    with pytest.raises(ConflictError, match="no reference to add"):
        store.people.extend(
            person_id=person.id, references=[], seen_generation=store.people.generation(), actor="t"
        )


def test_an_edited_person_is_written_and_the_event_names_the_fields_only(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store, "Old Name")
    terminal.clock.wall += 1
    wanted = replace(
        person, name=" New\tName ", external_id="9", valid_from=1.0, valid_until=2.0, second_factor=True
    )
    changed = store.people.update(wanted, actor="t")
    assert changed == replace(wanted, name="New Name", updated="2023-11-14T22:13:21.000Z")
    assert store.people.people() == [changed]
    assert last(store).data == {
        "fields": ["external_id", "name", "second_factor", "valid_from", "valid_until"],
        "actor": "t",
    }
    seq = store.journal.last_seq()
    assert store.people.update(changed, actor="t") == changed
    assert store.journal.last_seq() == seq
    with pytest.raises(ConflictError, match="changed meanwhile"):
        store.people.update(replace(person, name="Third"), actor="t")
    with pytest.raises(ConflictError, match="validity"):
        store.people.update(replace(changed, valid_from=5.0, valid_until=5.0), actor="t")
    with pytest.raises(NotFoundError):
        store.people.update(replace(changed, id="0" * 26), actor="t")
    cleared = store.people.update(replace(changed, external_id=None, valid_from=None), actor="t")
    assert (cleared.external_id, cleared.valid_from, cleared.valid_until) == (None, None, 2.0)


def test_a_crop_is_stored_as_a_picture_that_opens(terminal: Terminal, store: SqliteStore) -> None:
    cv2 = pytest.importorskip("cv2")
    crop = np.random.default_rng(1).integers(0, 256, (112, 96, 3), np.uint8)
    terminal.enrol(store, references=[replace(terminal.reference(), crop=crop)])
    blob = store._pool.rows("SELECT crop FROM reference")[0]["crop"]
    shown = cv2.cvtColor(cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    assert np.array_equal(shown, crop)


def test_generation_grows_with_each_change_of_the_gallery_and_with_nothing_else(
    terminal: Terminal, store: SqliteStore
) -> None:
    seen = [store.people.generation()]
    person = terminal.enrol(store)
    seen.append(store.people.generation())
    person = store.people.update(replace(person, name="B"), actor="t")
    seen.append(store.people.generation())
    store.people.remove(person_id=person.id, actor="t")
    seen.append(store.people.generation())
    assert seen == sorted(set(seen))
    store.journal.advance("mqtt", 2)
    store.journal.prune(keep=1)
    assert store.people.generation() == seen[-1]


def test_ids_sort_by_the_moment_and_survive_a_clock_out_of_range(
    terminal: Terminal, store: SqliteStore
) -> None:
    first = terminal.enrol(store, "A")
    terminal.clock.wall += 0.002
    second = terminal.enrol(store, "B")
    assert first.id < second.id
    for wall in (-5.0, 1e15, float("nan"), float("inf")):
        terminal.clock.wall = wall
        assert len(terminal.enrol(store, f"{wall}").id) == 26


def test_the_tables_themselves_refuse_what_cannot_be(terminal: Terminal, store: SqliteStore) -> None:
    person = terminal.enrol(store)
    forbidden = [
        "UPDATE event SET type = 'door.locked'",
        "UPDATE reference SET vector = zeroblob(5)",
        "UPDATE reference SET person_id = 'nobody'",
        "UPDATE person SET second_factor = 2",
        "UPDATE person SET name = ''",
        "INSERT INTO cursor VALUES ('mqtt', 'no such journal', 1, NULL)",
        "INSERT INTO journal (uuid, created, why) VALUES (hex(randomblob(18)), '', 'because')",
    ]
    for sql in forbidden:
        with pytest.raises(StoreError):
            store._writer.run(operator.methodcaller("execute", sql))
    assert store.people.find(person.id) == person
    with sqlite3.connect(terminal.path) as plain:
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
    plain.close()
