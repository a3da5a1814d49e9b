"""The filters against a plain list of the same events, whatever the clock did."""

import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from edge.adapters.store_sqlite import SqliteStore, open_reader
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.ports import EventQuery  # noqa: TC001 - its fit is what a test checks
from tests.store.conftest import Terminal

BEGIN = 1_700_000_000.0
TYPES = (
    EventType.ACCESS_GRANTED,
    EventType.ACCESS_DENIED,
    EventType.DOOR_OPENED,
    EventType.ATTENDANCE_PUNCHED,
)
PEOPLE = (None, "A", "B", "C")
ACTORS: tuple[dict[str, str], ...] = ({}, {"actor": ""}, {"actor": "admin:mori"})


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteStore, list[Event]]]:
    """Return 600 events over ten days, with a clock that was set back twice."""
    terminal = Terminal(tmp_path_factory.mktemp("query") / "data")
    store, chance, wall = terminal.open(), random.Random(4), BEGIN  # noqa: S311 - a test
    new = []
    for number in range(600):
        wall += chance.random() * 2400 - (86400 * 3 if number in {200, 400} else 0)
        at = Instant(wall, number, trusted=True)
        data = {"number": number, **chance.choice(ACTORS)}
        new.append(NewEvent(chance.choice(TYPES), chance.choice(PEOPLE), data, at))
    yield store, store.journal.append_many(new)
    store.close()


def wall(event: Event) -> float:
    return datetime.fromisoformat(event.time).timestamp()


def matches(event: Event, which: EventFilter) -> bool:
    return (
        (not which.types or event.type in which.types)
        and (event.type not in which.acted or bool(event.data.get("actor")))
        and (which.person is None or event.person == which.person)
        and (which.begin is None or wall(event) >= which.begin)
        and (which.end is None or wall(event) < which.end)
    )


def filters() -> list[EventFilter]:
    chance = random.Random(7)  # noqa: S311 - a test
    found = [
        EventFilter(),
        EventFilter(begin=1.0, end=2.0),
        EventFilter(types=frozenset({EventType.FIRE_ENDED})),
    ]
    for _ in range(150):
        begin = chance.choice([None, BEGIN + chance.random() * 400_000])
        end = chance.choice([None, (begin or BEGIN) + chance.random() * 400_000])
        kinds, acted = (frozenset(chance.sample(TYPES, chance.randrange(4))) for _ in range(2))
        person = chance.choice(PEOPLE)
        found.append(EventFilter(types=kinds, person=person, begin=begin, end=end, acted=acted))
    return found


def test_every_filter_gives_what_a_look_at_each_event_gives(filled: tuple[SqliteStore, list[Event]]) -> None:
    store, events = filled
    query: EventQuery = store.query
    sizes = []
    for which in filters():
        expected = [event for event in events if matches(event, which)]
        sizes.append(len(expected))
        assert query.count(which) == len(expected), which
        assert query.newest(which, limit=1000) == expected[::-1], which
        assert query.oldest(which, limit=1000) == expected, which
    assert 0 in sizes
    assert sum(0 < size < 600 for size in sizes) > 100


@pytest.mark.parametrize("acted", [(), TYPES[:1], TYPES[1:], TYPES[:2]])
def test_pages_follow_each_other_without_gap_or_overlap(
    filled: tuple[SqliteStore, list[Event]], acted: tuple[EventType, ...]
) -> None:
    store, events = filled
    which = EventFilter(
        types=frozenset(TYPES[:2]),
        begin=wall(events[50]),
        end=max(wall(event) for event in events),
        acted=frozenset(acted),
    )
    expected = [event for event in events if matches(event, which)]
    down: list[Event] = []
    while page := store.query.newest(which, before=down[-1].seq if down else None, limit=7):
        down += page
    up: list[Event] = []
    while page := store.query.oldest(which, after=up[-1].seq if up else 0, limit=7):
        up += page
    assert down == expected[::-1]
    assert up == expected
    assert store.query.newest(which, limit=0) == []
    assert store.query.newest(which, limit=-1) == []


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 10**30])
def test_beyond_the_last_number_there_is_comes_nothing(
    filled: tuple[SqliteStore, list[Event]], number: int
) -> None:
    store, events = filled
    for which in (EventFilter(), EventFilter(types=frozenset(TYPES)), EventFilter(person="A")):
        assert store.query.oldest(which, after=number) == []
        assert store.query.newest(which, before=-number) == []
        assert store.query.newest(which, before=number) == store.query.newest(which)
    assert store.query.oldest(EventFilter(), after=-number, limit=600) == events


def test_the_day_begins_with_its_first_millisecond_and_ends_before_the_next(
    filled: tuple[SqliteStore, list[Event]],
) -> None:
    store, events = filled
    one = events[300]
    exact = EventFilter(begin=wall(one), end=wall(one) + 0.001)
    assert one in store.query.newest(exact)
    assert one not in store.query.newest(EventFilter(end=wall(one)), limit=1000)


def test_a_reader_beside_the_writer_asks_the_same(filled: tuple[SqliteStore, list[Event]]) -> None:
    store, events = filled
    reader = open_reader(Path(store.path))
    try:
        assert reader.query.count(EventFilter()) == len(events)
        assert reader.query.newest(EventFilter(person="A"), limit=3) == store.query.newest(
            EventFilter(person="A"), limit=3
        )
    finally:
        reader.close()
