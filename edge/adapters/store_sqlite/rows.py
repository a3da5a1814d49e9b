"""Between table rows and the values of the core."""

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast

import numpy as np

from edge.domain.consent import Consent
from edge.domain.events import MAX_DATA_BYTES, Event, EventType
from edge.domain.face import Vector
from edge.domain.person import Person, Reference
from edge.errors import StoreError

_EVENT_TYPES = frozenset(EventType)
_LAST_SECOND = 253_402_300_799.0  # 9999-12-31T23:59:59Z; a broken wall clock must not keep an event out


def iso(wall: float) -> str:
    """Return UTC seconds since 1970 as ISO 8601 with milliseconds and `Z`, 24 characters."""
    moment = datetime.fromtimestamp(kept_in_range(wall), UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def kept_in_range(wall: float) -> float:
    """Return `wall` moved into what can be written down: 1970 to 9999."""
    return min(max(wall, 0.0), _LAST_SECOND) if math.isfinite(wall) else 0.0


def vector_blob(vector: Vector) -> bytes:
    """Return float32 little-endian bytes; raises StoreError for anything but a row of finite numbers."""
    if vector.ndim != 1 or not vector.size or not np.isfinite(vector).all():
        raise StoreError(f"reference: a vector of shape {vector.shape} is not a row of finite numbers")
    return vector.astype("<f4").tobytes()


def json_text(what: str, data: Mapping[str, Any], *, most: int = MAX_DATA_BYTES) -> str:
    """Return `data` as compact JSON; raises StoreError naming `what` where that cannot be or is too long.

    `most` is how many bytes are taken.
    """
    try:
        text = json.dumps(dict(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"{what}: its data cannot be written as JSON ({error})") from error
    if size > most:
        raise StoreError(f"{what}: its data has {size} bytes of JSON, at most {most} are kept")
    return text


def json_list(texts: Sequence[str]) -> str:
    """Return a JSON array for `json_each`: one bound value, whatever the number of texts."""
    return json.dumps(texts)


def person(row: sqlite3.Row) -> Person:
    """Return the person of a row of the query PERSON."""
    groups = row["group_names"]  # no name has a line break in it
    return Person(
        id=row["id"],
        name=row["name"],
        external_id=row["external_id"],
        second_factor=bool(row["second_factor"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        created=row["created"],
        updated=row["updated"],
        references=row["reference_count"],
        groups=tuple(sorted(groups.split("\n"))) if groups else (),
        schedule=row["schedule"],
        visitor=bool(row["visitor"]),
        max_visits=row["max_visits"],
        consent=consent(row["consent"]),
    )


def consent(text: str | None) -> Consent | None:
    """Return what the column `consent` says."""
    if text is None:
        return None
    kept = json.loads(text)
    return Consent(date.fromisoformat(kept["on"]), kept["note"])


def consent_text(given: Consent | None) -> str | None:
    """Return what to write into the column `consent`."""
    return None if given is None else json_text("consent", {"on": given.on.isoformat(), "note": given.note})


def reference(row: sqlite3.Row) -> Reference:
    """Return the reference of a row of `reference`; its vector cannot be written to."""
    return Reference(
        id=row["id"],
        person_id=row["person_id"],
        model_version=row["model_version"],
        vector=np.frombuffer(row["vector"], "<f4").astype(np.float32, copy=False),
        source=row["source"],
        created=row["created"],
        quality=json.loads(row["quality"]),
    )


def event(row: sqlite3.Row) -> Event:
    """Return the event of a row of `event`."""
    return Event(
        seq=row["seq"],
        id=f"{row['journal']}:{row['seq']}",
        boot_id=row["boot_id"],
        time=row["time"],
        monotonic_ns=row["monotonic_ns"],
        clock_trusted=bool(row["clock_trusted"]),
        type=_event_type(row["type"]),
        person=row["person"],
        data=json.loads(row["data"]),
    )


def _event_type(text: str) -> EventType:
    """Return the type, or the bare text of one that a newer program wrote: it must not hold up the outbox."""
    return EventType(text) if text in _EVENT_TYPES else cast("EventType", text)
