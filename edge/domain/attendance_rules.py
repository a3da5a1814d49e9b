"""The rules of attendance: how a punch gets its kind, to which day it belongs, how its time is rounded."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, tzinfo
from enum import StrEnum

from edge.domain.attendance_punch import PunchKind, Source
from edge.domain.schedule import Schedule, local_time
from edge.domain.schedule_calendar import Calendar
from edge.errors import RuleError

_DAY, _MINUTES = 24 * 60, 60
_HOUR = 3600.0


class Rounding(StrEnum):
    """Which way a time is rounded."""

    NONE = "none"
    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceRules:
    """The site's rules.

    `sources` is the order in which the kind of a punch is looked for. `times` are schedules with the kind
    that a punch within them has, the first that holds. `double` is how many seconds after a punch a further
    one of the same kind, or one without a kind of its own, is the same punch again. A day of work begins
    `cutoff` minutes after midnight; a shift counts on the day it began. An in without an out for `longest`
    seconds is a gap. Times are rounded to `step` minutes of the local clock, in the way `rounding` says for
    each kind. `breaks` are (seconds of work, seconds of break) that are taken off where fewer were taken.
    Raises RuleError for values that make no sense.
    """

    zone: tzinfo = UTC
    calendar: Calendar = field(default_factory=Calendar)
    sources: tuple[Source, ...] = (Source.KEY, Source.DIRECTION, Source.SCHEDULE, Source.TURN)
    times: tuple[tuple[Schedule, PunchKind], ...] = ()
    double: float = 60.0
    cutoff: int = 0
    longest: float = 16 * _HOUR
    step: int = 1
    rounding: Mapping[PunchKind, Rounding] = field(default_factory=dict)
    breaks: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.cutoff < _DAY:
            raise RuleError(
                f"attendance: the day begins {self.cutoff} minutes after midnight; 0 to 1439 are allowed"
            )
        if not (1 <= self.step <= _MINUTES and _MINUTES % self.step == 0):
            raise RuleError(f"attendance: times are rounded to {self.step} minutes; it must divide an hour")
        if not (self.double >= 0 and 0 < self.longest <= 48 * _HOUR):
            raise RuleError("attendance: the double-punch window or the longest shift makes no sense")

    def day(self, wall: float) -> date:
        """Return the day of work that a UTC second belongs to, by the clock on the wall.

        A time beyond all calendars belongs to the last day of them.
        """
        shown = local_time(wall, self.zone)
        if shown is None:
            return date.max
        try:
            return (shown.replace(tzinfo=None) - timedelta(minutes=self.cutoff)).date()
        except OverflowError:
            return date.min

    def rounded(self, wall: float, kind: PunchKind) -> float:
        """Return a UTC second rounded as the local clock shows it."""
        mode = self.rounding.get(kind, Rounding.NONE)
        shown = local_time(wall, self.zone)
        offset = None if shown is None else shown.utcoffset()
        if mode is Rounding.NONE or offset is None:
            return wall
        step, local = self.step * 60, wall + offset.total_seconds()
        count = {
            Rounding.UP: math.ceil(local / step),
            Rounding.DOWN: math.floor(local / step),
            Rounding.NEAREST: math.floor(local / step + 0.5),
        }[mode]
        return count * step - offset.total_seconds()
