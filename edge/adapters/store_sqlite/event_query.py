"""Filters over a long event log, each answered by an index.

A limit on the time becomes one on the sequence numbers first: those of the first and last event of each day
in question, whatever the clock did meanwhile. The other indexes end with them. Several types are several
short searches, the best of which are merged.
"""

from dataclasses import replace
from typing import Any

from edge.adapters.store_sqlite import rows
from edge.adapters.store_sqlite.events import MOST_EVENTS
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType

_FIRST_TIME, _LAST_TIME = "0", "~"  # before and after every time, as text
_LAST_SEQ = 2**63 - 1
_DAY = "substr(time, 1, 10)"  # as the index has it
_BY_SOMEBODY = "json_extract(data, '$.actor') <> ''"
# Days are stepped through by their index: two looks for each, however many events it has.
_SPAN = f"""
    WITH RECURSIVE days (day) AS (
        SELECT (SELECT {_DAY} FROM event WHERE {_DAY} >= :first ORDER BY {_DAY} LIMIT 1)
        UNION ALL
        SELECT (SELECT {_DAY} FROM event WHERE {_DAY} > days.day ORDER BY {_DAY} LIMIT 1)
        FROM days WHERE days.day < :last
    )
    SELECT min((SELECT seq FROM event WHERE {_DAY} = days.day ORDER BY seq LIMIT 1)) AS low,
        max((SELECT seq FROM event WHERE {_DAY} = days.day ORDER BY seq DESC LIMIT 1)) AS high
    FROM days WHERE days.day <= :last
"""  # noqa: S608 - ours


class SqliteEventQuery:
    """Looks into the event log, from any thread. All methods raise StoreError."""

    def __init__(self, pool: ReaderPool) -> None:
        self._pool = pool

    def newest(self, which: EventFilter, *, before: int | None = None, limit: int = 100) -> list[Event]:
        """Return the newest matching events with seq < before, the newest first; at most MOST_EVENTS."""
        return self._page(which, 1, (_LAST_SEQ if before is None else before) - 1, limit, "DESC")

    def oldest(self, which: EventFilter, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return the first matching events with seq > after, in order; at most MOST_EVENTS."""
        return self._page(which, after + 1, _LAST_SEQ, limit, "ASC")

    def count(self, which: EventFilter) -> int:
        """Return the number of matching events."""
        if which == EventFilter():
            return int(self._pool.rows("SELECT count(*) AS found FROM event")[0]["found"])
        values = self._values(which, 1, _LAST_SEQ)
        sql = f"SELECT count(*) AS found FROM event WHERE {_conditions(which)}{_kinds(which, values)}"  # noqa: S608 - ours
        return 0 if values["low"] is None else int(self._pool.rows(sql, values)[0]["found"])

    def _page(self, which: EventFilter, low: int, high: int, limit: int, order: str) -> list[Event]:
        low, high = max(low, 1), min(high, _LAST_SEQ)
        values = self._values(which, low, high)
        if low > high or values["low"] is None:
            return []
        limit = values["limit"] = max(0, min(limit, MOST_EVENTS))
        if which.person is None and which.types & which.acted and which.types - which.acted:
            return self._page_of_both(which, low, high, limit, order)
        where, end = _conditions(which), f"ORDER BY seq {order} LIMIT :limit"
        if which.types and which.person is None:
            one = f"SELECT * FROM (SELECT * FROM event WHERE type = {{}} AND {where}{{}} {end})"  # noqa: S608 - ours
            parts = [
                one.format(mark, f" AND {_BY_SOMEBODY}" if kind in which.acted else "")
                for kind, mark in _marks("type", which.types, values).items()
            ]
            sql = f"{' UNION ALL '.join(parts)} {end}"
        else:
            sql = f"SELECT * FROM event WHERE {where}{_kinds(which, values)} {end}"  # noqa: S608 - ours
        return [rows.event(row) for row in self._pool.rows(sql, values)]

    def _page_of_both(self, which: EventFilter, low: int, high: int, limit: int, order: str) -> list[Event]:
        """Return a page on which some types count only where somebody did it.

        Those are looked for no further than the others reach: what counts not may be most of the log.
        """
        others = replace(which, types=which.types - which.acted, acted=frozenset())
        found = self._page(others, low, high, limit, order)
        if found and len(found) == limit:
            low, high = (found[-1].seq, high) if order == "DESC" else (low, found[-1].seq)
        found += self._page(replace(which, types=which.types & which.acted), low, high, limit, order)
        return sorted(found, key=lambda event: event.seq, reverse=order == "DESC")[:limit]

    def _values(self, which: EventFilter, low: int, high: int) -> dict[str, Any]:
        """Return the bound values; `low` is None where no event lies within the time."""
        values: dict[str, Any] = {"low": low, "high": high, "person": which.person}
        if which.begin is None and which.end is None:
            return values
        values["begin"] = _FIRST_TIME if which.begin is None else rows.iso(which.begin)
        values["end"] = _LAST_TIME if which.end is None else rows.iso(which.end)
        days = {"first": str(values["begin"])[:10], "last": str(values["end"])[:10]}
        found = self._pool.rows(_SPAN, days)[0]
        if found["low"] is None:
            return values | {"low": None}
        return values | {"low": max(low, found["low"]), "high": min(high, found["high"])}


def _conditions(which: EventFilter) -> str:
    """Return the conditions beside the type; `+time` keeps its index for what it is good at."""
    parts = ["seq BETWEEN :low AND :high"]
    if which.begin is not None or which.end is not None:
        parts.append("+time >= :begin AND +time < :end")
    if which.person is not None:
        parts.append("person = :person")
    return " AND ".join(parts)


def _kinds(which: EventFilter, values: dict[str, Any]) -> str:
    """Return the conditions of the type, to be added to others, and bind what they name."""
    found = ""
    if which.types:
        found = f" AND type IN ({', '.join(_marks('type', which.types, values).values())})"
    if which.acted:
        acted = ", ".join(_marks("acted", which.acted, values).values())
        found += f" AND (+type NOT IN ({acted}) OR {_BY_SOMEBODY})"
    return found


def _marks(name: str, kinds: frozenset[EventType], values: dict[str, Any]) -> dict[EventType, str]:
    """Return the mark of each type in SQL, and bind them."""
    marks = {kind: f"{name}_{number}" for number, kind in enumerate(sorted(kinds))}
    values.update({mark: str(kind) for kind, mark in marks.items()})
    return {kind: f":{mark}" for kind, mark in marks.items()}
