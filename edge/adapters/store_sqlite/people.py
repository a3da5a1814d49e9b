import sqlite3
from collections.abc import Sequence
from dataclasses import fields

from edge.adapters.store_sqlite import rows
from edge.adapters.store_sqlite.change import Change
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.references import SqliteReferences
from edge.adapters.store_sqlite.stamp import Stamp
from edge.adapters.store_sqlite.writer import Writer
from edge.domain.events import EventType
from edge.domain.person import NO_DETAILS, Details, NewReference, Person, clean_external_id, clean_name
from edge.errors import ConflictError

_EDITABLE = (
    "name",
    "external_id",
    "second_factor",
    "valid_from",
    "valid_until",
    "schedule",
    "groups",
    "consent",
)


class SqlitePeople(SqliteReferences):
    """Reads and changes people. Each change is one durable transaction that holds its event as well."""

    def __init__(self, pool: ReaderPool, writer: Writer, stamp: Stamp) -> None:
        super().__init__(pool)
        self._writer = writer
        self._stamp = stamp

    def enrol(
        self,
        *,
        name: str,
        external_id: str | None,
        references: Sequence[NewReference],
        seen_generation: int,
        look_alikes: Sequence[str] = (),
        details: Details = NO_DETAILS,
        actor: str,
    ) -> Person:
        """Add a person with references and details; see `edge.ports.People.enrol`."""
        change = Change(self._stamp, actor)
        new = Person(
            id=change.new_id(),
            name=clean_name(name),
            external_id=clean_external_id(external_id),
            second_factor=bool(look_alikes) or details.second_factor,
            valid_from=details.valid_from,
            valid_until=details.valid_until,
            schedule=details.schedule,
            consent=details.consent,
            created=change.time,
            updated=change.time,
        )
        _check_validity(new)

        def job(connection: sqlite3.Connection) -> Person:
            change.require_generation(connection, seen_generation)
            change.insert_person(connection, new)
            change.set_groups(connection, new.id, sorted(set(details.groups)))
            ids = change.insert_references(connection, new.id, references)
            change.mark(connection, look_alikes, because=new.id)
            change.journal_references(
                connection, EventType.PERSON_ENROLLED, new.id, ids, look_alikes, fields=details.given()
            )
            return change.person(connection, new.id)

        return self._writer.run(job)

    def extend(
        self,
        *,
        person_id: str,
        references: Sequence[NewReference],
        seen_generation: int,
        look_alikes: Sequence[str] = (),
        actor: str,
    ) -> Person:
        """Add references to a person; see `edge.ports.People.extend`. ConflictError for none at all."""
        if not references:
            raise ConflictError(f"person {person_id}: there is no reference to add")
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> Person:
            change.require_generation(connection, seen_generation)
            change.person(connection, person_id)
            ids = change.insert_references(connection, person_id, references)
            change.mark(connection, look_alikes, because=person_id)
            connection.execute(
                "UPDATE person SET updated = ?, second_factor = max(second_factor, ?) WHERE id = ?",
                [change.time, bool(look_alikes), person_id],
            )
            change.journal_references(connection, EventType.PERSON_CHANGED, person_id, ids, look_alikes)
            return change.person(connection, person_id)

        return self._writer.run(job)

    def update(self, person: Person, *, actor: str) -> Person:
        """Write what an admin may change of `person`; see `edge.ports.People.update`."""
        change = Change(self._stamp, actor)
        wanted = {
            field.name: getattr(person, field.name) for field in fields(person) if field.name in _EDITABLE
        }
        wanted["name"] = clean_name(person.name)
        wanted["external_id"] = clean_external_id(person.external_id)
        wanted["groups"] = tuple(sorted(set(person.groups)))
        _check_validity(person)

        def job(connection: sqlite3.Connection) -> Person:
            stored = change.person(connection, person.id)
            if stored.updated != person.updated:
                raise ConflictError(
                    f"person {person.id}: it was changed meanwhile; look again, then change it"
                )
            changed = {key: value for key, value in wanted.items() if value != getattr(stored, key)}
            if not changed:
                return stored
            fields_changed = sorted(changed)
            if "groups" in changed:
                change.set_groups(connection, person.id, changed.pop("groups"))
            if "consent" in changed:
                changed["consent"] = rows.consent_text(person.consent)
            change.update_person(connection, person.id, changed)
            change.journal(connection, EventType.PERSON_CHANGED, person.id, {"fields": fields_changed})
            return change.person(connection, person.id)

        return self._writer.run(job, erase=True)

    def remove(self, *, person_id: str, actor: str) -> None:
        """Forget a person: name, vectors, crops are overwritten in the files. Events keep the id.

        On a full disk the ballast is freed to make it possible. Raises NotFoundError.
        """
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> None:
            stored = change.person(connection, person_id)
            connection.execute("DELETE FROM person WHERE id = ?", [person_id])
            change.journal(connection, EventType.PERSON_REMOVED, person_id, {"count": stored.references})

        self._writer.run_freeing(job)


def _check_validity(person: Person) -> None:
    if (
        person.valid_from is not None
        and person.valid_until is not None
        and person.valid_from >= person.valid_until
    ):
        raise ConflictError(f"person {person.id}: the validity ends before it begins")
