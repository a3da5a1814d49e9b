import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.schedule import Schedule
from edge.domain.schedule_interval import DAY, Interval, covers_day, parse_interval
from edge.domain.schedule_text import parse_schedule, schedule_text
from edge.errors import RuleError

starts = st.integers(0, DAY - 1)
intervals = st.just(Interval(0, DAY)) | st.builds(
    lambda start, length: Interval(start, start + length), starts, st.integers(1, DAY - 1)
)
weeks = st.dictionaries(st.integers(0, 6), st.lists(intervals, min_size=1, max_size=3).map(tuple), min_size=1)
types = st.dictionaries(
    st.sampled_from(["holiday", "half-day", "x2"]), st.lists(intervals, min_size=1, max_size=2).map(tuple)
)


@given(intervals)
def test_an_interval_reads_back_as_it_was_written(interval: Interval) -> None:
    assert parse_interval(str(interval)) == interval


@given(weeks, types, st.booleans())
def test_a_schedule_reads_back_as_it_was_written(
    days: dict[int, tuple[Interval, ...]], holidays: dict[str, tuple[Interval, ...]], observes: bool
) -> None:
    schedule = Schedule(name="s", days=days, holidays=holidays, observes_holidays=observes)
    again = parse_schedule("s", schedule_text(schedule))
    if schedule.round_the_clock:
        assert again.round_the_clock
    else:
        assert again == schedule


@given(st.lists(intervals, max_size=4).map(tuple))
def test_a_day_is_covered_where_every_minute_is(day: tuple[Interval, ...]) -> None:
    minutes = all(any(interval.contains(minute * 60) for interval in day) for minute in range(DAY))
    assert covers_day(day) is minutes


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("fri-mon 08:00-09:00", {4, 5, 6, 0}),
        ("mon,wed,fri 08:00-09:00", {0, 2, 4}),
        ("weekdays 08:00-09:00; weekend 10:00-11:00", set(range(7))),
        ("daily 8:00-9:00", set(range(7))),
        ("  mon   08:00-09:00  ;; ", {0}),
        ("sun 08:00 - 09:00".replace(" - ", "–"), {6}),
    ],
)
def test_days_are_written_in_many_ways(text: str, days: set[int]) -> None:
    assert set(parse_schedule("s", text).days) == days


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it has no times"),
        ("mon", '"mon" has no times'),
        ("mno 08:00-12:00", '"mno" is no day'),
        ("mon-fry 08:00-12:00", '"mon-fry" is no day'),
        ("mon 8-12", '"8-12" is no interval'),
        ("mon 08:00-08:00", '"08:00-08:00" is empty; for the whole day write 00:00-24:00'),
        ("mon 24:00-08:00", "the day begins with 00:00 and ends with 24:00"),
        ("mon 08:00-24:01", "the day begins with 00:00 and ends with 24:00"),
        ("mon 08:60-09:00", "an hour has 60 minutes"),
        ("ignores holidays", "it has no times"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused_by_name(text: str, sentence: str) -> None:
    with pytest.raises(RuleError, match='schedule "early shift": ') as error:
        parse_schedule("early shift", text)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (1440, 1441), (5, 5), (5, 4), (60, 1500), (0, 1441)])
def test_an_interval_lies_in_its_day(start: int, end: int) -> None:
    with pytest.raises(RuleError):
        Interval(start, end)
