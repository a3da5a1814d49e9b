from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from edge.domain.moment import local_text, parse_day, parse_moment
from edge.errors import RuleError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = 1_800_000_000.0


def utc(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type,misc] # year, month, day and so on


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("now", NOW),
        ("+8h", NOW + 8 * 3600),
        ("+30min", NOW + 1800),
        ("+2 d", NOW + 172_800),
        ("2026-01-31", utc(2026, 1, 30, 23)),
        ("2026-07-31", utc(2026, 7, 30, 22)),
        (" 2026-01-31 18:00 ", utc(2026, 1, 31, 17)),
        ("2026-01-31T18:00:30", utc(2026, 1, 31, 17, 0, 30)),
        ("2026-01-31T18:00Z", utc(2026, 1, 31, 18)),
        ("2026-01-31 18:00+09:00", utc(2026, 1, 31, 9)),
        (
            "2026-03-29 02:30",
            utc(2026, 3, 29, 1, 30),
        ),  # the clock skips this hour: an hour later by the new one
        ("2026-10-25 02:30", utc(2026, 10, 25, 0, 30)),  # shown twice: the first time
    ],
)
def test_a_moment_is_understood_by_the_clock_on_the_wall(text: str, wall: float) -> None:
    assert parse_moment(text, BERLIN, NOW) == wall


def test_the_end_of_a_day_is_the_beginning_of_the_next_also_when_the_clock_changes() -> None:
    assert parse_moment("2026-10-25", BERLIN, NOW) == utc(2026, 10, 24, 22)
    assert parse_moment("2026-10-25", BERLIN, NOW, end=True) == utc(2026, 10, 25, 23)
    assert parse_moment("2026-10-25 12:00", BERLIN, NOW, end=True) == utc(2026, 10, 25, 11)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-02-30",
        "2026-13-01",
        "26-01-31",
        "2026-01-31 25:00",
        "+8",
        "8h",
        "9999-12-31",
        "+9999999d",
    ],
)
def test_what_is_no_moment_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(RuleError, match="is no time; write one as in") as error:
        parse_moment(text, BERLIN, NOW, end=True)
    assert "\n" not in str(error.value)


def test_a_day_is_a_date() -> None:
    assert parse_day(" 2026-01-31 ") == date(2026, 1, 31)
    with pytest.raises(RuleError, match=r'"31\.1\." is no day'):
        parse_day("31.1.")


def test_a_moment_is_shown_as_the_clock_on_the_wall_shows_it() -> None:
    assert local_text(utc(2026, 7, 1, 10), BERLIN) == "2026-07-01 12:00:00"
    assert local_text(1e300, BERLIN) == "1e+300"
