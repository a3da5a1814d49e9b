from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.attendance_punch import Mark, PunchKind
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.errors import NotFoundError
from edge.office.attendance import LOOK_BACK, AttendanceDesk, who_is_inside
from edge.office.attendance_sheet import day_table, days_of_work, total_table, totals
from edge.office.punch_log import PunchLog
from edge.office.table import cell_text
from tests.store.conftest import Terminal

BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = 1_767_225_600.0  # 2026-01-01T00:00Z
DAY = 86_400.0
FIRST = date(2026, 1, 1)


def punched(
    store: SqliteStore,
    person: str,
    wall: float,
    kind: str,
    *,
    trusted: bool = True,
    ticks: float | None = None,
) -> Event:
    at = Instant(wall, int((wall - BEGIN if ticks is None else ticks) * 1e9), trusted)
    data = {"kind": kind, "source": "key", "door": "door"}
    return store.journal.append(NewEvent(EventType.ATTENDANCE_PUNCHED, person, data, at))


@pytest.fixture
def log(store: SqliteStore) -> PunchLog:
    return PunchLog(store.journal, store.query)


def kinds(punches: Any) -> list[tuple[str, str]]:
    return [(punch.person, str(punch.kind)) for punch in punches]


def test_the_days_asked_for_and_a_day_around_them_are_read_and_no_more(
    store: SqliteStore, log: PunchLog
) -> None:
    for day in range(10):
        punched(store, f"{day}", BEGIN + day * DAY + 12 * 3600, "in")
    day5 = FIRST + timedelta(5)
    assert kinds(log.between(day5, day5, BERLIN)) == [("4", "in"), ("5", "in"), ("6", "in")]
    assert kinds(log.between(FIRST, FIRST + timedelta(20), BERLIN)) == [(f"{day}", "in") for day in range(10)]
    assert log.between(date(2020, 1, 1), date(2020, 2, 1), BERLIN) == []
    assert len(log.between(date.min, date.max, BERLIN)) == 10


def test_only_one_person_is_read_where_one_is_asked_for(store: SqliteStore, log: PunchLog) -> None:
    for person in ("A", "B", "A"):
        punched(store, person, BEGIN + 3600, "in")
    assert kinds(log.between(FIRST, FIRST, BERLIN, "A")) == [("A", "in"), ("A", "in")]


def test_a_punch_under_a_clock_of_another_year_is_found_and_dated_by_what_followed(
    store: SqliteStore, log: PunchLog
) -> None:
    before = Instant(BEGIN + 3600, 1, trusted=True)
    store.journal.append(NewEvent(EventType.CAMERA_COVERED, at=before))
    lost = punched(store, "B", 1000.0, "in", trusted=False, ticks=7200)
    at = Instant(BEGIN + 10_800, int(10_800e9), trusted=True)
    store.journal.append(NewEvent(EventType.CAMERA_LOST, at=at))
    found = {punch.id: punch for punch in log.between(FIRST, FIRST, BERLIN)}
    assert found[lost.id].wall == pytest.approx(BEGIN + 7200)
    assert set(found[lost.id].marks) == {Mark.REDATED}
    assert log.punch(lost.id).wall == pytest.approx(BEGIN + 7200)


def test_a_punch_that_nothing_dates_keeps_its_time_and_its_mark(
    terminal: Terminal, store: SqliteStore
) -> None:
    punched(store, "A", BEGIN + 3600, "in")
    lost = punched(store, "B", BEGIN + 4000, "in", trusted=False)
    store.close()
    again = terminal.open(boot_id="boot-2")  # whose trusted events say nothing about boot-1
    at = Instant(BEGIN + 5000, 1, trusted=True)
    again.journal.append(NewEvent(EventType.CAMERA_LOST, at=at))
    log = PunchLog(again.journal, again.query)
    alone = log.punch(lost.id)
    assert (alone.wall, set(alone.marks)) == (BEGIN + 4000, {Mark.CLOCK_UNTRUSTED})


