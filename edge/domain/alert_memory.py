"""What the limits of alerts remember, and how it is kept with a sink's cursor."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from edge.domain.alert import Alert, AlertKind

HOUR = 3600.0
MOST_KEYS = 200  # alerts told apart; of more, the oldest are forgotten


@dataclass(slots=True)
class HeldBack:
    """What was held back of one alert: how often, which events, when first and last, whether it is over."""

    kind: AlertKind
    count: int
    first_seq: int
    last_seq: int
    first_time: str
    last_time: str
    over: bool

    def add(self, alert: Alert) -> None:
        """Count one more; the end of an alert only changes how it stands."""
        self.count += not alert.over
        self.last_seq, self.last_time, self.over = alert.event.seq, alert.event.time, alert.over


@dataclass(slots=True)
class AlertMemory:
    """Times are monotonic seconds.

    `sent` is when alerts of which kind were told in the last hour, `last` when each was told last; `standing`
    are those that are not over, and whether they were told. `held` is what was held back since `since`.
    """

    sent: deque[tuple[float, AlertKind]] = field(default_factory=deque)
    last: dict[str, float] = field(default_factory=dict)
    standing: dict[str, bool] = field(default_factory=dict)
    held: dict[str, HeldBack] = field(default_factory=dict)
    since: float | None = None

    def stand(self, key: str, *, told: bool) -> None:
        """Note that an alert is not over, and whether it was told."""
        self.standing[key] = told
        for known in (self.standing, self.last):
            while len(known) > MOST_KEYS:
                known.pop(next(iter(known)))

    def json(self, now: float, wall: float) -> dict[str, Any]:
        """Return all of it as JSON; its times are UTC seconds."""
        shift = wall - now
        return {
            "sent": [[round(at + shift, 1), kind] for at, kind in self.sent],
            "last": {key: round(at + shift, 1) for key, at in self.last.items()},
            "standing": self.standing,
            "held": {key: list(astuple(one)) for key, one in self.held.items()},
            "since": None if self.since is None else self.since + shift,
        }


def recalled(memory: Mapping[str, Any], now: float, wall: float) -> AlertMemory:
    """Return what `AlertMemory.json` gave; what cannot be understood is left out.

    The wall clock may have been set meanwhile: nothing counts as younger than now or older than an hour.
    """

    def then(at: Any) -> float:
        age = wall - at if isinstance(at, int | float) else 0.0
        return now - min(max(age, 0.0), HOUR)

    kinds = frozenset(AlertKind)
    sent = memory.get("sent")
    held = {
        key: HeldBack(AlertKind(one[0]), *one[1:])
        for key, one in _items(memory.get("held"))
        if isinstance(one, list) and len(one) == len(HeldBack.__slots__) and one[0] in kinds
    }
    return AlertMemory(
        sent=deque((then(at), AlertKind(kind)) for at, kind in sent or () if kind in kinds),
        last={key: then(at) for key, at in _items(memory.get("last"))},
        standing={key: bool(told) for key, told in _items(memory.get("standing"))},
        held=held,
        since=then(memory.get("since")) if held else None,
    )


def _items(value: object) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, Mapping) else ()
