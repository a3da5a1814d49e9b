"""What an appender printed, and the check that all of it is in the database."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from edge.adapters.store_sqlite import SqliteStore
from edge.adapters.store_sqlite.events import MOST_EVENTS


@dataclass
class Acknowledged:
    seq: int = 0
    cursor: int = 0
    enrolled: set[str] = field(default_factory=set)
    removing: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    def note(self, lines: Iterable[str]) -> None:
        for line in lines:
            what, _, value = line.rstrip("\n").partition(" ")
            if not line.endswith("\n"):
                continue  # cut in the middle of a word: nothing was said
            if what in ("seq", "cursor"):
                setattr(self, what, int(value))
            elif what in ("enrolled", "removing", "removed"):
                getattr(self, what).add(value)

    def check(self, store: SqliteStore) -> None:
        """Check that everything acknowledged is there, and the sequence 1, 2, 3 … without a gap."""
        seqs: list[int] = []
        while page := store.journal.events(since_seq=len(seqs), limit=MOST_EVENTS):
            seqs += [event.seq for event in page]
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) >= self.seq
        assert store.journal.last_seq() == len(seqs)
        people = {person.id for person in store.people.people()}
        assert people >= self.enrolled - self.removing
        assert not people & self.removed
        assert self.cursor <= store.journal.cursor("mqtt") <= len(seqs)


def check_integrity(path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
