"""Pairing punches into shifts: from an in to its out, breaks taken off, gaps flagged and never guessed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from edge.domain.attendance_punch import Mark, Punch, PunchKind
from edge.domain.attendance_rules import AttendanceRules

_DRIFT = 60.0  # s by which two clocks may differ over a shift before one of them was set


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One stay at work, on the day it began; a gap has only one of `start` and `end`, and no time.

    `seconds` are from start to end, rounded by the rules; `breaks` the seconds of breaks within.
    """

    person: str
    day: date
    start: Punch | None
    end: Punch | None
    seconds: float = 0.0
    breaks: float = 0.0
    marks: frozenset[Mark] = frozenset()


@dataclass(slots=True)
class _Open:
    """A shift that has begun."""

    start: Punch
    pause: Punch | None = None
    breaks: float = 0.0
    marks: set[Mark] = field(default_factory=set)


def pair(punches: Iterable[Punch], now: float, rules: AttendanceRules) -> list[Shift]:
    """Return the shifts of one person's punches, given in order; `now` is the present UTC second."""
    shifts: list[Shift] = []
    work: _Open | None = None
    for punch in punches:
        match punch.kind:
            case PunchKind.IN:
                shifts += [] if work is None else [_without_end(work, rules)]
                work = _Open(punch)
            case PunchKind.OUT:
                shifts += _ended(work, punch, rules)
                work = None
            case _:
                work, gap = _paused(work, punch, rules)
                shifts += gap
    if work is not None:
        shifts.append(_unfinished(work, now, rules))
    return shifts


def _ended(work: _Open | None, out: Punch, rules: AttendanceRules) -> list[Shift]:
    if work is None:
        return [_lone(out, Mark.MISSING_IN, rules)]
    seconds, marks = _distance(work.start, out, rules)
    if not 0 <= seconds <= rules.longest:
        return [_without_end(work, rules), _lone(out, Mark.MISSING_IN, rules)]
    if work.pause is not None:
        _end_pause(work, out, rules)
        work.marks.add(Mark.MISSING_BREAK_END)
    return [
        Shift(
            person=out.person,
            day=rules.day(work.start.wall),
            start=work.start,
            end=out,
            seconds=seconds,
            breaks=min(work.breaks, seconds),
            marks=frozenset(work.marks | work.start.marks | out.marks | marks),
        )
    ]


def _paused(work: _Open | None, punch: Punch, rules: AttendanceRules) -> tuple[_Open | None, list[Shift]]:
    if work is None:
        return None, [_lone(punch, Mark.MISSING_IN, rules)]
    work.marks |= punch.marks
    if punch.kind is PunchKind.BREAK_START:
        if work.pause is not None:
            work.marks.add(Mark.MISSING_BREAK_END)
        work.pause = punch
    elif work.pause is None:
        work.marks.add(Mark.MISSING_BREAK_START)
    else:
        _end_pause(work, punch, rules)
    return work, []


def _end_pause(work: _Open, end: Punch, rules: AttendanceRules) -> None:
    if work.pause is not None:
        seconds, marks = _distance(work.pause, end, rules)
        work.breaks += max(seconds, 0.0)
        work.marks |= marks
        work.pause = None


def _distance(first: Punch, second: Punch, rules: AttendanceRules) -> tuple[float, set[Mark]]:
    """Return the seconds between two punches: of the rounded times, or monotonic where a clock was set."""
    shown = second.wall - first.wall
    passed = first.seconds_until(second)
    if passed is not None and abs(passed - shown) > _DRIFT:
        return passed, {Mark.CLOCK_STEPPED}
    if shown < 0:
        return shown, set()
    rounded = rules.rounded(second.wall, second.kind) - rules.rounded(first.wall, first.kind)
    return max(rounded, 0.0), set()


def _lone(punch: Punch, mark: Mark, rules: AttendanceRules) -> Shift:
    ends = punch.kind is PunchKind.OUT
    return Shift(
        person=punch.person,
        day=rules.day(punch.wall),
        start=None if ends else punch,
        end=punch if ends else None,
        marks=punch.marks | {mark},
    )


def _without_end(work: _Open, rules: AttendanceRules) -> Shift:
    marks = frozenset(work.marks | work.start.marks | {Mark.MISSING_OUT})
    return Shift(
        person=work.start.person, day=rules.day(work.start.wall), start=work.start, end=None, marks=marks
    )


def _unfinished(work: _Open, now: float, rules: AttendanceRules) -> Shift:
    if not 0 <= now - work.start.wall <= rules.longest:
        return _without_end(work, rules)
    marks = frozenset(work.marks | work.start.marks | {Mark.OPEN})
    return Shift(
        person=work.start.person, day=rules.day(work.start.wall), start=work.start, end=None, marks=marks
    )
