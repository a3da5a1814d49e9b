"""A stretch of the day, by what a clock on the wall shows."""

import re
from dataclasses import dataclass

from edge.errors import RuleError

DAY = 24 * 60  # minutes
_TEXT = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")
_LAST_MINUTE = 59


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From minute `start` to before minute `end`, counted from the midnight its day begins with.

    An `end` beyond 1440 lies in the next day: 22:00–06:00 is (1320, 1800); the whole day is (0, 1440). Raises
    RuleError where it is empty, does not begin in its day, or lasts a whole day without being that.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        whole = (self.start, self.end) == (0, DAY)
        if not whole and not (0 <= self.start < DAY and self.start < self.end < self.start + DAY):
            raise RuleError(
                f"interval {self.start} to {self.end} min: it must begin in its day and last less than one"
            )

    def contains(self, second: int) -> bool:
        """Return whether a second, counted from the midnight of the interval's day, lies within."""
        return self.start * 60 <= second < self.end * 60

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end if self.end <= DAY else self.end - DAY)}"


def parse_interval(text: str) -> Interval:
    """Return the interval of a text as in 08:00-17:30, 22:00-06:00 (into the next day) or 00:00-24:00.

    Raises RuleError.
    """
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise RuleError(f'"{text}" is no interval; write one as in 08:00-17:30')
    hours = [int(part) for part in match.groups()]
    if max(hours[1], hours[3]) > _LAST_MINUTE:
        raise RuleError(f'"{text}": an hour has 60 minutes')
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if start >= DAY or end > DAY:
        raise RuleError(f'"{text}": the day begins with 00:00 and ends with 24:00')
    if start == end:
        raise RuleError(f'"{text}" is empty; for the whole day write 00:00-24:00')
    return Interval(start, end if end > start else end + DAY)


def covers_day(intervals: tuple[Interval, ...]) -> bool:
    """Return whether the intervals of a day leave none of its minutes out."""
    reached = 0
    for interval in sorted(intervals):
        if interval.start > reached:
            return False
        reached = max(reached, interval.end)
    return reached >= DAY


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
