from datetime import date
from zoneinfo import ZoneInfo

import pytest

from edge.web.show import Show

TOKYO = ZoneInfo("Asia/Tokyo")
EN, JA = Show("en", TOKYO), Show("ja", TOKYO)
EVENING = "2026-11-28T05:05:12.345Z"


def test_times_are_those_of_the_terminal() -> None:
    assert EN.moment(EVENING) == "2026-11-28 14:05"
    assert JA.moment(EVENING) == "2026年11月28日(土) 14:05"
    assert EN.clock("2026-11-28T20:05:12.345Z", seconds=True) == "05:05:12"
    assert EN.clock(0.0) == "09:00"
    assert EN.moment(None) == "–"


def test_days_and_months() -> None:
    day = date(2026, 3, 1)
    assert (EN.day(day), EN.weekday(day), EN.month(day)) == ("2026-03-01", "Sun", "2026-03")
    assert (JA.day(day), JA.weekday(day), JA.month(day)) == ("2026年3月1日(日)", "日", "2026年3月")


@pytest.mark.parametrize(
    ("seconds", "english", "nihongo"),
    [
        (0, "0 s", "0秒"),
        (59.9, "59 s", "59秒"),
        (12000, "3 h 20 min", "3時間20分"),
        (90061, "1 d 1 h", "1日1時間"),
        (3600, "1 h", "1時間"),
    ],
)
def test_lengths(seconds: float, english: str, nihongo: str) -> None:
    assert (EN.span(seconds), JA.span(seconds)) == (english, nihongo)


def test_work_is_told_to_the_minute_below() -> None:
    assert EN.hours(27_959.9) == "7:45"
    assert EN.hours(360_000) == "100:00"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.5, "50 %"),
        (0.0712, "7.1 %"),
        (0.0024, "0.24 %"),
        (0.000031, "0.003 %"),
        (1e-9, "< 0.0001 %"),
    ],
)
def test_shares_keep_the_digits_that_say_something(share: float, text: str) -> None:
    assert EN.share(share) == text


def test_sizes() -> None:
    assert [EN.size(count) for count in (12, 1500, 250_000_000, 3.2e12)] == [
        "12 B",
        "1.5 kB",
        "250 MB",
        "3.2 TB",
    ]
