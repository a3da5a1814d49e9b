"""Taking a punch: what somebody's passing means for attendance, if anything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.domain.attendance_punch import Mark, Punch, PunchKind, Source
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.events import EventType, Instant, NewEvent
from edge.domain.passback import Direction
from edge.domain.schedule import inside


@dataclass(frozen=True, slots=True)
class AttendanceState:
    """The last punch of everybody, by person id."""

    last: Mapping[str, Punch] = field(default_factory=dict)


def last_punches(punches: Iterable[Punch]) -> AttendanceState:
    """Return the state after some punches, in order."""
    return AttendanceState({punch.person: punch for punch in punches})


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Somebody was let through, or recognised where there is no door.

    `key` is what they pressed before; `direction` the way of a terminal that is for one way only; `boot` the
    id of this boot.
    """

    person: str
    at: Instant
    boot: str
    key: PunchKind | None = None
    direction: Direction | None = None
    door: str = "door"


def punch(passing: Passing, state: AttendanceState, rules: AttendanceRules) -> NewEvent | None:
    """Return the event of a punch, to be journaled; None where it is the last punch once more.

    The kind is never guessed from a clock that nobody vouches for; such a punch is marked.
    """
    last = state.last.get(passing.person)
    kind, source = _kind(passing, last, rules)
    if last is not None and (kind is last.kind or source is Source.TURN) and _soon(last, passing, rules):
        return None
    data: dict[str, Any] = {
        "kind": str(kind),
        "source": str(source),
        "day": rules.day(passing.at.wall).isoformat(),
        "door": passing.door,
    }
    if not passing.at.trusted:
        data["mark"] = str(Mark.CLOCK_UNTRUSTED)
    return NewEvent(EventType.ATTENDANCE_PUNCHED, passing.person, data, passing.at)


def remember(state: AttendanceState, punched: Punch) -> AttendanceState:
    """Return the state after a punch that is durable."""
    return AttendanceState({**state.last, punched.person: punched})


def corrected(state: AttendanceState, person: str, last: Punch | None) -> AttendanceState:
    """Return the state after a correction by which `last` is somebody's last punch, None where none is."""
    others = {who: punched for who, punched in state.last.items() if who != person}
    return AttendanceState(others if last is None else others | {person: last})


def _kind(passing: Passing, last: Punch | None, rules: AttendanceRules) -> tuple[PunchKind, Source]:
    for source in rules.sources:
        found = _by(source, passing, last, rules)
        if found is not None:
            return found, source
    return _turn(last, passing, rules), Source.TURN


def _by(source: Source, passing: Passing, last: Punch | None, rules: AttendanceRules) -> PunchKind | None:
    match source:
        case Source.KEY:
            return passing.key
        case Source.DIRECTION if passing.direction is not None:
            return PunchKind.IN if passing.direction is Direction.IN else PunchKind.OUT
        case Source.SCHEDULE if passing.at.trusted:
            held = (
                kind
                for schedule, kind in rules.times
                if inside(schedule, passing.at.wall, rules.calendar, rules.zone)
            )
            return next(held, None)
        case Source.TURN:
            return _turn(last, passing, rules)
    return None


def _turn(last: Punch | None, passing: Passing, rules: AttendanceRules) -> PunchKind:
    """Return the opposite of the last punch; after a shift that would be too long somebody comes anew."""
    if last is None or last.kind is PunchKind.OUT:
        return PunchKind.IN
    seconds = _since(last, passing)
    if seconds is not None and seconds > rules.longest:
        return PunchKind.IN
    return PunchKind.BREAK_END if last.kind is PunchKind.BREAK_START else PunchKind.OUT


def _soon(last: Punch, passing: Passing, rules: AttendanceRules) -> bool:
    seconds = _since(last, passing)
    return seconds is not None and 0 <= seconds < rules.double


def _since(last: Punch, passing: Passing) -> float | None:
    """Return the seconds since a punch: monotonic within a boot, else by two trusted clocks, else unknown."""
    if last.boot == passing.boot and last.monotonic is not None:
        return passing.at.monotonic_ns / 1e9 - last.monotonic
    return passing.at.wall - last.wall if last.trusted and passing.at.trusted else None
