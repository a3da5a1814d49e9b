import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from ulid import ULID

from edge.adapters.store_sqlite import rows
from edge.adapters.store_sqlite.crop_png import png
from edge.adapters.store_sqlite.references import GENERATION, PERSON
from edge.adapters.store_sqlite.stamp import ReadyEvent, Stamp
from edge.domain.events import EventType, NewEvent
from edge.domain.person import NewReference, Person
from edge.domain.schedule import ALWAYS, NEVER
from edge.errors import ConflictError, GalleryChangedError, NotFoundError

_SOURCE_LENGTH = 255  # a file name's limit on Linux
_BUILT_IN = (ALWAYS.name, NEVER.name)
_PERSON_COLUMNS = (
    "id",
    "name",
    "external_id",
    "second_factor",
    "valid_from",
    "valid_until",
    "schedule",
    "consent",
    "created",
    "updated",
)
_INSERT_PERSON = (
    f"INSERT INTO person ({', '.join(_PERSON_COLUMNS)})"  # noqa: S608 - our own column names
    f" VALUES ({', '.join(f':{name}' for name in _PERSON_COLUMNS)})"
)
_INSERT_REFERENCE = (
    "INSERT INTO reference"
    " (id, person_id, model_version, dimension, vector, quality, crop, source, created) VALUES"
    " (:id, :person_id, :model_version, :dimension, :vector, :quality, :crop, :source, :created)"
)


