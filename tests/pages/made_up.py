"""A site with made-up people and events, in a real database, as many as wanted and always the same ones."""

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import open_store

MODEL = "dlib-resnet29@fp32"
DIMENSION = 128
NAMES = (
    "佐藤 結衣, 鈴木 蓮, 高橋 陽菜, 田中 湊, 伊藤 葵, 渡辺 樹, 山本 凛, 中村 大翔, 小林 さくら, 加藤 悠真,"
    " Mori Ken, Sato Yui, Brown Ana, Garcia Luis, Müller Jonas, Nguyen Linh"
)
FAMILY, GIVEN = zip(*(one.split() for one in NAMES.split(", ")), strict=True)
DENIED = ("unknown", "below_margin", "schedule", "second_factor_missing", "spoof")
ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Made:
    """What was made: ids of people, in the order of their making."""

    database: Path
    people: list[str]


def make_site(folder: Path, *, people: int, events: int, now: float, references: int = 2) -> Made:
    """Write a database into `folder`; `now` is UTC seconds, and events end there."""
    path = folder / "edge.db"
    open_store(path, clock=ClockSystem(), boot_id="boot-1", ballast_bytes=0).close()
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
    family = FAMILY[number % len(FAMILY)]
    given = GIVEN[(number * 7 + number // 16) % len(GIVEN)]
    said = f"{family} {given}" if ord(family[0]) > 0x2E80 else f"{given} {family}"
    return said if number < len(FAMILY) * len(GIVEN) else f"{said} {number}"


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


def happenings(
    ids: list[str], count: int, now: float
) -> Iterator[tuple[float, str, str | None, dict[str, object]]]:
    """Yield events in time order: days of coming, lunch and going, with what else happens at a door."""
    chance = random.Random(5)  # noqa: S311 - the same days every time
    days = max(1, count // 400)
    start = now - (days - 0.4) * 86400
    walls = sorted(chance.uniform(start, now) for _ in range(count))
    inside: dict[str, bool] = {}
    for wall in walls:
        dice = chance.random()
        person = chance.choice(ids) if ids else None
        if dice < 0.3 and person:
            yield wall, "access.granted", person, {"reason": "face", "door": "door", "area": "office"}
        elif dice < 0.62 and person:
            kind = "out" if inside.get(person) else "in"
            inside[person] = kind == "in"
            day = datetime.fromtimestamp(wall, UTC).date().isoformat()
            data: dict[str, object] = {"kind": kind, "source": "turn", "day": day, "door": "door"}
            yield wall, "attendance.punched", person, data
        elif dice < 0.72:
            reason = chance.choice(DENIED)
            who = None if reason in {"unknown", "spoof"} else person
            yield wall, "access.denied", who, {"reason": reason, "door": "door"}
        elif dice < 0.8:
            yield wall, "door.unlocked", None, {"door": "door", "cause": "grant"}
        elif dice < 0.88:
            yield wall, "door.locked", None, {"door": "door", "cause": "pulse_end"}
        elif dice < 0.93:
            yield wall, "door.opened", None, {"door": "door"}
        elif dice < 0.97:
            yield wall, "door.closed", None, {"door": "door"}
        elif dice < 0.99:
            yield wall, "exit.requested", None, {"door": "door"}
        else:
            yield wall, "thermal.throttled", None, {"temperature": 73.0, "rate": 0.5}


def iso(wall: float) -> str:
    """Return a time as the journal writes it."""
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