def test_a_correction_made_long_after_counts_for_the_day_it_speaks_of(
    terminal: Terminal, store: SqliteStore
) -> None:
    person = terminal.enrol(store)
    log = PunchLog(store.journal, store.query)
    first = punched(store, person.id, BEGIN + 8 * 3600, "in")
    for day in range(1, 100):
        punched(store, "other", BEGIN + day * DAY, "in")
    terminal.clock.wall = BEGIN + 120 * DAY
    desk = AttendanceDesk(people=store.people, journal=store.journal, query=store.query, clock=terminal.clock)
    added = desk.add(person.id, PunchKind.OUT, BEGIN + 17 * 3600, actor="t")
    desk.change(first.id, wall=BEGIN + 9 * 3600, actor="t")
    days = days_of_work(log, FIRST, FIRST, AttendanceRules(), now=terminal.clock.wall, person=person.id)
    assert [(day.worked, set(day.marks)) for day in days] == [(8 * 3600, {Mark.CORRECTED})]
    assert log.punch(added).kind is PunchKind.OUT
    desk.void(first.id, actor="t")
    with pytest.raises(NotFoundError):
        log.punch(first.id)
    days = days_of_work(log, FIRST, FIRST, AttendanceRules(), now=terminal.clock.wall, person=person.id)
    assert [set(day.marks) for day in days] == [{Mark.CORRECTED, Mark.MISSING_IN}]


@pytest.mark.parametrize("of", ["", "x", ":", ":-1", ":0", ":1", "uuid:1", ":9999999999999999999999", "a:²"])
def test_what_is_no_punch_is_not_found(store: SqliteStore, log: PunchLog, of: str) -> None:
    store.journal.append(NewEvent(EventType.CAMERA_LOST))
    with pytest.raises(NotFoundError, match="there is none by this id"):
        log.punch(of)
    with pytest.raises(NotFoundError):
        log.punch(store.journal.events()[0].id)  # an event, and no punch


def test_days_become_rows_and_sums_with_names_where_somebody_is_still_known(
    terminal: Terminal, store: SqliteStore, log: PunchLog
) -> None:
    person = terminal.enrol(store, "=山田", external_id="44")
    for day in range(2):
        for who in (person.id, "gone"):
            punched(store, who, BEGIN + day * DAY + 8 * 3600, "in")
            punched(store, who, BEGIN + day * DAY + 16 * 3600, "out")
    rules = AttendanceRules(zone=BERLIN, breaks=((6 * 3600, 1800),))
    days = days_of_work(log, FIRST, FIRST + timedelta(1), rules, now=BEGIN + 9 * DAY)
    people = {person.id: person}
    rows = [[cell_text(cell) for cell in row] for row in day_table(days, people, BERLIN).rows]
    assert rows[0] == [
        "2026-01-01",
        "'=山田",
        "44",
        "2026-01-01 09:00:00",
        "2026-01-01 17:00:00",
        "7:30",
        "0:30",
        "",
    ]
    assert rows[1][1:3] == ["gone", ""]
    sums = [[cell_text(cell) for cell in row] for row in total_table(totals(days), people).rows]
    assert sums == [["'=山田", "44", "2", "15:00", "1:00", "0"], ["gone", "", "2", "15:00", "1:00", "0"]]


def test_who_is_inside_is_read_from_the_last_week_alone(store: SqliteStore) -> None:
    now = BEGIN + 30 * DAY
    for who, ago in (("old", LOOK_BACK + 3600), ("late", 20 * 3600), ("here", 3600), ("left", 7200)):
        at = Instant(now - ago, 1, trusted=True)
        store.journal.append(NewEvent(EventType.ACCESS_GRANTED, who, {"area": "inside"}, at))
    at = Instant(now - 60, 1, trusted=True)
    store.journal.append(NewEvent(EventType.ACCESS_GRANTED, "left", {"area": "outside"}, at))
    inside = who_is_inside(store.query, now, stale=16 * 3600)
    assert [(one.person, one.certain) for one in inside] == [("late", False), ("here", True)]
    later = who_is_inside(store.query, now + 60 * DAY, stale=16 * 3600)
    assert [(one.person, one.certain) for one in later] == [("late", False), ("here", False)]


def test_nobody_is_inside_an_empty_journal(store: SqliteStore) -> None:
    assert who_is_inside(store.query, BEGIN, stale=1.0) == []
