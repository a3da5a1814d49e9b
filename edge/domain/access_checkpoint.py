"""The policy's memory as JSON, so that a start need not fold the whole journal anew.

It stands beside the number of the last event that it holds, in one transaction, and is worth nothing
otherwise: what cannot be read exactly is not used, and the journal is folded from its beginning.
"""

import math
from collections.abc import Mapping
from typing import Any

from edge.domain.access_state import AccessState
from edge.domain.access_two_person import Waiting
from edge.domain.events import Instant
from edge.domain.passback import Presence
from edge.domain.second_factor_attempts import Failures

FORM = 1  # of this JSON; one of another number is not read


def dump(state: AccessState, *, boot_id: str, now: Instant, evacuated: int | None = None) -> dict[str, Any]:
    """Return a state as JSON; `evacuated` is the row of an evacuation that goes on."""
    return {
        "form": FORM,
        "boot": boot_id,
        "now": [now.wall, now.monotonic_ns, now.trusted],
        "lockdown": state.lockdown,
        "evacuation": state.evacuation,
        "evacuated": evacuated,
        "presence": {who: [one.area, round(one.at, 3)] for who, one in state.presence.items()},
        "waiting": {door: [one.person, one.at, one.escort] for door, one in state.waiting.items()},
        "failures": {key: [one.count, round(one.at, 3)] for key, one in state.failures.items()},
        "visits": dict(state.visits),
        "trusted_wall": state.trusted_wall,
    }


def load(found: Mapping[str, Any], *, boot_id: str, now: Instant) -> tuple[AccessState, int | None] | None:
    """Return the state and the row of an evacuation, None where it is not exactly what `dump` writes.

    The moments of an earlier boot are dated as `access_replay.restore` dates its events.
    """
    try:
        return _load(found, boot_id=boot_id, now=now)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _load(found: Mapping[str, Any], *, boot_id: str, now: Instant) -> tuple[AccessState, int | None] | None:
    if found["form"] != FORM:
        return None
    wall, monotonic_ns, trusted = found["now"]
    moved = _Moved(found["boot"] == boot_id, Instant(float(wall), int(monotonic_ns), trusted is True), now)
    state = AccessState(
        lockdown=_flag(found["lockdown"]),
        evacuation=_flag(found["evacuation"]),
        presence={str(who): Presence(str(area), moved(at)) for who, (area, at) in found["presence"].items()},
        waiting={
            str(door): Waiting(str(who), moved(at), escort=_flag(escort))
            for door, (who, at, escort) in found["waiting"].items()
        },
        failures={
            str(key): Failures(int(count), moved(at)) for key, (count, at) in found["failures"].items()
        },
        visits={str(who): int(count) for who, count in found["visits"].items()},
        trusted_wall=None if found["trusted_wall"] is None else _finite(found["trusted_wall"]),
    )
    evacuated = found["evacuated"]
    return state, None if evacuated is None else int(evacuated)


class _Moved:
    """Turns monotonic seconds of the dump into those of this boot."""

    def __init__(self, same_boot: bool, then: Instant, now: Instant) -> None:
        self._same_boot = same_boot
        self._then = then
        self._now = now

    def __call__(self, at: float) -> float:
        then, now = self._then, self._now
        if self._same_boot:
            return _finite(at)
        if not (then.trusted and now.trusted):
            return 0.0
        ago = (now.wall - then.wall) + (then.monotonic_ns / 1e9 - _finite(at))
        return min(now.monotonic_ns / 1e9 - ago, 0.0)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("it is neither true nor false")
    return value


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValueError("it is no moment")
    return float(value)