class Change:
    """The steps of one change, all at one moment and by one actor."""

    def __init__(self, stamp: Stamp, actor: str) -> None:
        self._stamp = stamp
        self._at = stamp.now()
        self._actor = actor
        self.time = rows.iso(self._at.wall)

    def new_id(self) -> str:
        """Return a fresh id."""
        return str(ULID.from_timestamp(rows.kept_in_range(self._at.wall)))

    def require_generation(self, connection: sqlite3.Connection, seen: int) -> None:
        """Raise GalleryChangedError unless the generation is still `seen`."""
        now = connection.execute(GENERATION).fetchall()[0]["generation"]
        if now != seen:
            raise GalleryChangedError(
                f"the gallery changed since the look-alike check ({seen} to {now}); check again"
            )

    def person(self, connection: sqlite3.Connection, person_id: str) -> Person:
        """Return a person as stored; raises NotFoundError."""
        found = connection.execute(f"{PERSON} WHERE id = ?", [person_id]).fetchall()
        if not found:
            raise NotFoundError(f"person {person_id}: nobody has this id")
        return rows.person(found[0])

    def insert_person(self, connection: sqlite3.Connection, new: Person) -> None:
        """Store a new person without groups.

        Raises ConflictError for an employee number in use, NotFoundError for an unknown schedule.
        """
        self._free_number(connection, new.id, new.external_id)
        require_schedule(connection, new.schedule)
        row = {name: getattr(new, name) for name in _PERSON_COLUMNS}
        connection.execute(_INSERT_PERSON, {**row, "consent": rows.consent_text(new.consent)})

    def update_person(self, connection: sqlite3.Connection, person_id: str, changed: dict[str, Any]) -> None:
        """Write some columns of a person; raises ConflictError for an employee number in use."""
        self._free_number(connection, person_id, changed.get("external_id"))
        require_schedule(connection, changed.get("schedule"))
        columns = "".join(f"{key} = :{key}, " for key in changed)
        connection.execute(
            f"UPDATE person SET {columns}updated = :updated WHERE id = :id",  # noqa: S608 - our own column names
            {**changed, "updated": self.time, "id": person_id},
        )

    def set_groups(self, connection: sqlite3.Connection, person_id: str, groups: Sequence[str]) -> None:
        """Make a person a member of exactly `groups`; raises NotFoundError for one that does not exist."""
        connection.execute("DELETE FROM person_group WHERE person_id = ?", [person_id])
        for name in groups:
            require_group(connection, name)
            connection.execute("INSERT INTO person_group VALUES (?, ?)", [person_id, name])

    def _free_number(self, connection: sqlite3.Connection, person_id: str, number: str | None) -> None:
        sql = "SELECT id FROM person WHERE external_id = ? AND id <> ?"
        for row in connection.execute(sql, [number, person_id]).fetchall():
            raise ConflictError(f"employee number {number}: it belongs to person {row['id']} already")

    def insert_references(
        self, connection: sqlite3.Connection, person_id: str, references: Sequence[NewReference]
    ) -> dict[str, str]:
        """Store references; return the model version of each by its id."""
        written: dict[str, str] = {}
        for new in references:
            self._require_dimension(connection, new)
            reference_id = self.new_id()
            row = {
                "id": reference_id,
                "person_id": person_id,
                "model_version": new.model_version,
                "dimension": new.vector.size,
                "vector": rows.vector_blob(new.vector),
                "quality": rows.json_text("reference quality", new.quality),
                "crop": None if new.crop is None else png(new.crop),
                "source": new.source.encode(errors="replace").decode()[-_SOURCE_LENGTH:],
                "created": self.time,
            }
            connection.execute(_INSERT_REFERENCE, row)
            written[reference_id] = new.model_version
        return written

    def move_reference(
        self, connection: sqlite3.Connection, reference_id: str, from_id: str, to_id: str
    ) -> str:
        """Make one person's reference another's and return its id, a new one: whoever searches goes by ids.

        Raises NotFoundError.
        """
        new_id = self.new_id()
        sql = "UPDATE reference SET id = ?, person_id = ? WHERE id = ? AND person_id = ?"
        if not connection.execute(sql, [new_id, to_id, reference_id, from_id]).rowcount:
            raise NotFoundError(f"reference {reference_id}: the person has none by this id")
        return new_id

    def _require_dimension(self, connection: sqlite3.Connection, new: NewReference) -> None:
        sql = "SELECT dimension FROM reference WHERE model_version = ? LIMIT 1"
        for row in connection.execute(sql, [new.model_version]).fetchall():
            if row["dimension"] != new.vector.size:
                raise ConflictError(
                    f"reference: a vector of {new.vector.size} values, "
                    f"those of {new.model_version} have {row['dimension']}"
                )

    def mark(self, connection: sqlite3.Connection, look_alikes: Sequence[str], *, because: str) -> None:
        """Make a second factor mandatory for each look-alike, and journal it for each it was not yet."""
        for person_id in look_alikes:
            if not self.person(connection, person_id).second_factor:
                self.update_person(connection, person_id, {"second_factor": True})
                data = {"fields": ["second_factor"], "look_alike": because}
                self.journal(connection, EventType.PERSON_CHANGED, person_id, data)

    def journal_references(
        self,
        connection: sqlite3.Connection,
        type_: EventType,
        person_id: str,
        written: Mapping[str, str],
        look_alikes: Sequence[str],
        *,
        fields: Sequence[str] = (),
    ) -> None:
        """Journal new references by their ids: never by name, and a source may hold one.

        `fields` are the details that were given with them.
        """
        data: dict[str, Any] = {
            "references": list(written),
            "count": len(written),
            "model_versions": sorted(set(written.values())),
            "look_alikes": list(look_alikes),
        }
        if fields:
            data["fields"] = list(fields)
        self.journal(connection, type_, person_id, data)

    def journal(
        self, connection: sqlite3.Connection, type_: EventType, person_id: str | None, data: Mapping[str, Any]
    ) -> None:
        """Journal one event of this change."""
        event = NewEvent(type_, person_id, {**data, "actor": self._actor})
        ReadyEvent(self._stamp, event, self._at).insert(connection)


def require_schedule(connection: sqlite3.Connection, name: str | None) -> None:
    """Raise NotFoundError for the name of a schedule that does not exist; None is no name."""
    if name is None or name in _BUILT_IN:
        return
    if not connection.execute("SELECT 1 FROM schedule WHERE name = ?", [name]).fetchall():
        raise NotFoundError(f'schedule "{name}": there is none by this name')


def require_group(connection: sqlite3.Connection, name: str) -> None:
    """Raise NotFoundError for the name of a group that does not exist."""
    if not connection.execute("SELECT 1 FROM access_group WHERE name = ?", [name]).fetchall():
        raise NotFoundError(f'group "{name}": there is none by this name')
