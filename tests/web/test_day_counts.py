from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.adapters.store_sqlite.store import SqliteStore
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.web.day_counts import DayCounts
from tests.store.conftest import Terminal

TOKYO = ZoneInfo("Asia/Tokyo")
TODAY = date(2026, 11, 28)
GRANTED, DENIED, PUNCHED = EventType.ACCESS_GRANTED, EventType.ACCESS_DENIED, EventType.ATTENDANCE_PUNCHED


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    terminal = Terminal(tmp_path)
    yield terminal.open()
    terminal.opened[-1].close()


def happen(store: SqliteStore, kind: EventType, day: int, hour: int) -> None:
    """Journal an event at an hour of a November day in Tokyo."""
    wall = datetime(2026, 11, day, hour, 30, tzinfo=TOKYO).astimezone(UTC).timestamp()
    store.journal.append(NewEvent(kind, None, {}, Instant(wall, 0, trusted=True)))


def test_the_day_is_that_of_the_terminals_zone_and_goes_on_with_what_is_new(store: SqliteStore) -> None:
    happen(store, GRANTED, 27, 23)
    happen(store, GRANTED, 28, 0)
    happen(store, DENIED, 28, 8)
    happen(store, EventType.DOOR_OPENED, 28, 8)
    counts = DayCounts(store.query, store.journal, TOKYO)
    assert counts.of(TODAY) == {"granted": 1, "denied": 1, "punched": 0}
    happen(store, PUNCHED, 28, 9)
    happen(store, GRANTED, 28, 9)
    assert counts.of(TODAY) == {"granted": 2, "denied": 1, "punched": 1}
    happen(store, GRANTED, 29, 0)
    assert counts.of(date(2026, 11, 29)) == {"granted": 1, "denied": 0, "punched": 0}


def test_many_new_events_are_read_page_by_page(store: SqliteStore) -> None:
    counts = DayCounts(store.query, store.journal, TOKYO)
    assert counts.of(TODAY)["granted"] == 0
    at = Instant(datetime(2026, 11, 28, 9, tzinfo=TOKYO).timestamp(), 0, trusted=True)
    store.journal.append_many([NewEvent(GRANTED, None, {}, at)] * 2300)
    assert counts.of(TODAY)["granted"] == 2300


def test_what_comes_in_while_it_is_counted_is_counted_once(store: SqliteStore) -> None:
    happen(store, GRANTED, 28, 8)

    class Busy:
        """A journal to which something is added between a look and the count, twice."""

        asked = 0

        def last_seq(self) -> int:
            last = store.journal.last_seq()
            self.asked += 1
            if self.asked in {1, 3}:
                happen(store, GRANTED, 28, 9)
            return last

        def events(self, *, since_seq: int = 0, limit: int = 1000) -> list[Event]:
            return store.journal.events(since_seq=since_seq, limit=limit)

    assert DayCounts(store.query, Busy(), TOKYO).of(TODAY)["granted"] == 3
