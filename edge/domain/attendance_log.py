"""The punches that count, from the events: dated as well as can be, and corrected.

An event is never edited. A correction is a new event, and the last one about a punch counts.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from edge.domain.attendance_punch import Mark, Punch, PunchKind, Source
from edge.domain.events import Event, EventType, NewEvent
from edge.errors import NotFoundError, RuleError


def read_punches(events: Iterable[Event]) -> list[Punch]:
    """Return the punches of events in journal order, everybody's; those that an admin dated stand by time.

    A punch under an untrusted clock is dated by the nearest trusted event of the same boot, where there is
    one among `events`, and marked in either case.
    """
    listed = list(events)
    anchors = _anchors(listed)
    punches: dict[str, Punch] = {}
    dated: dict[str, Punch] = {}
    for event in listed:
        if event.type is EventType.ATTENDANCE_PUNCHED and event.person is not None:
            punches[event.id] = _dated(_punch(event), anchors)
        elif event.type is EventType.ATTENDANCE_CORRECTED:
            _correct(event, punches, dated)
    found = list(punches.values())
    for punch in sorted(dated.values(), key=lambda each: each.wall):
        found.insert(next((i for i, other in enumerate(found) if other.wall > punch.wall), len(found)), punch)
    return found


def add_punch(person: str, kind: PunchKind, wall: float, *, actor: str) -> NewEvent:
    """Return the correction that adds a forgotten punch at UTC second `wall`; raises RuleError."""
    data = {"action": "add", "kind": str(kind), "time": _iso(wall), "actor": actor}
    return NewEvent(EventType.ATTENDANCE_CORRECTED, person, data)


def change_punch(of: str, kind: PunchKind, wall: float, *, actor: str, punches: Sequence[Punch]) -> NewEvent:
    """Return the correction that gives punch `of` another kind and time; raises NotFoundError, RuleError."""
    person = _find(of, punches).person
    data = {"action": "change", "of": of, "kind": str(kind), "time": _iso(wall), "actor": actor}
    return NewEvent(EventType.ATTENDANCE_CORRECTED, person, data)


def void_punch(of: str, *, actor: str, punches: Sequence[Punch]) -> NewEvent:
    """Return the correction by which punch `of` no longer counts; raises NotFoundError."""
    data = {"action": "void", "of": of, "actor": actor}
    return NewEvent(EventType.ATTENDANCE_CORRECTED, _find(of, punches).person, data)


Anchors = Mapping[
    str, list[tuple[float, float]]
]  # by boot: (monotonic, wall) of events under a trusted clock


def _anchors(events: Iterable[Event]) -> Anchors:
    found: dict[str, list[tuple[float, float]]] = {}
    for event in events:
        if event.clock_trusted:
            found.setdefault(event.boot_id, []).append((event.monotonic_ns / 1e9, _wall(event.time)))
    return {boot: sorted(anchors) for boot, anchors in found.items()}


def _punch(event: Event) -> Punch:
    return Punch(
        id=event.id,
        person=str(event.person),
        kind=PunchKind(event.data["kind"]),
        wall=_wall(event.time),
        boot=event.boot_id,
        monotonic=event.monotonic_ns / 1e9,
        trusted=event.clock_trusted,
        source=Source(event.data["source"]),
    )


def _dated(punch: Punch, anchors: Anchors) -> Punch:
    if punch.trusted or punch.boot is None or punch.monotonic is None:
        return punch
    known = anchors.get(punch.boot)
    if not known:
        return replace(punch, marks=punch.marks | {Mark.CLOCK_UNTRUSTED})
    when = punch.monotonic
    place = bisect_left(known, (when, 0.0))
    monotonic, wall = min(known[max(place - 1, 0) : place + 1], key=lambda anchor: abs(anchor[0] - when))
    return replace(punch, wall=wall + when - monotonic, trusted=True, marks=punch.marks | {Mark.REDATED})


def _correct(event: Event, punches: dict[str, Punch], dated: dict[str, Punch]) -> None:
    of = str(event.data.get("of", event.id))
    punches.pop(of, None)
    dated.pop(of, None)
    if event.data["action"] == "void":
        return
    dated[of] = Punch(
        id=of,
        person=str(event.person),
        kind=PunchKind(event.data["kind"]),
        wall=_wall(str(event.data["time"])),
        source=Source.ADMIN,
        marks=frozenset({Mark.CORRECTED}),
    )


def _find(of: str, punches: Sequence[Punch]) -> Punch:
    for punch in punches:
        if punch.id == of:
            return punch
    raise NotFoundError(f'punch "{of}": there is none by this id, or it does not count any more')


def _wall(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _iso(wall: float) -> str:
    try:
        moment = datetime.fromtimestamp(wall, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise RuleError("punch: its time lies beyond all calendars") from error
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
