"""What the policy remembers, folded from events alone, so that a restart rebuilds it from the journal."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from edge.domain.access_reason import Denial, Grant
from edge.domain.access_two_person import Waiting
from edge.domain.events import EventType, Instant
from edge.domain.passback import Presence
from edge.domain.second_factor_attempts import Failures

T = TypeVar("T")
Change = Callable[["AccessState", str | None, Mapping[str, Any], float], "AccessState"]
_FORGOTTEN = 3600.0  # s after which wrong entries that belong to no person count no more


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessState:
    """The memory of all doors of a terminal; all times are monotonic seconds.

    `presence`, `failures` and `visits` are by person id, `waiting` by door. `failures` holds entries that
    belong to no person under `@` and the door. `trusted_wall` is the UTC second of the last event under a
    trusted clock; it is later now.
    """

    lockdown: bool = False
    evacuation: bool = False
    presence: Mapping[str, Presence] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    failures: Mapping[str, Failures] = field(default_factory=dict)
    visits: Mapping[str, int] = field(default_factory=dict)
    trusted_wall: float | None = None


EMPTY = AccessState()


def attempts_key(person: str | None, door: str) -> str:
    """Return under which key the wrong PINs of a person, or of nobody in particular, are counted."""
    return f"@{door}" if person is None else person


def apply(
    state: AccessState, event: EventType, person: str | None, data: Mapping[str, Any], at: Instant
) -> AccessState:
    """Return the state after an event; one that means nothing to the policy changes only `trusted_wall`.

    Apply an event when it is durable, and no other, in the order of the journal.
    """
    if at.trusted and math.isfinite(at.wall):
        state = replace(state, trusted_wall=at.wall)
    change = _CHANGES.get(event)
    return state if change is None else change(state, person, data, at.monotonic_ns / 1e9)


def _granted(state: AccessState, person: str | None, data: Mapping[str, Any], now: float) -> AccessState:
    state = _pin(state, person, data, now)
    door, area = data.get("door"), data.get("area")
    passed = [who for who in (person, data.get("with")) if isinstance(who, str)]
    state = replace(
        state,
        waiting={
            where: waiting
            for where, waiting in state.waiting.items()
            if where != door and waiting.person not in passed
        },
    )
    if isinstance(area, str):
        came = {who: Presence(area, now) for who in passed}
        state = replace(state, presence={**state.presence, **came})
    if person is not None and data.get("reason") == Grant.VISITOR_PIN:
        state = replace(state, visits={**state.visits, person: state.visits.get(person, 0) + 1})
    return state


def _denied(state: AccessState, person: str | None, data: Mapping[str, Any], now: float) -> AccessState:
    state = _pin(state, person, data, now)
    door = data.get("door")
    if person is None or not isinstance(door, str) or data.get("reason") != Denial.SECOND_PERSON_MISSING:
        return state
    waiting = Waiting(person, now, escort=bool(data.get("escort")))
    return replace(state, waiting={**state.waiting, door: waiting})


def _pin(state: AccessState, person: str | None, data: Mapping[str, Any], now: float) -> AccessState:
    key = attempts_key(person, str(data.get("door")))
    match data.get("pin"):
        case "wrong":
            before = state.failures.get(key, Failures())
            count = 1 if person is None and now - before.at > _FORGOTTEN else before.count + 1
            return replace(state, failures={**state.failures, key: Failures(count, now)})
        case "matched":
            return replace(state, failures=_without(state.failures, key))
    return state


def _forgive(state: AccessState, person: str | None, _: Mapping[str, Any], __: float) -> AccessState:
    return replace(state, presence={} if person is None else _without(state.presence, person))


def _changed(state: AccessState, person: str | None, data: Mapping[str, Any], _: float) -> AccessState:
    """A new PIN, or one that an admin reset, has no failures."""
    return state if data.get("pin") is None else replace(state, failures=_without(state.failures, person))


def _forget(state: AccessState, person: str | None, _: Mapping[str, Any], __: float) -> AccessState:
    return replace(
        state,
        presence=_without(state.presence, person),
        failures=_without(state.failures, person),
        visits=_without(state.visits, person),
        waiting={door: waiting for door, waiting in state.waiting.items() if waiting.person != person},
    )


def _lockdown(*, on: bool) -> Change:
    """Return the change by which nobody is waited for any more."""
    return lambda state, _, __, ___: replace(state, waiting={}, lockdown=on)


def _started(state: AccessState, _: str | None, __: Mapping[str, Any], ___: float) -> AccessState:
    return replace(state, waiting={})


def _evacuation_started(state: AccessState, _: str | None, __: Mapping[str, Any], ___: float) -> AccessState:
    return replace(state, waiting={}, evacuation=True)


def _evacuation_ended(state: AccessState, _: str | None, __: Mapping[str, Any], ___: float) -> AccessState:
    return replace(state, waiting={}, presence={}, evacuation=False)


def _fire_ended(state: AccessState, _: str | None, __: Mapping[str, Any], ___: float) -> AccessState:
    """People came and went unseen, so that nobody's area is known."""
    return replace(state, waiting={}, presence={})


def _without(mapping: Mapping[str, T], key: object) -> Mapping[str, T]:
    return {name: value for name, value in mapping.items() if name != key} if key in mapping else mapping


_CHANGES: dict[EventType, Change] = {
    EventType.ACCESS_GRANTED: _granted,
    EventType.ACCESS_DENIED: _denied,
    EventType.LOCKDOWN_STARTED: _lockdown(on=True),
    EventType.LOCKDOWN_ENDED: _lockdown(on=False),
    EventType.EVACUATION_STARTED: _evacuation_started,
    EventType.EVACUATION_ENDED: _evacuation_ended,
    EventType.FIRE_ENDED: _fire_ended,
    EventType.PASSBACK_FORGIVEN: _forgive,
    EventType.PERSON_CHANGED: _changed,
    EventType.PERSON_REMOVED: _forget,
    EventType.SYSTEM_STARTED: _started,
}
