from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.schedule import ALWAYS, NEVER, inside
from edge.domain.schedule_calendar import Calendar, Holiday
from edge.domain.schedule_change import next_change
from edge.domain.schedule_text import parse_schedule

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Africa/Cairo")]
CHANGES = ["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2026-04-24"]
CALENDAR = Calendar((Holiday("H", date(2026, 3, 30), date(2026, 3, 30)),))
quarters = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
interval_texts = st.tuples(quarters, quarters).filter(lambda pair: pair[0] != pair[1]).map("-".join)


def at(text: str, zone: tzinfo, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


@pytest.mark.parametrize(
    ("text", "now", "expected", "fold"),
    [
        ("mon-fri 08:00-17:00", "2026-03-02 09:00", "2026-03-02 17:00", 0),
        ("mon-fri 08:00-17:00", "2026-03-02 08:00", "2026-03-02 17:00", 0),
        ("mon-fri 08:00-17:00", "2026-03-06 17:00", "2026-03-09 08:00", 0),
        ("mon-fri 08:00-17:00", "2026-03-27 17:00", "2026-03-31 08:00", 0),  # Monday is a holiday
        ("mon 08:00-12:00 11:00-14:00", "2026-03-02 09:00", "2026-03-02 14:00", 0),
        ("daily 22:00-06:00", "2026-03-28 23:00", "2026-03-29 06:00", 0),
        ("sun 02:30-04:00", "2026-03-29 00:00", "2026-03-29 03:00", 0),  # begins with the jump
        ("sun 01:00-02:30", "2026-03-29 01:00", "2026-03-29 03:00", 0),  # ends with it
        ("sun 01:00-02:30", "2026-10-25 01:00", "2026-10-25 02:30", 0),
        ("sun 01:00-02:30", "2026-10-25 02:45", "2026-10-25 02:00", 1),  # the clock goes back into it
    ],
)
def test_the_next_change(text: str, now: str, expected: str, fold: int) -> None:
    found = next_change(parse_schedule("s", text), at(now, BERLIN), CALENDAR, BERLIN)
    assert found == at(expected, BERLIN, fold)


def test_what_never_changes_has_no_next_change() -> None:
    now = at("2026-03-02 09:00", BERLIN)
    assert next_change(ALWAYS, now, CALENDAR, BERLIN) is None
    assert next_change(NEVER, now, CALENDAR, BERLIN) is None
    assert next_change(ALWAYS, float("nan"), CALENDAR, BERLIN) is None


@pytest.mark.parametrize("edge", ["0001-01-01 12:00", "9999-12-31 12:00"])
def test_at_the_ends_of_the_calendar_it_looks_as_far_as_there_is_one(edge: str) -> None:
    moment = at(edge, UTC)
    assert next_change(parse_schedule("s", "daily 10:00-14:00"), moment, CALENDAR, UTC) == moment + 7200


@settings(max_examples=150, deadline=None)
@given(
    st.lists(interval_texts, min_size=1, max_size=3),
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
    st.integers(-12 * 60, 12 * 60),
)
def test_the_next_change_is_the_one_that_a_walk_minute_by_minute_finds(
    texts: list[str], zone: ZoneInfo, day: str, offset: int
) -> None:
    schedule = parse_schedule("s", f"daily {' '.join(texts)}")
    start = at(day, UTC) + offset * 60
    now = inside(schedule, start, CALENDAR, zone)
    walked = (start + 60 * minute for minute in range(1, 2 * 1440))
    expected = next((wall for wall in walked if inside(schedule, wall, CALENDAR, zone) != now), None)
    found = next_change(schedule, start, CALENDAR, zone)
    if expected is not None:
        assert found == expected
