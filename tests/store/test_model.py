"""The store against a plain model of it, over any order of calls, restarts and refused calls included."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from edge.domain.events import EventType, NewEvent
from edge.domain.person import Person
from edge.errors import ConflictError, GalleryChangedError, NotFoundError, StoreError
from tests.store.conftest import MODEL, Terminal

names = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=30).filter(
    lambda name: bool(name.split())
)
numbers = st.none() | st.sampled_from(["1", "2", "3", "A-1", "号"])


class StoreModel(RuleBasedStateMachine):
    people = Bundle("people")

    @initialize()
    def begin(self) -> None:
        self.terminal = Terminal(Path(tempfile.mkdtemp()) / "data")
        self.store = self.terminal.open()
        self.model: dict[str, Person] = {}
        self.references: dict[str, str] = {}  # reference id: person id
        self.first_seq = 1
        self.events: list[tuple[EventType, str | None]] = []
        self.cursors: dict[str, int] = {}
        self.generation = 0

    def teardown(self) -> None:
        if hasattr(self, "terminal"):
            for store in self.terminal.opened:
                store.close()
            shutil.rmtree(self.terminal.folder.parent)

    def note_references(self, person: Person, before: frozenset[str]) -> None:
        fresh = self.store.people.reference_ids(MODEL) - before
        assert len(fresh) == person.references - sum(owner == person.id for owner in self.references.values())
        self.references |= dict.fromkeys(fresh, person.id)

    def changed(self) -> None:
        generation = self.store.people.generation()
        assert generation > self.generation
        self.generation = generation

    @rule(target=people, name=names, number=numbers, count=st.integers(0, 3), stale=st.booleans())
    def enrol(self, *, name: str, number: str | None, count: int, stale: bool) -> object:
        before = self.store.people.reference_ids(MODEL)
        taken = number is not None and number in {person.external_id for person in self.model.values()}
        expected = GalleryChangedError if stale else ConflictError
        wanted = [self.terminal.reference() for _ in range(count)]
        try:
            person = self.store.people.enrol(
                name=name,
                external_id=number,
                references=wanted,
                seen_generation=self.generation - stale,
                actor="t",
            )
        except expected:
            assert stale or taken
            return multiple()
        assert not stale
        assert not taken
        self.model[person.id] = person
        self.note_references(person, before)
        self.events.append((EventType.PERSON_ENROLLED, person.id))
        self.changed()
        return person.id

    @rule(person_id=people, other=people, look_alike=st.booleans())
    def extend(self, *, person_id: str, other: str, look_alike: bool) -> None:
        alike = [other] if look_alike and other != person_id else []
        if not {person_id, *alike} <= self.model.keys():
            with pytest.raises(NotFoundError):
                self._extend(person_id, alike)
            return
        before = self.store.people.reference_ids(MODEL)
        person = self._extend(person_id, alike)
        if alike and not self.model[other].second_factor:
            self.events.append((EventType.PERSON_CHANGED, other))
            self.model[other] = replace(self.model[other], second_factor=True)
        self.events.append((EventType.PERSON_CHANGED, person_id))
        old = self.model[person_id]
        self.model[person_id] = replace(
            old, references=old.references + 1, second_factor=old.second_factor or bool(alike)
        )
        assert person == self.model[person_id]
        self.note_references(person, before)
        self.changed()

    def _extend(self, person_id: str, alike: list[str]) -> Person:
        return self.store.people.extend(
            person_id=person_id,
            references=[self.terminal.reference()],
            seen_generation=self.generation,
            look_alikes=alike,
            actor="t",
        )

    @rule(person_id=people, number=numbers, until=st.none() | st.floats(1, 1e9))
    def update(self, *, person_id: str, number: str | None, until: float | None) -> None:
        old = self.model.get(person_id)
        if old is None:
            return
        wanted = replace(old, external_id=number, valid_until=until)
        others = {person.external_id for person in self.model.values() if person.id != person_id}
        if number is not None and number in others:
            with pytest.raises(ConflictError):
                self.store.people.update(wanted, actor="t")
            return
        assert self.store.people.update(wanted, actor="t") == wanted
        if wanted != old:
            self.model[person_id] = wanted
            self.events.append((EventType.PERSON_CHANGED, person_id))
            self.changed()

    @rule(person_id=consumes(people))
    def remove(self, *, person_id: str) -> None:
        if person_id not in self.model:
            with pytest.raises(NotFoundError):
                self.store.people.remove(person_id=person_id, actor="t")
            return
        self.store.people.remove(person_id=person_id, actor="t")
        del self.model[person_id]
        self.references = {key: owner for key, owner in self.references.items() if owner != person_id}
        self.events.append((EventType.PERSON_REMOVED, person_id))
        self.changed()

    @rule(count=st.integers(0, 4), bad=st.booleans())
    def append(self, *, count: int, bad: bool) -> None:
        new = [NewEvent(EventType.ACCESS_DENIED)] * count
        if bad:
            with pytest.raises(StoreError):
                self.store.journal.append_many([*new, NewEvent(EventType.ACCESS_DENIED, person="x" * 65)])
            return
        self.store.journal.append_many(new)
        self.events += [(EventType.ACCESS_DENIED, None)] * count

    @rule(sink=st.sampled_from(["mqtt", "mail"]), seq=st.integers(-1, 60))
    def advance(self, *, sink: str, seq: int) -> None:
        if not 0 <= seq <= len(self.events):
            with pytest.raises(ConflictError):
                self.store.journal.advance(sink, seq)
            return
        self.store.journal.advance(sink, seq)
        self.cursors[sink] = max(seq, self.cursors.get(sink, 0))

    @rule(keep=st.integers(0, 30))
    def prune(self, *, keep: int) -> None:
        last = min([len(self.events) - keep, *self.cursors.values()])
        deleted = self.store.journal.prune(keep=keep)
        assert deleted == max(0, last + 1 - self.first_seq)
        self.first_seq += deleted

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = self.terminal.open()

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        assert {person.id: person for person in self.store.people.people()} == self.model
        stored = {reference.id: reference.person_id for reference in self.store.people.references(MODEL)}
        assert stored == self.references
        events = self.store.journal.events()
        assert [event.seq for event in events] == list(range(self.first_seq, len(self.events) + 1))
        assert [(event.type, event.person) for event in events] == self.events[self.first_seq - 1 :]
        assert self.store.journal.last_seq() == len(self.events)
        assert self.store.people.generation() == self.generation
        assert {sink: self.store.journal.cursor(sink) for sink in self.cursors} == self.cursors


TestStoreModel = StoreModel.TestCase
TestStoreModel.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
