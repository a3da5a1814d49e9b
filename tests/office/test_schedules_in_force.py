"""Schedules as the door meets them: written by the office, read from the database, asked by the policy."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access import decide
from edge.domain.access_group import Group
from edge.domain.access_reason import Denial, Grant
from edge.domain.access_request import AccessRequest, AccessRules
from edge.domain.events import Instant
from edge.domain.moment import parse_day, parse_moment
from edge.domain.person import Person
from edge.domain.schedule_calendar import Holiday
from edge.office.current_rules import CurrentRules
from edge.office.schedules import ScheduleDesk
from tests.store.conftest import Terminal

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
FACE, SCHEDULE = Grant.FACE, Denial.SCHEDULE
SCHEDULES = {
    "office": ("mon-fri 08:00-12:00 13:00-17:30; sat 09:00-12:00; holiday:half-day 08:00-12:00", None),
    "night": ("sun-thu 22:00-06:00", None),
    "every-night": ("daily 22:00-06:00", None),
    "overlap": ("mon 08:00-12:00 11:00-14:00; mon 22:00-06:00; tue 05:00-07:00", None),
    "spring": ("sun 02:30-04:00", None),
    "autumn": ("sun 02:00-03:00", None),
    "tokyo": ("tue 00:00-24:00", "Asia/Tokyo"),
    "round": ("daily 00:00-24:00; ignores holidays", None),
}

# (schedule or group, local time in Berlin, fold, what comes of it); 2026-03-02 is a Monday
TABLE = [
    ("office", "2026-03-02 07:59:59", 0, SCHEDULE),
    ("office", "2026-03-02 08:00:00", 0, FACE),
    ("office", "2026-03-02 12:30:00", 0, SCHEDULE),
    ("office", "2026-03-07 09:30:00", 0, FACE),
    # midnight crossing, night shifts
    ("night", "2026-03-01 23:59:59", 0, FACE),
    ("night", "2026-03-02 00:00:00", 0, FACE),
    ("night", "2026-03-02 06:00:00", 0, SCHEDULE),
    ("night", "2026-03-06 05:00:00", 0, FACE),  # of Thursday's shift
    ("night", "2026-03-06 23:00:00", 0, SCHEDULE),
    # overlapping intervals
    ("overlap", "2026-03-02 11:30:00", 0, FACE),
    ("overlap", "2026-03-02 13:59:59", 0, FACE),
    ("overlap", "2026-03-03 06:30:00", 0, FACE),
    ("overlap", "2026-03-03 07:00:00", 0, SCHEDULE),
    # holidays over schedules
    ("office", "2026-12-24 09:00:00", 0, FACE),
    ("office", "2026-12-24 14:00:00", 0, SCHEDULE),
    ("office", "2026-06-30 10:00:00", 0, SCHEDULE),
    ("every-night", "2026-06-30 03:00:00", 0, FACE),  # began the day before
    ("every-night", "2026-07-01 03:00:00", 0, SCHEDULE),
    ("round", "2026-06-30 10:00:00", 0, FACE),
    # two time zones
    ("tokyo", "2026-03-02 15:59:59", 0, SCHEDULE),
    ("tokyo", "2026-03-02 16:00:00", 0, FACE),
    # both changes of the clock
    ("spring", "2026-03-29 01:59:59", 0, SCHEDULE),
    ("spring", "2026-03-29 03:00:00", 0, FACE),
    ("spring", "2026-03-29 04:00:00", 0, SCHEDULE),
    ("autumn", "2026-10-25 02:30:00", 0, FACE),
    ("autumn", "2026-10-25 02:30:00", 1, FACE),
    ("autumn", "2026-10-25 03:00:00", 0, SCHEDULE),
    ("every-night", "2026-10-25 02:30:00", 1, FACE),
    # by what they belong to
    ("@staff", "2026-03-02 09:00:00", 0, FACE),
    ("@staff", "2026-03-02 20:00:00", 0, SCHEDULE),
    ("@elsewhere", "2026-03-02 09:00:00", 0, Denial.NO_ACCESS),
    ("never", "2026-03-02 09:00:00", 0, SCHEDULE),
    ("always", "2026-06-30 03:00:00", 0, FACE),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Terminal, SqliteStore]]:
    terminal = Terminal(tmp_path_factory.mktemp("site") / "data")
    with closing(terminal.open()) as store:
        desk = ScheduleDesk(store.access)
        for name, (text, zone) in SCHEDULES.items():
            desk.set_schedule(name, text, zone=zone, actor="t")
        desk.add_holiday(
            Holiday("Xmas", parse_day("2020-12-24"), parse_day("2020-12-24"), "half-day", yearly=True),
            actor="t",
        )
        desk.add_holiday(Holiday("Stock", parse_day("2026-06-30"), parse_day("2026-07-01")), actor="t")
        desk.set_group(Group(name="staff", schedule="office"), actor="t")
        desk.set_group(Group(name="elsewhere", schedule="always", doors=frozenset({"back"})), actor="t")
        yield terminal, store


def asked(store: SqliteStore, person: Person, wall: float) -> Grant | Denial:
    rules = CurrentRules(store.access, AccessRules(zone=BERLIN)).rules()
    request = AccessRequest(
        person=store.people.find(person.id), at=Instant(wall, 10**9, trusted=True), fpir=0.0
    )
    return decide(request, rules).reason


def someone(site: tuple[Terminal, SqliteStore], name: str) -> Person:
    terminal, store = site
    known = [person for person in store.people.people() if person.name == name]
    if known:
        return known[0]
    person = terminal.enrol(store, name)
    wanted = replace(person, groups=(name[1:],)) if name.startswith("@") else replace(person, schedule=name)
    return store.people.update(wanted, actor="t")


@pytest.mark.parametrize(("name", "local", "fold", "expected"), TABLE)
def test_the_table_of_schedules_as_stored(
    site: tuple[Terminal, SqliteStore], name: str, local: str, fold: int, expected: Grant | Denial
) -> None:
    wall = datetime.fromisoformat(local).replace(tzinfo=BERLIN, fold=fold).timestamp()
    assert asked(site[1], someone(site, name), wall) is expected


@pytest.mark.parametrize(
    ("begin", "end", "local", "expected"),
    [
        ("2026-03-02", "2026-03-06", "2026-03-01 23:59:59", Denial.NOT_YET_VALID),
        ("2026-03-02", "2026-03-06", "2026-03-02 00:00:00", FACE),
        ("2026-03-02", "2026-03-06", "2026-03-06 23:59:59", FACE),
        ("2026-03-02", "2026-03-06", "2026-03-07 00:00:00", Denial.EXPIRED),
        ("2026-03-29", "2026-03-29", "2026-03-29 23:59:59", FACE),  # a day of 23 hours
        ("2026-10-25", "2026-10-25", "2026-10-25 23:59:59", FACE),  # and one of 25
        ("2026-10-25", "2026-10-25", "2026-10-26 00:00:00", Denial.EXPIRED),
        (None, "2026-03-06", "2020-01-01 00:00:00", FACE),
        ("2026-03-02", None, "2030-01-01 00:00:00", FACE),
    ],
)
def test_expired_and_not_yet_valid_people_as_stored(
    site: tuple[Terminal, SqliteStore],
    begin: str | None,
    end: str | None,
    local: str,
    expected: Grant | Denial,
) -> None:
    terminal, store = site
    terminal.clock.wall += 1
    person = someone(site, "always")
    span = replace(
        person,
        valid_from=None if begin is None else parse_moment(begin, BERLIN, 0.0),
        valid_until=None if end is None else parse_moment(end, BERLIN, 0.0, end=True),
    )
    try:
        span = store.people.update(span, actor="t")
        assert asked(store, span, parse_moment(local, BERLIN, 0.0)) is expected
    finally:
        terminal.clock.wall += 1
        store.people.update(replace(span, valid_from=None, valid_until=None), actor="t")
