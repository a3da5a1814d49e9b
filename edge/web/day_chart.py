"""The chart of a day of work, in numbers: who was there from when to when, and how many at a time."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from edge.domain.attendance_report import Day
from edge.domain.attendance_shift import Shift

FIRST, LAST = 8 * 60, 18 * 60  # minutes after midnight that are always shown
WIDTH = 1000.0
STEP = 15  # minutes of one step of the curve
GAP = 6.0  # width of the mark where one end is missing


@dataclass(frozen=True, slots=True)
class Axis:
    """The hours that are shown: from `first` to `last` minutes after the midnight of `day`."""

    day: date
    zone: tzinfo
    first: int = FIRST
    last: int = LAST

    def minute(self, wall: float) -> float:
        """Return how many minutes after midnight the clock on the wall shows at a UTC second."""
        shown = datetime.fromtimestamp(wall, UTC).astimezone(self.zone).replace(tzinfo=None)
        return (shown - datetime.combine(self.day, time())) / timedelta(minutes=1)

    def x(self, minute: float) -> float:
        """Return where a minute stands on a chart of WIDTH, kept inside of it."""
        inside = min(max(minute, self.first), self.last)
        return round((inside - self.first) / (self.last - self.first) * WIDTH, 1)

    @property
    def hours(self) -> list[tuple[float, str]]:
        """Return the whole hours as (place, label)."""
        step = 1 if self.last - self.first <= 12 * 60 else 2
        return [
            (self.x(hour * 60), str(hour % 24)) for hour in range(self.first // 60, self.last // 60 + 1, step)
        ]


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of work: `kind` is `done`, `open` while it goes on, `gap` where one end is missing."""

    x: float
    width: float
    kind: str


def axis(day: date, days: Iterable[Day], now: float, zone: tzinfo) -> Axis:
    """Return the axis that has room for all shifts of a day."""
    wide = Axis(day, zone)
    minutes = [wide.minute(wall) for one in days for shift in one.shifts for wall in _ends(shift, now)]
    first = min([FIRST, *minutes]) // 60 * 60
    last = math.ceil(max([LAST, *minutes]) / 60) * 60
    return Axis(day, zone, int(max(first, 0)), int(min(last, 36 * 60)))


def bars(day: Day, on: Axis, now: float) -> list[Bar]:
    """Return the bars of one person's day."""
    found = []
    for shift in day.shifts:
        begin, end = _span(shift, now)
        if begin is not None and end is not None:
            left, right = on.x(on.minute(begin)), on.x(on.minute(end))
            found.append(Bar(left, max(right - left, 1.0), "done" if shift.end else "open"))
        else:
            lone = begin if begin is not None else end
            found.append(Bar(max(on.x(on.minute(lone or 0.0)) - GAP / 2, 0.0), GAP, "gap"))
    return found


def presence(days: Sequence[Day], on: Axis, now: float) -> list[tuple[float, int]]:
    """Return how many people were there, as (place, number) for each STEP minutes up to now."""
    spans = [
        (on.minute(begin), on.minute(end))
        for one in days
        for shift in one.shifts
        for begin, end in [_span(shift, now)]
        if begin is not None and end is not None
    ]
    until = min(on.last, on.minute(now))
    minutes = range(on.first, int(until) + 1, STEP)
    return [(on.x(at), sum(begin <= at < end for begin, end in spans)) for at in minutes]


def steps(curve: Sequence[tuple[float, int]], height: float) -> str:
    """Return a curve as the path of a filled area of stairs, with its highest point at the top."""
    if not curve:
        return ""
    most = max(1, *(number for _, number in curve))
    path = [f"M{curve[0][0]},{height}"]
    for (left, number), (right, _) in zip(curve, [*curve[1:], (curve[-1][0], 0)], strict=True):
        y = round(height - number / most * height, 1)
        path.append(f"L{left},{y}L{right},{y}")
    return "".join([*path, f"L{curve[-1][0]},{height}Z"])


def _span(shift: Shift, now: float) -> tuple[float | None, float | None]:
    """Return begin and end in UTC seconds; the end is now for one that goes on, None for a gap."""
    begin = shift.start.wall if shift.start else None
    if shift.end is not None:
        return begin, shift.end.wall
    return begin, now if "open" in shift.marks else None


def _ends(shift: Shift, now: float) -> list[float]:
    return [wall for wall in _span(shift, now) if wall is not None]
