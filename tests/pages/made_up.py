"""A site with made-up people and events, in a real database, as many as wanted and always the same ones."""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.domain.events import Instant

MODEL = "dlib-resnet29@fp32"
DIMENSION = 128
JAPANESE = (
    ("佐藤", "結衣"),
    ("鈴木", "蓮"),
    ("高橋", "陽菜"),
    ("田中", "湊"),
    ("伊藤", "葵"),
    ("渡辺", "樹"),
    ("山本", "凛"),
    ("中村", "大翔"),
    ("小林", "さくら"),
    ("加藤", "悠真"),
)
LATIN = (("Mori", "Ken"), ("Brown", "Ana"), ("Garcia", "Luis"), ("Müller", "Jonas"), ("Nguyen", "Linh"))
ZONE = ZoneInfo("Asia/Tokyo")
DENIED = ("unknown", "unknown", "below_margin", "schedule", "second_factor_missing", "spoof", "poor_quality")
Happening = tuple[float, str, str | None, dict[str, object]]
ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Longago(ClockSystem):
    """A clock that showed three months before `now`."""

    def __init__(self, now: float) -> None:
        super().__init__()
        self._wall = now - 90 * 86400

    def now(self) -> Instant:
        return Instant(self._wall, 0, trusted=True)


@dataclass(frozen=True)
class Made:
    """What was made: ids of people, in the order of their making."""

    database: Path
    people: list[str]


def make_site(
    folder: Path,
    *,
    people: int,
    events: int,
    now: float,
    references: int = 2,
    first: Callable[[SqliteStore], None] = lambda _: None,
) -> Made:
    """Write a database into `folder`; events end at UTC second `now`, and begin with those of `first`."""
    path = folder / "edge.db"
    with closing(open_store(path, clock=Longago(now), boot_id="boot-1", ballast_bytes=0)) as store:
        first(store)
    chance = random.Random(4)  # noqa: S311 - the same people every time
    ids = ["01JD" + "".join(chance.choices(ULID, k=22)) for _ in range(people)]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        journal = connection.execute("SELECT uuid FROM journal").fetchone()[0]
        created = iso(now - 90 * 86400)
        connection.executemany(
            "INSERT INTO person (id, name, external_id, created, updated) VALUES (?, ?, ?, ?, ?)",
            [(one, name(number), f"A-{number + 1:04}", created, created) for number, one in enumerate(ids)],
        )
        vectors = faces(people, references)
        connection.executemany(
            "INSERT INTO reference"
            " (id, person_id, model_version, dimension, vector, quality, source, created)"
            " VALUES (?, ?, ?, ?, ?, '{}', 'camera', ?)",
            [
                (
                    "01JE" + f"{number:022}",
                    ids[number // references],
                    MODEL,
                    DIMENSION,
                    row.astype("<f4").tobytes(),
                    created,
                )
                for number, row in enumerate(vectors)
            ],
        )
        connection.executemany(
            "INSERT INTO event (journal, boot_id, time, monotonic_ns, clock_trusted, type, person, data)"
            " VALUES (?, 'boot-1', ?, ?, 1, ?, ?, ?)",
            (
                (journal, iso(wall), int(wall * 1e9) % 10**15, kind, person, json.dumps(data))
                for wall, kind, person, data in happenings(ids, events, now)
            ),
        )
        connection.commit()
    return Made(path, ids)


def name(number: int) -> str:
    """Return the name of a made-up person; the first ones differ, later ones get a number."""
    names = JAPANESE if number % 4 < 3 else LATIN
    family, given = names[number % len(names)][0], names[(number * 7 + 3 * (number // 10)) % len(names)][1]
    said = f"{family} {given}" if names is JAPANESE else f"{given} {family}"
    return said if number < 60 else f"{said} {number}"


def faces(people: int, references: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return vectors like dlib's: of one person some 0.3 apart, of two people some 0.8."""
    chance = np.random.default_rng(4)
    centres = chance.normal(size=(people, DIMENSION))
    centres *= 0.6 / np.linalg.norm(centres, axis=1, keepdims=True)
    rows = np.repeat(centres, references, axis=0)
    rows += chance.normal(size=rows.shape) * (0.21 / DIMENSION**0.5)
    base = np.zeros(DIMENSION)
    base[0] = 1.25
    return (rows + base).astype(np.float32)


def happenings(ids: list[str], count: int, now: float) -> Iterator[Happening]:
    """Yield at least `count` events in time order: days of work up to `now`, with what else a door tells."""
    chance = random.Random(5)  # noqa: S311 - the same days every time
    days: list[list[Happening]] = []
    day = datetime.fromtimestamp(now, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    while sum(map(len, days)) < count:
        happened = [one for one in _day(chance, ids, day) if one[0] <= now]
        days.append(sorted(happened, key=lambda one: one[0]))
        day -= timedelta(days=1)
    for happened in reversed(days):
        yield from happened


def _day(chance: random.Random, ids: list[str], day: datetime) -> Iterator[Happening]:
    working = day.weekday() < 5
    for person in ids if working else ids[::12]:
        if chance.random() < 0.12:
            continue
        yield from _work(chance, person, day)
    for _ in range(max(3, len(ids) // 6)):
        wall = (day + timedelta(hours=chance.uniform(7, 20))).timestamp()
        reason = chance.choice(DENIED)
        who = None if reason in {"unknown", "spoof", "poor_quality"} or not ids else chance.choice(ids)
        near: dict[str, object] = (
            {"percent": round(chance.uniform(95.5, 98.6), 2)} if reason == "unknown" else {}
        )
        yield wall, "access.denied", who, {"reason": reason, "door": "door", "direction": "in", **near}
        yield wall + 400, "exit.requested", None, {"door": "door"}
    noon = (day + timedelta(hours=14)).timestamp()
    yield noon, "thermal.throttled", None, {"temperature": 72.4, "rate": 0.6}
    yield noon + 1500, "thermal.recovered", None, {"temperature": 66.1, "rate": 1.0}


def _work(chance: random.Random, person: str, day: datetime) -> Iterator[Happening]:
    """Yield somebody's day: coming, lunch, going; one in thirty forgets to go."""
    hours = {"in": chance.gauss(8.6, 0.3), "break_start": chance.gauss(12.1, 0.1)}
    hours |= {"break_end": hours["break_start"] + chance.uniform(0.7, 1.0), "out": chance.gauss(17.8, 0.6)}
    for kind, hour in hours.items():
        if kind == "out" and chance.random() < 1 / 30:
            continue
        wall = (day + timedelta(hours=hour)).timestamp()
        if kind in {"in", "break_end"}:
            said = {"reason": "face", "direction": "in", "area": "office"} | _likeness(chance)
            yield wall, "access.granted", person, {**said, "door": "door"}
            yield wall + 0.1, "door.unlocked", None, {"door": "door", "by": "grant"}
            yield wall + 5.1, "door.locked", None, {"door": "door", "why": "grant"}
        punched: dict[str, object] = {
            "kind": kind,
            "source": "turn",
            "day": day.date().isoformat(),
            "door": "door",
        }
        yield wall + 0.2, "attendance.punched", person, punched


def _likeness(chance: random.Random) -> dict[str, object]:
    percent = round(min(max(chance.gauss(99.45, 0.12), 99.02), 99.9), 2)
    return {
        "band": "near" if percent < 99.3 else "clear" if percent < 99.65 else "strong",
        "percent": percent,
    }


def iso(wall: float) -> str:
    """Return a time as the journal writes it."""
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
