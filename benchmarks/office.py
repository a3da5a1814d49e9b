"""What the office waits for in a journal of 200,000 events of 200 people.

Any page of any filter, and a month of attendance as a workbook. There is no peer: the figures are seconds
that somebody waits, and the goals what nobody minds.
"""

import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.adapters.table_xlsx import workbook
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType, Instant, NewEvent
from edge.office.attendance import who_is_inside
from edge.office.attendance_sheet import day_table, days_of_work, total_table, totals
from edge.office.punch_log import PunchLog

ROOT = Path(__file__).resolve().parent.parent
PEOPLE, DAYS = 200, 125
BEGIN, DAY = 1_767_225_600.0, 86_400.0  # 2026-01-01T00:00Z
FIRST = date(2026, 1, 1)
REPEAT = 5
MONTH = (FIRST + timedelta(60), FIRST + timedelta(90))
TURNS = ((8.0, "in"), (12.0, "break_start"), (12.75, "break_end"), (17.0, "out"))


class _Clock:
    def monotonic(self) -> float:
        return 1.0

    def now(self) -> Instant:
        return Instant(BEGIN + DAYS * DAY, 10**9, trusted=True)


def fill(store: SqliteStore) -> None:
    """Let everybody come, go and take a break each day: a grant and a punch each time."""
    chance = random.Random(1)  # noqa: S311 - the same journal each time
    for day in range(DAYS):
        events = []
        for number in range(PEOPLE):
            person = f"{number:026}"
            for hour, kind in TURNS:
                wall = BEGIN + day * DAY + hour * 3600 + chance.random() * 900
                at = Instant(wall, int((wall - BEGIN) * 1e9), trusted=True)
                area = "inside" if kind in ("in", "break_end") else "outside"
                granted = {"reason": "face", "door": "door", "area": area, "band": "high", "track": number}
                events.append((wall, NewEvent(EventType.ACCESS_GRANTED, person, granted, at)))
                punch = {"kind": kind, "source": "turn", "door": "door", "day": ""}
                events.append((wall, NewEvent(EventType.ATTENDANCE_PUNCHED, person, punch, at)))
        store.journal.append_many([event for _, event in sorted(events, key=lambda pair: pair[0])])


def slowest_filter(store: SqliteStore) -> float:
    """Return the milliseconds of the slowest page or count of all kinds of filters."""
    person, begin, end = f"{7:026}", BEGIN + 60 * DAY, BEGIN + 90 * DAY
    granted = frozenset({EventType.ACCESS_GRANTED})
    filters = [
        EventFilter(),
        EventFilter(types=granted),
        EventFilter(types=frozenset({EventType.FIRE_STARTED, EventType.ACCESS_DENIED})),
        EventFilter(types=frozenset(EventType)),
        EventFilter(person=person),
        EventFilter(person=person, types=granted, begin=begin, end=end),
        EventFilter(begin=begin, end=end),
        EventFilter(types=granted, begin=begin, end=end),
        EventFilter(end=end),
        EventFilter(begin=BEGIN - DAY, end=BEGIN),
    ]
    return max(1000 * timed(ask) for which in filters for ask in asks(store, which))


def asks(store: SqliteStore, which: EventFilter) -> list[Callable[[], object]]:
    """Return what a page of events asks of a filter."""
    return [
        lambda: store.query.newest(which),
        lambda: store.query.newest(which, before=100_000),
        lambda: store.query.count(which),
    ]


def timed(work: Callable[[], object]) -> float:
    """Return the median seconds of some runs."""
    taken = []
    for _ in range(REPEAT):
        before = time.perf_counter()
        work()
        taken.append(time.perf_counter() - before)
    return statistics.median(taken)


def month(store: SqliteStore) -> bytes:
    """Return a month of everybody as a workbook."""
    log, rules = PunchLog(store.journal, store.query), AttendanceRules()
    days = days_of_work(log, *MONTH, rules, now=BEGIN + DAYS * DAY)
    if len(days) != PEOPLE * 31:
        raise AssertionError(f"{len(days)} days")
    return workbook([day_table(days, {}, rules.zone), total_table(totals(days), {})])


def row(name: str, figure: float, unit: str, goal: float) -> dict[str, Any]:
    """Return a row whose goal is an upper limit."""
    return {
        "name": name,
        "figure": round(figure, 2),
        "unit": unit,
        "peer": "",
        "ratio": "",
        "goal": f"at most {goal:g} {unit}",
        "holds": figure <= goal,
    }


def main() -> None:
    """Measure and write the rows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(
            open_store(Path(folder) / "edge.db", clock=_Clock(), boot_id="boot", ballast_bytes=0)
        ) as store,
    ):
        fill(store)
        rows = [
            row("office: slowest filter of 200,000 events", slowest_filter(store), "ms", 50),
            row("office: month of 200 people, XLSX", timed(lambda: month(store)), "s", 5),
            row(
                "office: who is inside",
                timed(lambda: who_is_inside(store.query, BEGIN + DAYS * DAY, 57_600.0)),
                "s",
                1,
            ),
        ]
    out = ROOT / "var" / "benchmarks" / "office.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    for one in rows:
        print(f"{one['name']}: {one['figure']} {one['unit']} ({one['goal']})")


if __name__ == "__main__":
    main()
