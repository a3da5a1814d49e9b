from edge.adapters.store_sqlite import rows
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.domain.person import Person, Reference, clean_name
from edge.errors import ConflictError, NotFoundError

GENERATION = "SELECT sum(value) AS generation FROM generation WHERE name IN ('person', 'reference')"
PERSON = (
    "SELECT person.*, visitor.person_id IS NOT NULL AS visitor, visitor.max_visits,"
    " (SELECT count(*) FROM reference WHERE reference.person_id = person.id) AS reference_count,"
    " (SELECT group_concat(group_name, char(10)) FROM person_group WHERE person_id = person.id)"
    " AS group_names"
    " FROM person LEFT JOIN visitor ON visitor.person_id = person.id"
)
_ID = 26  # characters of an id, as the tables have it
_PREFIX = 8  # characters of an id that may name a person; a ULID's first eight are its second
_BY_ID_PREFIX = "substr(id, 1, length(:id)) = :id"
_MOST_LISTED = 5


class SqliteReferences:
    """The gallery, read by any thread. All methods raise StoreError where the database cannot be read."""

    def __init__(self, pool: ReaderPool) -> None:
        self._pool = pool

    def generation(self) -> int:
        """Return a number that grows with each change of people or references."""
        return int(self._pool.rows(GENERATION)[0]["generation"])

    def people(self) -> list[Person]:
        """Return everybody, by name."""
        found = [rows.person(row) for row in self._pool.rows(PERSON)]
        return sorted(found, key=lambda person: (person.name.casefold(), person.id))

    def references(self, model_version: str, *, known: frozenset[str] = frozenset()) -> list[Reference]:
        """Return the references of one model version in the order of their ids, without those in `known`."""
        sql = "SELECT * FROM reference WHERE model_version = ? "
        if not known:
            return [rows.reference(row) for row in self._pool.rows(sql + "ORDER BY id", [model_version])]
        fresh = sorted(self.reference_ids(model_version) - known)
        if not fresh:
            return []
        sql += "AND id IN (SELECT value FROM json_each(?)) ORDER BY id"
        values = [model_version, rows.json_list(fresh)]
        return [rows.reference(row) for row in self._pool.rows(sql, values)]

    def reference_ids(self, model_version: str) -> frozenset[str]:
        """Return the ids of all references of one model version."""
        # As one text: the vision child asks between two frames, and ten thousand rows take far longer.
        sql = "SELECT group_concat(id, '') AS ids FROM reference WHERE model_version = ?"
        ids = self._pool.rows(sql, [model_version])[0]["ids"] or ""
        return frozenset(ids[at : at + _ID] for at in range(0, len(ids), _ID))

    def enrolled(self, model_version: str) -> int:
        """Return the number of people with a reference of one model version."""
        sql = "SELECT count(DISTINCT person_id) AS people FROM reference WHERE model_version = ?"
        return int(self._pool.rows(sql, [model_version])[0]["people"])

    def references_of(self, person_id: str) -> list[Reference]:
        """Return the references of one person, of all model versions, in the order of their ids."""
        sql = "SELECT * FROM reference WHERE person_id = ? ORDER BY id"
        return [rows.reference(row) for row in self._pool.rows(sql, [person_id])]

    def find(self, who: str) -> Person:
        """Return the one person with this id, unique id prefix (8+), employee number or exact name.

        A whole id comes first; upper and lower case of an id are the same. Raises NotFoundError, or
        ConflictError where several fit.
        """
        try:
            text = clean_name(who)
        except ConflictError as error:
            raise NotFoundError(f"nobody can be called {who[:40]!r}") from error
        if len(text) == _ID:
            for row in self._pool.rows(f"{PERSON} WHERE person.id = ?", [text.upper()]):
                return rows.person(row)
        sql = f"{PERSON} WHERE external_id = :text OR name = :text"
        if len(text) >= _PREFIX:
            sql += f" OR {_BY_ID_PREFIX}"
        found = [rows.person(row) for row in self._pool.rows(sql, {"text": text, "id": text.upper()})]
        if not found:
            raise NotFoundError(f"{text!r}: nobody has this id, employee number or name")
        if len(found) > 1:
            ids = sorted(person.id for person in found)
            more = f" and {len(ids) - _MOST_LISTED} more" if len(ids) > _MOST_LISTED else ""
            raise ConflictError(
                f"{text!r} fits several people: {', '.join(ids[:_MOST_LISTED])}{more}; give the id"
            )
        return found[0]
