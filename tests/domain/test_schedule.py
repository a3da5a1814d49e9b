from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from edge.domain.schedule import ALWAYS, NEVER, Schedule, inside, local_time, opened_on
from edge.domain.schedule_calendar import Calendar, Holiday
from edge.domain.schedule_text import parse_schedule
from edge.errors import RuleError

BERLIN, NEW_YORK, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its daylight saving is half an hour
CAIRO = ZoneInfo("Africa/Cairo")  # its clocks jump at midnight: that of the change does not exist

CALENDAR = Calendar(
    (
        Holiday("New Year", date(2020, 1, 1), date(2020, 1, 1), yearly=True),
        Holiday("Christmas", date(2020, 12, 24), date(2020, 12, 24), "half-day", yearly=True),
        Holiday("Works shutdown", date(2020, 12, 27), date(2021, 1, 2), "shutdown", yearly=True),
        Holiday("Stock-taking", date(2026, 6, 30), date(2026, 7, 1)),
    )
)

OFFICE = "mon-fri 08:00-12:00 13:00-17:30; sat 09:00-12:00; holiday:half-day 08:00-12:00"
NIGHT = "sun-thu 22:00-06:00"
EVERY_NIGHT = "daily 22:00-06:00"


def at(text: str, zone: tzinfo, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


# (schedule, zone, local time, fold, allowed); 2026-03-02 is a Monday
TABLE = [
    # several intervals a day, their edges
    (OFFICE, BERLIN, "2026-03-02 07:59:59", 0, False),
    (OFFICE, BERLIN, "2026-03-02 08:00:00", 0, True),
    (OFFICE, BERLIN, "2026-03-02 11:59:59", 0, True),
    (OFFICE, BERLIN, "2026-03-02 12:00:00", 0, False),
    (OFFICE, BERLIN, "2026-03-02 13:00:00", 0, True),
    (OFFICE, BERLIN, "2026-03-02 17:30:00", 0, False),
    (OFFICE, BERLIN, "2026-03-07 09:00:00", 0, True),
    (OFFICE, BERLIN, "2026-03-07 13:30:00", 0, False),
    (OFFICE, BERLIN, "2026-03-08 10:00:00", 0, False),
    # overlapping intervals are one
    ("mon 08:00-12:00 11:00-14:00", BERLIN, "2026-03-02 11:30:00", 0, True),
    ("mon 08:00-12:00 11:00-14:00", BERLIN, "2026-03-02 12:00:00", 0, True),
    ("mon 08:00-12:00 11:00-14:00", BERLIN, "2026-03-02 14:00:00", 0, False),
    ("mon 22:00-06:00; tue 05:00-07:00", BERLIN, "2026-03-03 06:00:00", 0, True),
    # 24:00, and midnight between two intervals that meet
    ("mon 20:00-24:00", BERLIN, "2026-03-02 23:59:59", 0, True),
    ("mon 20:00-24:00", BERLIN, "2026-03-03 00:00:00", 0, False),
    ("mon 20:00-00:00", BERLIN, "2026-03-02 23:59:59", 0, True),
    ("mon 20:00-24:00; tue 00:00-02:00", BERLIN, "2026-03-03 00:00:00", 0, True),
    ("mon 00:00-24:00", BERLIN, "2026-03-02 00:00:00", 0, True),
    ("mon 00:00-24:00", BERLIN, "2026-03-01 23:59:59", 0, False),
    # midnight crossing; it belongs to the day on which it begins
    (NIGHT, BERLIN, "2026-03-01 22:00:00", 0, True),
    (NIGHT, BERLIN, "2026-03-02 05:59:59", 0, True),
    (NIGHT, BERLIN, "2026-03-02 06:00:00", 0, False),
    (NIGHT, BERLIN, "2026-03-06 05:00:00", 0, True),  # Friday morning, of Thursday's shift
    (NIGHT, BERLIN, "2026-03-06 23:00:00", 0, False),  # Friday has none
    (NIGHT, BERLIN, "2026-03-07 03:00:00", 0, False),
    (NIGHT, BERLIN, "2026-03-01 03:00:00", 0, False),  # Sunday morning, of Saturday, which has none
    # holidays over schedules
    (OFFICE, BERLIN, "2026-01-01 09:00:00", 0, False),  # Thursday, a holiday that the schedule does not name
    (OFFICE, BERLIN, "2026-12-24 09:00:00", 0, True),  # Thursday, half a day
    (OFFICE, BERLIN, "2026-12-24 14:00:00", 0, False),
    (OFFICE, BERLIN, "2026-12-28 09:00:00", 0, False),  # Monday in the shutdown
    (
        OFFICE,
        BERLIN,
        "2027-01-02 10:00:00",
        0,
        False,
    ),  # Saturday; the shutdown runs over the turn of the year
    (OFFICE, BERLIN, "2027-01-04 10:00:00", 0, True),
    (OFFICE, BERLIN, "2026-06-30 10:00:00", 0, False),
    (OFFICE, BERLIN, "2027-06-30 10:00:00", 0, True),  # not yearly
    (f"{OFFICE}; ignores holidays", BERLIN, "2026-01-01 09:00:00", 0, True),
    ("daily 00:00-24:00; holiday 10:00-12:00", BERLIN, "2026-01-01 11:00:00", 0, False),  # and the shutdown
    (
        "daily 00:00-24:00; holiday 10:00-12:00; holiday:shutdown 11:00-15:00",
        BERLIN,
        "2026-01-01 11:00",
        0,
        True,
    ),
    (
        "daily 00:00-24:00; holiday 10:00-12:00; holiday:shutdown 11:00-15:00",
        BERLIN,
        "2026-01-01 10:30",
        0,
        False,
    ),
    (
        "daily 00:00-24:00; holiday 10:00-12:00; holiday:shutdown 11:00-15:00",
        BERLIN,
        "2026-01-01 13:00",
        0,
        False,
    ),
    (EVERY_NIGHT, BERLIN, "2026-06-30 03:00:00", 0, True),  # the shift of the working day before runs on
    (EVERY_NIGHT, BERLIN, "2026-06-30 23:00:00", 0, False),  # that of the holiday does not begin
    (EVERY_NIGHT, BERLIN, "2026-07-01 03:00:00", 0, False),
    (f"{EVERY_NIGHT}; holiday 23:00-05:00", BERLIN, "2026-07-02 04:00:00", 0, True),
    # two time zones: one instant, two weekdays
    ("tue 00:00-24:00", TOKYO, "2026-03-03 00:00:00", 0, True),
    ("tue 00:00-24:00", NEW_YORK, "2026-03-02 23:59:59", 0, False),
    # spring: Berlin's clock jumps from 02:00 to 03:00 on 2026-03-29, a Sunday
    ("sun 02:00-03:00", BERLIN, "2026-03-29 01:59:59", 0, False),
    ("sun 02:00-03:00", BERLIN, "2026-03-29 03:00:00", 0, False),
    ("sun 02:30-04:00", BERLIN, "2026-03-29 01:59:59", 0, False),
    ("sun 02:30-04:00", BERLIN, "2026-03-29 03:00:00", 0, True),
    ("sun 01:00-02:30", BERLIN, "2026-03-29 01:59:59", 0, True),
    ("sun 01:00-02:30", BERLIN, "2026-03-29 03:00:00", 0, False),
    (EVERY_NIGHT, BERLIN, "2026-03-29 05:59:59", 0, True),
    (EVERY_NIGHT, BERLIN, "2026-03-29 06:00:00", 0, False),
    # autumn: Berlin's clock shows 02:00 to 03:00 twice on 2026-10-25, a Sunday
    ("sun 02:00-03:00", BERLIN, "2026-10-25 02:00:00", 0, True),
    ("sun 02:00-03:00", BERLIN, "2026-10-25 02:59:59", 0, True),
    ("sun 02:00-03:00", BERLIN, "2026-10-25 02:00:00", 1, True),
    ("sun 02:00-03:00", BERLIN, "2026-10-25 02:59:59", 1, True),
    ("sun 02:00-03:00", BERLIN, "2026-10-25 03:00:00", 0, False),
    ("sun 01:00-02:30", BERLIN, "2026-10-25 02:29:59", 0, True),
    ("sun 01:00-02:30", BERLIN, "2026-10-25 02:45:00", 0, False),
    ("sun 01:00-02:30", BERLIN, "2026-10-25 02:15:00", 1, True),  # the clock shows it again
    ("sun 01:00-02:30", BERLIN, "2026-10-25 02:30:00", 1, False),
    (EVERY_NIGHT, BERLIN, "2026-10-25 05:59:59", 0, True),
    (EVERY_NIGHT, BERLIN, "2026-10-25 06:00:00", 0, False),
    # the same in New York (2026-03-08, 2026-11-01), half an hour on Lord Howe Island, midnight in Cairo
    ("sun 02:15-02:45", NEW_YORK, "2026-03-08 03:15:00", 0, False),
    ("sun 01:30-01:45", NEW_YORK, "2026-11-01 01:30:00", 0, True),
    ("sun 01:30-01:45", NEW_YORK, "2026-11-01 01:30:00", 1, True),
    ("sun 01:30-01:45", NEW_YORK, "2026-11-01 01:50:00", 0, False),
    ("sun 01:30-02:00", LORD_HOWE, "2026-04-05 01:45:00", 0, True),
    ("sun 01:30-02:00", LORD_HOWE, "2026-04-05 01:45:00", 1, True),
    ("sun 02:00-02:30", LORD_HOWE, "2026-10-04 02:30:00", 0, False),
    ("fri 00:00-24:00", CAIRO, "2026-04-24 01:00:00", 0, True),
    ("thu 22:00-00:30", CAIRO, "2026-04-24 01:00:00", 0, False),
    ("thu 22:00-01:30", CAIRO, "2026-04-24 01:00:00", 0, True),
    # a leap day
    ("sun 08:00-10:00", BERLIN, "2032-02-29 09:00:00", 0, True),
]


@pytest.mark.parametrize(("text", "zone", "local", "fold", "allowed"), TABLE)
def test_the_table_of_schedules(text: str, zone: ZoneInfo, local: str, fold: int, allowed: bool) -> None:
    schedule = parse_schedule("s", text)
    assert inside(schedule, at(local, zone, fold), CALENDAR, zone) is allowed


@pytest.mark.parametrize(
    ("text", "zone", "day", "hours"),
    [
        (EVERY_NIGHT, BERLIN, "2026-03-27", 8),
        (EVERY_NIGHT, BERLIN, "2026-03-28", 7),
        (EVERY_NIGHT, BERLIN, "2026-10-24", 9),
        ("daily 00:00-24:00", BERLIN, "2026-03-29", 23),
        ("daily 00:00-24:00", BERLIN, "2026-10-25", 25),
        ("daily 00:00-24:00", CAIRO, "2026-04-24", 23),
        ("daily 00:00-24:00", LORD_HOWE, "2026-04-05", 24.5),
        ("daily 01:00-02:00", NEW_YORK, "2026-11-01", 2),
        ("daily 02:00-03:00", NEW_YORK, "2026-03-08", 0),
    ],
)
def test_the_length_of_a_day_with_a_change_of_the_clock(
    text: str, zone: ZoneInfo, day: str, hours: float
) -> None:
    schedule, start = parse_schedule("s", text), at(f"{day} 00:00", UTC)
    minutes = [start + 60 * minute for minute in range(-24 * 60, 72 * 60)]
    found = [m for m in minutes if opened_on(schedule, m, Calendar(), zone) == date.fromisoformat(day)]
    assert len(found) / 60 == hours


def test_a_schedule_with_a_zone_of_its_own_ignores_that_of_the_terminal() -> None:
    shop = parse_schedule("s", "mon 09:00-17:00", zone=TOKYO)
    moment = at("2026-03-02 09:30", TOKYO)
    assert inside(shop, moment, CALENDAR, BERLIN)
    assert not inside(parse_schedule("s", "mon 09:00-17:00"), moment, CALENDAR, BERLIN)


@pytest.mark.parametrize(
    ("local", "allowed"),
    [
        ("2026-06-01 09:00", False),
        ("2026-06-02 09:00", True),
        ("2026-06-04 09:00", True),
        ("2026-06-05 05:00", True),  # the night shift of the last day runs on
        ("2026-06-05 09:00", False),
    ],
)
def test_a_schedule_is_in_force_between_its_dates(local: str, allowed: bool) -> None:
    summer = Schedule(
        name="s",
        days={day: (*parse_schedule("s", "mon 08:00-12:00 22:00-06:00").days[0],) for day in range(7)},
        first=date(2026, 6, 2),
        last=date(2026, 6, 4),
    )
    assert inside(summer, at(local, BERLIN), CALENDAR, BERLIN) is allowed


def test_the_day_of_a_night_shift_is_the_one_it_began_on() -> None:
    night = parse_schedule("s", EVERY_NIGHT)
    assert opened_on(night, at("2026-03-03 05:00", BERLIN), CALENDAR, BERLIN) == date(2026, 3, 2)
    assert opened_on(night, at("2026-03-03 23:00", BERLIN), CALENDAR, BERLIN) == date(2026, 3, 3)


def test_always_and_never_are_what_they_say_also_on_holidays_and_in_any_year() -> None:
    for year in (1970, 2026, 2036, 9998):
        moment = at(f"{year}-01-01 03:00", BERLIN)
        assert inside(ALWAYS, moment, CALENDAR, BERLIN)
        assert not inside(NEVER, moment, CALENDAR, BERLIN)


@pytest.mark.parametrize("wall", [float("nan"), float("inf"), float("-inf"), 1e18, -1e18, -62135596800.0])
def test_a_clock_out_of_all_bounds_is_outside_every_schedule_but_breaks_none(wall: float) -> None:
    assert inside(ALWAYS, wall, CALENDAR, BERLIN) is (local_time(wall, BERLIN) is not None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("always", True),
        ("daily 00:00-24:00; ignores holidays", True),
        ("daily 00:00-12:00 12:00-24:00; ignores holidays", True),
        ("daily 00:00-24:00", False),  # a holiday may close it
        ("daily 00:00-23:59; ignores holidays", False),
        ("mon-sat 00:00-24:00; ignores holidays", False),
    ],
)
def test_only_what_no_clock_can_deny_is_round_the_clock(text: str, expected: bool) -> None:
    assert parse_schedule("s", text).round_the_clock is expected


@pytest.mark.parametrize(
    ("holiday", "sentence"),
    [
        (("H", date(2026, 1, 2), date(2026, 1, 1)), "it ends on 2026-01-01, before it begins on 2026-01-02"),
        (("H", date(2026, 1, 1), date(2026, 1, 1), "Half Day"), 'type "Half Day" must be a lower-case word'),
        (("H", date(2026, 1, 1), date(2027, 1, 1), "x", True), "may last less than one"),
    ],
)
def test_a_holiday_that_makes_no_sense_is_refused(holiday: tuple[str, date, date], sentence: str) -> None:
    with pytest.raises(RuleError, match=sentence):
        Holiday(*holiday)


def test_a_yearly_holiday_may_be_the_leap_day() -> None:
    leap = Holiday("Leap day", date(2024, 2, 29), date(2024, 2, 29), yearly=True)
    assert [leap.covers(date(year, 2, 29)) for year in (2028, 2032)] == [True, True]
    assert not leap.covers(date(2026, 2, 28))
    assert not leap.covers(date(2026, 3, 1))
