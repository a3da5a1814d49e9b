"""The store against bare sqlite3 on the same tables, in turns on one disk; memory against an empty store.

The peer is a connection in WAL with synchronous=FULL that inserts the same row into the same tables, without
a second thread, checks or a returned event: the least a durable row costs on this disk.
"""

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import SqliteStore, open_reader, open_store
from edge.domain.events import EventType, NewEvent

RESULTS = Path(__file__).resolve().parent.parent / "var" / "benchmarks"
PEER = f"bare sqlite3 {sqlite3.sqlite_version}, WAL, FULL, same tables"
ROUNDS = 400
BATCHES = 15
BATCH = 1000
BACKLOG = 100_000
DATA = {"reason": "below_margin", "candidates": [{"person": "01HF7YAT00JKAGWVC3W340EXD5", "band": "high"}]}
TEXT = json.dumps(DATA)
EVENT = NewEvent(EventType.ACCESS_DENIED, "01HF7YAT00JKAGWVC3W340EXD5", DATA)

INSERT = (
    "INSERT INTO event (journal, boot_id, time, monotonic_ns, clock_trusted, type, person, data)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

RESIDENT = """
import re, sys
from pathlib import Path
from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import open_store
store = open_store(Path(sys.argv[1]), clock=ClockSystem(), boot_id="b", ballast_bytes=0)
store.journal.events(since_seq=store.journal.last_seq() - 100, limit=100)
print(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
store.close()
"""

Row = dict[str, Any]


def opened(path: Path) -> SqliteStore:
    return open_store(path, clock=ClockSystem(), boot_id="bench", ballast_bytes=0)


def bare(path: Path) -> sqlite3.Connection:
    opened(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def in_turns(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int
) -> tuple[list[float], list[float]]:
    """Return the sorted milliseconds of both; which one is first changes from round to round."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        for which in (0, 1) if turn % 2 else (1, 0):
            start = time.perf_counter()
            (ours, peer)[which]()
            times[which].append((time.perf_counter() - start) * 1000)
    return sorted(times[0]), sorted(times[1])


def row(name: str, figure: float, unit: str, peer: float, at_most: float) -> Row:
    """Return a row whose ratio, ours over the peer's, may be `at_most`."""
    return {
        "name": f"journal: {name}",
        "figure": round(figure, 3),
        "unit": unit,
        "peer": f"{PEER}: {peer:.3f} {unit}",
        "ratio": round(figure / peer, 2),
        "goal": f"at most {at_most:g}× the peer",
        "holds": figure / peer <= at_most,
    }


def latencies(folder: Path) -> list[Row]:
    store, connection = opened(folder / "ours" / "edge.db"), bare(folder / "bare" / "edge.db")
    reader = open_reader(store.path)

    uuid = connection.execute("SELECT uuid FROM journal").fetchone()[0]
    values = [uuid, "bench", "2026-01-01T00:00:00.000Z", 1, 1, str(EVENT.type), EVENT.person, TEXT]

    def write(rows: int = 1) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, [values] * rows)
        connection.execute("COMMIT")

    one, bare_one = in_turns(lambda: store.journal.append(EVENT), write, ROUNDS)
    many, bare_many = in_turns(
        lambda: store.journal.append_many([EVENT] * BATCH), lambda: write(BATCH), BATCHES
    )
    poll, bare_poll = in_turns(
        reader.generation, lambda: connection.execute("SELECT sum(value) FROM generation").fetchall(), ROUNDS
    )
    reader.close()
    store.close()
    connection.close()
    p99 = int(ROUNDS * 0.99)
    return [
        row("one durable event, p50", statistics.median(one), "ms", statistics.median(bare_one), 2.5),
        row("one durable event, p99", one[p99], "ms", bare_one[p99], 3),
        row(f"{BATCH} events in one go", statistics.median(many), "ms", statistics.median(bare_many), 5),
        row("has the gallery changed?", statistics.median(poll), "ms", statistics.median(bare_poll), 5),
    ]


def resident(path: Path) -> float:
    """Return the resident MB of a process that opens the store and reads the last hundred events."""
    done = subprocess.run(
        [sys.executable, "-c", RESIDENT, str(path)], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024


def memory(folder: Path) -> Row:
    empty, full = folder / "empty" / "edge.db", folder / "full" / "edge.db"
    opened(empty).close()
    store = opened(full)
    for _ in range(BACKLOG // BATCH):
        store.journal.append_many([EVENT] * BATCH)
    store.close()
    base = statistics.median(resident(empty) for _ in range(3))
    more = statistics.median(resident(full) for _ in range(3)) - base
    return {
        "name": f"journal: resident at start with {BACKLOG} events, more than with none",
        "figure": round(more, 1),
        "unit": "MB",
        "peer": f"the same process with an empty database: {base:.1f} MB",
        "ratio": round((base + more) / base, 2),
        "goal": "under 10 MB",
        "holds": more < 10,
    }


def main() -> int:
    """Print the rows and keep them; the exit status says whether every goal holds."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RESULTS) as scratch:
        rows = [*latencies(Path(scratch)), memory(Path(scratch))]
    (RESULTS / "journal.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    for one in rows:
        print(json.dumps(one, ensure_ascii=False))
    return 0 if all(one["holds"] for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
