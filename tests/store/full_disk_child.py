"""Fills the small disk it is given, and checks what the store does; any failure is an exception."""

import itertools
import sys
from pathlib import Path

import numpy as np

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import SqliteStore, free_ballast, lay_ballast, open_store
from edge.domain.events import EventType, NewEvent
from edge.domain.person import NewReference
from edge.errors import StoreFullError

BALLAST = 1024 * 1024


def opened(path: Path) -> SqliteStore:
    return open_store(path, clock=ClockSystem(), boot_id="boot", ballast_bytes=BALLAST)


def fill(folder: Path) -> None:
    """Take the last byte of the disk."""
    with (folder / "filler").open("ab", buffering=0) as filler:
        for size in (65536, 4096):
            try:
                for _ in itertools.count():
                    filler.write(b"x" * size)
            except OSError:
                pass


def refused(store: SqliteStore) -> bool:
    try:
        for _ in range(2000):
            store.journal.append(NewEvent(EventType.ACCESS_DENIED, data={"pad": "x" * 1000}))
    except StoreFullError as error:
        return "the disk is full" in str(error)
    return False


def main() -> None:
    path = Path(sys.argv[1]) / "data" / "edge.db"
    store = opened(path)
    vector = np.ones(128, np.float32)
    people = [
        store.people.enrol(
            name=f"P{number}",
            external_id=None,
            references=[NewReference("m", vector * number, "x")],
            seen_generation=store.people.generation(),
            actor="t",
        )
        for number in range(3)
    ]
    assert (path.parent / "ballast.bin").stat().st_size == BALLAST
    fill(path.parent)
    assert refused(store)
    last = store.journal.last_seq()
    assert [event.seq for event in store.journal.events(limit=10_000)] == list(range(1, last + 1))
    assert refused(store)

    store.people.remove(person_id=people[0].id, actor="t")  # by way of the ballast
    assert not (path.parent / "ballast.bin").exists()
    assert store.journal.last_seq() == last + 1
    assert len(store.people.people()) == 2
    store.close()

    (path.parent / "filler").unlink()
    assert lay_ballast(path.parent, BALLAST)
    assert lay_ballast(path.parent, BALLAST)
    fill(path.parent)
    store = opened(path)  # opening needs some room too
    assert store.journal.prune(keep=1, disk_is_filling=True) == last
    fill(path.parent)
    assert not lay_ballast(path.parent, BALLAST)
    assert free_ballast(path.parent) in (0, BALLAST)
    assert free_ballast(path.parent) == 0
    store.close()
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
