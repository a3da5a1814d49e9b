"""Who is inside, from the same events: the list that somebody reads at the assembly point."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from edge.domain.events import Event, EventType

_LEFT = {"out"}
_CAME = {"in", "break_end"}


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody who was let in and is not known to have left.

    `area` is where; `since` UTC seconds; `on_break` that they may have gone for one; `certain` is off where
    the time is not to be trusted or long past.
    """

    person: str
    area: str
    since: float
    on_break: bool = False
    certain: bool = True


def muster(
    events: Iterable[Event],
    *,
    now: float,
    outside: frozenset[str] = frozenset({"outside"}),
    stale: float = 57600.0,
) -> list[Inside]:
    """Return who is inside after `events`, given in journal order, the latest arrivals last.

    Areas in `outside` count as gone. Whoever came more than `stale` seconds before `now` is listed as not
    certain: most likely they left unseen, but a list for rescuers errs on the long side.
    """
    found: dict[str, Inside] = {}
    for event in events:
        _take(event, found, outside)
    aged = [replace(one, certain=one.certain and 0 <= now - one.since <= stale) for one in found.values()]
    return sorted(aged, key=lambda one: (one.since, one.person))


def _take(event: Event, found: dict[str, Inside], outside: frozenset[str]) -> None:
    match event.type:
        case EventType.ACCESS_GRANTED:
            _passed(event, found, outside)
        case EventType.ATTENDANCE_PUNCHED if event.person is not None:
            _punched(event, event.person, event.data, found)
        case EventType.MUSTER_CLEARED | EventType.PERSON_REMOVED:
            if event.person is not None:
                found.pop(event.person, None)
            elif event.type is EventType.MUSTER_CLEARED:
                found.clear()


def _passed(event: Event, found: dict[str, Inside], outside: frozenset[str]) -> None:
    area = event.data.get("area")
    for who in (event.person, event.data.get("with")):
        if not isinstance(who, str) or not isinstance(area, str):
            continue
        if area in outside:
            found.pop(who, None)
        else:
            found[who] = Inside(who, area, _wall(event), certain=event.clock_trusted)


def _punched(event: Event, person: str, data: Mapping[str, Any], found: dict[str, Inside]) -> None:
    kind = data.get("kind")
    if kind in _LEFT:
        found.pop(person, None)
    elif person in found:
        found[person] = replace(found[person], on_break=kind == "break_start")
    elif kind in _CAME:
        found[person] = Inside(person, str(data.get("door", "")), _wall(event), certain=event.clock_trusted)


def _wall(event: Event) -> float:
    return datetime.fromisoformat(event.time).timestamp()
