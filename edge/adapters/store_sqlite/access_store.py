import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Any

from edge.adapters.store_sqlite import access_rows
from edge.adapters.store_sqlite.access_book import SqliteAccessBook
from edge.adapters.store_sqlite.change import Change, require_group, require_schedule
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.stamp import Stamp
from edge.adapters.store_sqlite.writer import Writer
from edge.domain.access_group import Group
from edge.domain.events import EventType
from edge.domain.person import NewVisitor, Person, clean_name
from edge.domain.schedule import Schedule
from edge.domain.schedule_calendar import Holiday
from edge.domain.second_factor_pin import PinHashes
from edge.errors import ConflictError, NotFoundError


class SqliteAccess(SqliteAccessBook):
    """Changes who may pass when. Each change is one durable transaction that holds its event as well."""

    def __init__(self, pool: ReaderPool, writer: Writer, stamp: Stamp) -> None:
        super().__init__(pool)
        self._writer = writer
        self._stamp = stamp

    def put_schedule(self, schedule: Schedule, *, actor: str) -> None:
        """Add a schedule, or replace the one of the same name."""
        self._put("schedule", access_rows.schedule_columns(schedule), EventType.SCHEDULE_CHANGED, actor)

    def remove_schedule(self, name: str, *, actor: str) -> None:
        """Remove a schedule that nobody has; see `edge.ports.AccessChanges`."""
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> None:
            require_schedule(connection, name)
            for table, one, many in (("person", "person", "people"), ("access_group", "group", "groups")):
                count = _count(connection, f"SELECT count(*) FROM {table} WHERE schedule = ?", name)  # noqa: S608 - ours
                if count:
                    who = f"1 {one} still has" if count == 1 else f"{count} {many} still have"
                    raise ConflictError(f'schedule "{name}": {who} it; give them another first')
            if not connection.execute("DELETE FROM schedule WHERE name = ?", [name]).rowcount:
                raise ConflictError(f'schedule "{name}": it exists by itself and cannot be removed')
            change.journal(connection, EventType.SCHEDULE_REMOVED, None, {"name": name})

        self._writer.run(job)

    def put_holiday(self, holiday: Holiday, *, actor: str) -> None:
        """Add a holiday, or replace the one of the same name and first day."""
        columns = access_rows.holiday_columns(holiday)
        self._put("holiday", columns, EventType.HOLIDAY_CHANGED, actor, dated=False)

    def remove_holiday(self, name: str, first: date | None = None, *, actor: str) -> int:
        """Remove all holidays of a name, or the one that begins on `first`, and return how many."""
        change = Change(self._stamp, actor)
        day = None if first is None else first.isoformat()

        def job(connection: sqlite3.Connection) -> int:
            sql = "DELETE FROM holiday WHERE name = ? AND coalesce(first = ?, 1)"
            count = connection.execute(sql, [name, day]).rowcount
            if not count:
                on = "" if day is None else f" on {day}"
                raise NotFoundError(f'holiday "{name}": there is none by this name{on}')
            data = {"name": name, "first": day, "count": count}
            change.journal(connection, EventType.HOLIDAY_REMOVED, None, data)
            return int(count)

        return self._writer.run(job)

    def put_group(self, group: Group, *, actor: str) -> None:
        """Add a group, or replace the one of the same name."""
        self._put("access_group", access_rows.group_columns(group), EventType.GROUP_CHANGED, actor)

    def remove_group(self, name: str, *, actor: str) -> None:
        """Remove a group without members: without it they might pass where they may not now."""
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> None:
            require_group(connection, name)
            members = _count(connection, "SELECT count(*) FROM person_group WHERE group_name = ?", name)
            if members:
                raise ConflictError(
                    f'group "{name}": {members} {"people are" if members > 1 else "person is"} still in it; '
                    "take them out first"
                )
            connection.execute("DELETE FROM access_group WHERE name = ?", [name])
            change.journal(connection, EventType.GROUP_REMOVED, None, {"name": name})

        self._writer.run(job)

    def set_pins(self, person_id: str, hashes: PinHashes, *, actor: str) -> None:
        """Keep these hashes as a person's PINs, no PIN where there are none."""
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> None:
            if change.person(connection, person_id).visitor:
                raise ConflictError(f"person {person_id}: this is a visitor, who has a PIN of another kind")
            connection.execute("DELETE FROM pin WHERE person_id = ?", [person_id])
            if hashes.pin is not None:
                sql = "INSERT INTO pin (person_id, hash, duress, updated) VALUES (?, ?, ?, ?)"
                connection.execute(sql, [person_id, hashes.pin, hashes.duress, change.time])
            data = {"fields": ["pin"], "pin": "removed" if hashes.pin is None else "set"}
            change.journal(connection, EventType.PERSON_CHANGED, person_id, data)

        self._writer.run(job, erase=True)

    def forget_wrong_pins(self, person_id: str, *, actor: str) -> None:
        """Journal that a person's wrong entries count no more."""
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> None:
            change.person(connection, person_id)
            data = {"fields": [], "pin": "reset"}
            change.journal(connection, EventType.PERSON_CHANGED, person_id, data)

        self._writer.run(job)

    def add_visitor(self, visitor: NewVisitor, *, actor: str) -> Person:
        """Add somebody without references, whose PIN says who they are."""
        change = Change(self._stamp, actor)
        new = Person(
            id=change.new_id(), name=clean_name(visitor.name), created=change.time, updated=change.time
        )

        def job(connection: sqlite3.Connection) -> Person:
            if _count(connection, "SELECT count(*) FROM visitor WHERE digest = ?", visitor.digest):
                raise ConflictError("visitor: another one has this PIN; choose another")
            change.insert_person(connection, new)
            columns: dict[str, Any] = {
                "valid_from": visitor.valid_from,
                "valid_until": visitor.valid_until,
                "schedule": visitor.schedule,
            }
            change.update_person(connection, new.id, columns)
            change.set_groups(connection, new.id, visitor.groups)
            sql = "INSERT INTO visitor (person_id, digest, max_visits) VALUES (?, ?, ?)"
            connection.execute(sql, [new.id, visitor.digest, visitor.max_visits])
            data = {key: value for key, value in columns.items() if value is not None}
            data |= {"max_visits": visitor.max_visits, "groups": list(visitor.groups)}
            change.journal(connection, EventType.VISITOR_ADDED, new.id, data)
            return change.person(connection, new.id)

        return self._writer.run(job)

    def _put(
        self, table: str, columns: Mapping[str, Any], event: EventType, actor: str, *, dated: bool = True
    ) -> None:
        """Write a row whole, in the place of the one of the same key, and journal what it says."""
        change = Change(self._stamp, actor)
        values = {**columns, "updated": change.time} if dated else dict(columns)
        names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
        key = "name" if dated else "name, first"
        others = ", ".join(f"{name} = excluded.{name}" for name in values)
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {others}"  # noqa: S608 - ours

        def job(connection: sqlite3.Connection) -> None:
            if table == "access_group":
                require_schedule(connection, columns["schedule"])
            connection.execute(sql, values)
            change.journal(connection, event, None, columns)

        self._writer.run(job)


def _count(connection: sqlite3.Connection, sql: str, value: str) -> int:
    return int(connection.execute(sql, [value]).fetchall()[0][0])
