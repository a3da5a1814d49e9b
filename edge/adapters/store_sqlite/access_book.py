from edge.adapters.store_sqlite import access_rows, rows
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.references import PERSON
from edge.adapters.store_sqlite.schema_access import ACCESS_TABLES
from edge.domain.access_group import Group
from edge.domain.person import Person
from edge.domain.schedule import Schedule
from edge.domain.schedule_calendar import Calendar
from edge.domain.second_factor_pin import PinHashes


class SqliteAccessBook:
    """Who may pass when, read by any thread. All methods raise StoreError."""

    def __init__(self, pool: ReaderPool) -> None:
        self._pool = pool

    def generation(self) -> int:
        """Return a number that grows with each change of schedules, holidays, groups or PINs."""
        sql = "SELECT sum(value) AS generation FROM generation WHERE name IN (SELECT value FROM json_each(?))"
        return int(self._pool.rows(sql, [rows.json_list(ACCESS_TABLES)])[0]["generation"])

    def schedules(self) -> dict[str, Schedule]:
        """Return the schedules by name."""
        found = self._pool.rows("SELECT * FROM schedule ORDER BY name")
        return {row["name"]: access_rows.schedule(row) for row in found}

    def calendar(self) -> Calendar:
        """Return the holidays, by their first day."""
        found = self._pool.rows("SELECT * FROM holiday ORDER BY first, name")
        return Calendar(tuple(access_rows.holiday(row) for row in found))

    def groups(self) -> dict[str, Group]:
        """Return the groups by name."""
        found = self._pool.rows("SELECT * FROM access_group ORDER BY name")
        return {row["name"]: access_rows.group(row) for row in found}

    def pins(self, person_id: str) -> PinHashes:
        """Return the hashes of a person's PINs."""
        found = self._pool.rows("SELECT hash, duress FROM pin WHERE person_id = ?", [person_id])
        return PinHashes(found[0]["hash"], found[0]["duress"]) if found else PinHashes()

    def visitor_salt(self) -> bytes:
        """Return the salt under which visitor PINs are looked up."""
        return bytes(self._pool.rows("SELECT value FROM salt WHERE name = 'visitor'")[0]["value"])

    def visitor(self, digest: str) -> Person | None:
        """Return the visitor whose PIN has this digest, None where nobody has."""
        found = self._pool.rows(f"{PERSON} WHERE visitor.digest = ?", [digest])
        return rows.person(found[0]) if found else None
