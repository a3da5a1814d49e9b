import json
import sqlite3
import threading

from edge.adapters.store_sqlite import rows
from edge.adapters.store_sqlite.change import Change
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.references import PERSON
from edge.adapters.store_sqlite.stamp import Stamp
from edge.adapters.store_sqlite.writer import Writer
from edge.domain.events import EventType
from edge.domain.person import Person
from edge.domain.roll import RollEntry, RollFilter, RollPage, folded
from edge.errors import ConflictError, NotFoundError

_GENERATION = "SELECT sum(value) AS generation FROM generation"
_ENTRIES = (
    "SELECT person.id, name, external_id, second_factor, valid_from, valid_until,"
    " visitor.person_id IS NOT NULL AS visitor, coalesce(counted.number, 0) AS reference_count,"
    " grouped.names AS group_names"
    " FROM person LEFT JOIN visitor ON visitor.person_id = person.id"
    " LEFT JOIN (SELECT person_id, count(*) AS number FROM reference GROUP BY person_id) AS counted"
    " ON counted.person_id = person.id"
    " LEFT JOIN (SELECT person_id, json_group_array(group_name) AS names FROM person_group"
    " GROUP BY person_id) AS grouped ON grouped.person_id = person.id"
)


class SqliteRoll:
    """Looks through people; what is searched is kept in memory until anything of it changes."""

    def __init__(self, pool: ReaderPool, writer: Writer, stamp: Stamp) -> None:
        self._pool = pool
        self._writer = writer
        self._stamp = stamp
        self._lock = threading.Lock()
        self._known: tuple[int, tuple[RollEntry, ...]] | None = None

    def page(self, which: RollFilter, *, offset: int = 0, limit: int = 50) -> RollPage:
        """Return some of the people who match; see `edge.ports.PeopleRoll.page`."""
        found = [entry.id for entry in self._entries() if entry.fits(which)]
        wanted = found[offset : offset + limit]
        sql = f"{PERSON} WHERE person.id IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own words
        people = {row["id"]: rows.person(row) for row in self._pool.rows(sql, [rows.json_list(wanted)])}
        return RollPage(tuple(people[one] for one in wanted if one in people), len(found), offset)

    def crops(self, person_id: str) -> frozenset[str]:
        """Return the ids of a person's references of which a crop is kept."""
        sql = "SELECT id FROM reference WHERE person_id = ? AND crop IS NOT NULL"
        return frozenset(row["id"] for row in self._pool.rows(sql, [person_id]))

    def crop(self, person_id: str, reference_id: str) -> bytes | None:
        """Return the PNG of a reference's crop, None where none is kept; raises NotFoundError."""
        sql = "SELECT crop FROM reference WHERE id = ? AND person_id = ?"
        for row in self._pool.rows(sql, [reference_id, person_id]):
            crop: bytes | None = row["crop"]
            return crop
        raise NotFoundError(f"reference {reference_id}: the person has none by this id")

    def remove_reference(self, person_id: str, reference_id: str, *, actor: str) -> Person:
        """Forget one reference; see `edge.ports.PeopleRoll.remove_reference`."""
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> Person:
            sql = "DELETE FROM reference WHERE id = ? AND person_id = ?"
            if not connection.execute(sql, [reference_id, person_id]).rowcount:
                raise NotFoundError(f"reference {reference_id}: the person has none by this id")
            change.update_person(connection, person_id, {})
            data = {"fields": ["references"], "removed": [reference_id]}
            change.journal(connection, EventType.PERSON_CHANGED, person_id, data)
            return change.person(connection, person_id)

        return self._writer.run_freeing(job)

    def merge(self, *, kept: str, gone: str, references: frozenset[str], actor: str) -> Person:
        """Make one person of two; see `edge.ports.PeopleRoll.merge`."""
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> Person:
            two = change.person(connection, kept), change.person(connection, gone)
            if kept == gone or any(one.visitor for one in two):
                raise ConflictError(f"person {gone}: only two people who are enrolled are made one")
            moved = [
                change.move_reference(connection, reference, gone, kept) for reference in sorted(references)
            ]
            connection.execute("DELETE FROM person WHERE id = ?", [gone])
            change.update_person(connection, kept, {})
            data = {"fields": ["references"], "merged": gone, "references": moved}
            change.journal(connection, EventType.PERSON_CHANGED, kept, data)
            left = two[1].references - len(moved)
            change.journal(connection, EventType.PERSON_REMOVED, gone, {"merged_into": kept, "count": left})
            return change.person(connection, kept)

        return self._writer.run_freeing(job)

    def _entries(self) -> tuple[RollEntry, ...]:
        """Return everybody by name."""
        generation = int(self._pool.rows(_GENERATION)[0]["generation"])
        with self._lock:
            known = self._known
        if known is not None and known[0] == generation:
            return known[1]
        found = sorted((folded(row["name"]), row["id"], _entry(row)) for row in self._pool.rows(_ENTRIES))
        entries = tuple(entry for _, _, entry in found)
        with self._lock:
            self._known = generation, entries
        return entries


def _entry(row: sqlite3.Row) -> RollEntry:
    return RollEntry(
        id=row["id"],
        folded=folded(f"{row['name']}\n{row['external_id'] or ''}"),
        groups=frozenset(json.loads(row["group_names"])) if row["group_names"] else frozenset(),
        references=row["reference_count"],
        second_factor=bool(row["second_factor"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        visitor=bool(row["visitor"]),
    )
