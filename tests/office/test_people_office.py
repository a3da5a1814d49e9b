"""What an office does with people: enrolling, duplicates, disputes, a copy of all that is held."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.attendance_punch import PunchKind
from edge.domain.consent import Consent
from edge.domain.enrolment import LookAlike, Outcome
from edge.domain.events import EventType, NewEvent
from edge.domain.examination import Examination, ExaminedPicture, Upload
from edge.domain.person import NewReference, Person
from edge.domain.score import Metric, ScoreScale
from edge.domain.second_factor_pin import PinHashes
from edge.errors import ConflictError, GalleryChangedError, NotFoundError
from edge.office.attendance import AttendanceDesk
from edge.office.disputes import Disputes
from edge.office.duplicates import Duplicates
from edge.office.enroller import Enroller
from edge.office.person_copy import PersonCopy
from tests.store.conftest import MODEL, Terminal

PICTURE = Upload("a.jpg", b"x")


@dataclass
class FakeExaminer:
    """Says what it is told to; `meanwhile` is done before each answer, to the gallery it was made for."""

    store: SqliteStore
    references: Sequence[NewReference]
    look_alikes: tuple[LookAlike, ...] = ()
    stale: int = 0  # how many answers are for a gallery that has changed
    asked: list[tuple[str | None, bool]] = field(default_factory=list)

    def examine(
        self,
        pictures: Sequence[Upload],
        *,
        person_id: str | None = None,
        chosen_face: int | None = None,
        allow_look_alike: bool = False,
    ) -> Examination:
        del chosen_face
        self.asked.append((person_id, allow_look_alike))
        generation = self.store.people.generation() - (1 if len(self.asked) <= self.stale else 0)
        verdicts = tuple(
            ExaminedPicture(one.source, Outcome.ACCEPTED, "accepted", "good") for one in pictures
        )
        return Examination(verdicts, tuple(self.references), self.look_alikes, generation)

    def warm(self) -> None:
        raise NotImplementedError


def enroller(terminal: Terminal, store: SqliteStore, **more: object) -> tuple[Enroller, FakeExaminer]:
    examiner = FakeExaminer(store, [terminal.reference()])
    for name, value in more.items():
        setattr(examiner, name, value)
    return Enroller(examiner, store.people), examiner


def add(desk: Enroller, name: str = "Yui") -> Person | None:
    return desk.add(name=name, external_id=None, pictures=[PICTURE], actor="admin:yui").person


def test_what_was_examined_is_written_with_the_account_as_actor(
    terminal: Terminal, store: SqliteStore
) -> None:
    desk, examiner = enroller(terminal, store)
    person = add(desk)
    assert person is not None
    assert person.references == 1
    event = store.journal.events()[-1]
    assert (event.type, event.data["actor"]) == (EventType.PERSON_ENROLLED, "admin:yui")
    more, _ = enroller(terminal, store)
    extended = more.extend(person_id=person.id, pictures=[PICTURE], actor="admin:yui").person
    assert extended is not None
    assert extended.references == 2
    assert examiner.asked == [(None, False)]


def test_nothing_is_written_without_a_reference(terminal: Terminal, store: SqliteStore) -> None:
    desk, _ = enroller(terminal, store, references=[])
    assert add(desk) is None
    assert store.people.people() == []


def test_a_gallery_that_changed_under_the_check_is_checked_once_more(
    terminal: Terminal, store: SqliteStore
) -> None:
    desk, examiner = enroller(terminal, store, stale=1)
    assert add(desk) is not None
    assert len(examiner.asked) == 2
    restless, _ = enroller(terminal, store, stale=9)
    with pytest.raises(GalleryChangedError):
        add(restless, "Ken")
    assert [one.name for one in store.people.people()] == ["Yui"]


def test_an_overridden_look_alike_marks_both(terminal: Terminal, store: SqliteStore) -> None:
    first = terminal.enrol(store, "Yui")
    desk, _ = enroller(terminal, store, look_alikes=(LookAlike(first.id, "Yui", 0.4, 99.0),))
    twin = add(desk, "Mei")
    assert twin is not None
    assert twin.second_factor
    assert store.people.find(first.id).second_factor


# --- duplicates ----------------------------------------------------------------------------------------


def test_how_much_alike_two_people_are_is_their_nearest_pair(terminal: Terminal, store: SqliteStore) -> None:
    scale = ScoreScale(Metric.EUCLIDEAN, -1.0, 0.0, 100.0, 0.0, 4.0)
    ones = [terminal.reference() for _ in range(2)]
    near = replace(ones[1], vector=(ones[1].vector + np.float32(0.01)).astype(np.float32))
    one = terminal.enrol(store, "one", references=ones)
    two = terminal.enrol(store, "two", references=[terminal.reference(), near])
    none = terminal.enrol(store, "none", references=[terminal.reference(model="other")])
    desk = Duplicates(store.people, store.roll, most=10)
    assert desk.likeness(one.id, two.id, MODEL, scale) == pytest.approx(0.01 * 128**0.5, rel=1e-3)
    assert desk.likeness(one.id, none.id, MODEL, scale) is None


def test_a_merge_keeps_as_many_references_as_are_kept_of_one_person_the_newest_of_the_other(
    terminal: Terminal, store: SqliteStore
) -> None:
    kept = terminal.enrol(store, "kept", references=[terminal.reference() for _ in range(2)])
    gone = terminal.enrol(store, "gone")
    for _ in range(2):
        terminal.clock.wall += 60
        store.people.extend(
            person_id=gone.id,
            references=[terminal.reference()],
            seen_generation=store.people.generation(),
            actor="t",
        )
    newest = store.people.references_of(gone.id)[-1].vector
    merged = Duplicates(store.people, store.roll, most=3).merge(kept.id, gone.id, actor="admin:yui")
    assert merged.references == 3
    assert any(np.array_equal(one.vector, newest) for one in store.people.references_of(kept.id))
    full = terminal.enrol(store, "full")
    assert Duplicates(store.people, store.roll, most=3).merge(kept.id, full.id, actor="t").references == 3


# --- disputes ------------------------------------------------------------------------------------------


def attendance_of(terminal: Terminal, store: SqliteStore) -> AttendanceDesk:
    return AttendanceDesk(people=store.people, journal=store.journal, query=store.query, clock=terminal.clock)


def disputes(terminal: Terminal, store: SqliteStore) -> Disputes:
    return Disputes(
        journal=store.journal,
        query=store.query,
        people=store.people,
        roll=store.roll,
        attendance=attendance_of(terminal, store),
    )


def test_a_disputed_recognition_may_take_its_reference_and_its_punch_along(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store, references=[terminal.reference(), terminal.reference()])
    wrong, right = store.people.references_of(person.id)
    said = {"reason": "face", "reference": wrong.id}
    granted = store.journal.append(NewEvent(EventType.ACCESS_GRANTED, person.id, said))
    store.journal.append(NewEvent(EventType.EXIT_REQUESTED))
    punch = store.journal.append(
        NewEvent(EventType.ATTENDANCE_PUNCHED, person.id, {"kind": PunchKind.IN.value, "source": "turn"})
    )
    desk = disputes(terminal, store)
    found = desk.look(person.id, granted.seq)
    assert found.reference is not None
    assert found.reference.id == wrong.id
    assert found.punch == punch
    assert found.already is None
    event = desk.dispute(person.id, granted.seq, remove=True, void=True, actor="admin:yui")
    assert event.type is EventType.RECOGNITION_DISPUTED
    assert event.data == {"of": granted.id, "removed": wrong.id, "actor": "admin:yui"}
    assert [one.id for one in store.people.references_of(person.id)] == [right.id]
    (void,) = [one for one in store.journal.events() if one.type is EventType.ATTENDANCE_CORRECTED]
    assert (void.data["action"], void.data["of"]) == ("void", punch.id)
    assert desk.look(person.id, granted.seq).already == event
    with pytest.raises(ConflictError):
        desk.dispute(person.id, granted.seq, remove=False, void=False, actor="admin:yui")


def test_a_punch_that_was_cancelled_already_keeps_no_dispute_back(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store, references=[terminal.reference(), terminal.reference()])
    wrong, _ = store.people.references_of(person.id)
    said = {"reason": "face", "reference": wrong.id}
    granted = store.journal.append(NewEvent(EventType.ACCESS_GRANTED, person.id, said))
    punch = store.journal.append(
        NewEvent(EventType.ATTENDANCE_PUNCHED, person.id, {"kind": PunchKind.IN.value, "source": "turn"})
    )
    attendance_of(terminal, store).void(punch.id, actor="admin:mori")
    desk = disputes(terminal, store)
    assert desk.look(person.id, granted.seq).punch is None
    event = desk.dispute(person.id, granted.seq, remove=True, void=True, actor="admin:yui")
    assert event.data["removed"] == wrong.id
    assert store.people.find(person.id).references == 1
    voids = [one for one in store.journal.events() if one.type is EventType.ATTENDANCE_CORRECTED]
    assert [one.data["actor"] for one in voids] == ["admin:mori"]


def test_what_somebody_else_does_at_the_same_moment_keeps_no_dispute_back(
    terminal: Terminal, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = terminal.enrol(store)
    (wrong,) = store.people.references_of(person.id)
    said = {"reason": "face", "reference": wrong.id}
    granted = store.journal.append(NewEvent(EventType.ACCESS_GRANTED, person.id, said))
    punch = store.journal.append(
        NewEvent(EventType.ATTENDANCE_PUNCHED, person.id, {"kind": PunchKind.IN.value, "source": "turn"})
    )
    desk = disputes(terminal, store)
    found = desk.look(person.id, granted.seq)
    monkeypatch.setattr(desk, "look", lambda *_: found)
    attendance_of(terminal, store).void(punch.id, actor="admin:mori")
    store.roll.remove_reference(person.id, wrong.id, actor="admin:mori")
    event = desk.dispute(person.id, granted.seq, remove=True, void=True, actor="admin:yui")
    assert event.data == {"of": granted.id, "removed": None, "actor": "admin:yui"}


def test_only_what_rests_on_a_recognition_of_this_person_is_disputed(
    terminal: Terminal, store: SqliteStore
) -> None:
    person, other = terminal.enrol(store, "one"), terminal.enrol(store, "two")
    granted = store.journal.append(NewEvent(EventType.ACCESS_GRANTED, person.id, {"reason": "face"}))
    terminal.clock.ticks += 60
    store.journal.append(NewEvent(EventType.ATTENDANCE_PUNCHED, person.id, {"kind": "in", "source": "turn"}))
    desk = disputes(terminal, store)
    assert desk.look(person.id, granted.seq).punch is None
    for who, seq in ((other.id, granted.seq), (person.id, 1), (person.id, 999)):
        with pytest.raises(NotFoundError):
            desk.look(who, seq)
    event = desk.dispute(person.id, granted.seq, remove=True, void=True, actor="admin:yui")
    assert event.data["removed"] is None
    assert store.people.find(person.id).references == 1


# --- a copy --------------------------------------------------------------------------------------------


def test_the_copy_holds_everything_and_no_secret(terminal: Terminal, store: SqliteStore) -> None:
    crop = np.zeros((4, 4, 3), np.uint8)
    person = terminal.enrol(
        store, "結衣", references=[replace(terminal.reference(), crop=crop), terminal.reference()]
    )
    store.access.set_pins(person.id, PinHashes("secret-hash", None), actor="t")
    store.people.update(
        replace(
            store.people.find(person.id),
            valid_until=1_800_000_000.0,
            consent=Consent(date(2026, 4, 1), "f 12"),
        ),
        actor="t",
    )
    for _ in range(3):
        store.journal.append(NewEvent(EventType.ACCESS_GRANTED, person.id, {"reason": "face"}))
    store.journal.append(NewEvent(EventType.ACCESS_GRANTED, "somebody else", {}))
    copy = PersonCopy(
        device="porch", people=store.people, roll=store.roll, access=store.access, query=store.query
    )
    archive = zipfile.ZipFile(io.BytesIO(copy.zipped(person.id)))
    told, events = (json.loads(archive.read(f"{name}.json")) for name in ("person", "events"))
    assert copy.json(person.id) == {"person": told, "events": events}
    assert told["name"] == "結衣"
    assert told["valid_until"] == "2027-01-15T08:00:00+00:00"
    assert told["consent"] == {"on": "2026-04-01", "note": "f 12"}
    assert (told["pin"], told["duress_pin"]) == (True, False)
    assert len(told["references"]) == 2
    assert {one["subject"] for one in events} == {person.id}
    assert sum(one["type"] == "edge.access.granted" for one in events) == 3
    crops = [name for name in archive.namelist() if name.startswith("crops/")]
    assert crops == [f"crops/{told['references'][0]['id']}.png"]
    assert b"secret-hash" not in b"".join(archive.read(name) for name in archive.namelist())
    with pytest.raises(NotFoundError):
        copy.zipped("0" * 26)


def test_the_copy_reads_events_page_by_page(
    terminal: Terminal, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.office.person_copy.PAGE", 2)
    person = terminal.enrol(store)
    for _ in range(4):
        store.journal.append(NewEvent(EventType.ACCESS_GRANTED, person.id, {}))
    copy = PersonCopy(
        device="porch", people=store.people, roll=store.roll, access=store.access, query=store.query
    )
    assert len(copy.json(person.id)["events"]) == 5
