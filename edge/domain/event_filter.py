"""Which events somebody wants to see."""

from dataclasses import dataclass

from edge.domain.events import EventType


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Events of any of `types` (all where empty), about `person` (an id, None for anybody).

    Those of the types in `acted` only where somebody did it: their data has an `actor`.
    `begin` and `end` are UTC seconds of the wall clock, the first included and the second not, None for no
    limit.
    """

    types: frozenset[EventType] = frozenset()
    person: str | None = None
    begin: float | None = None
    end: float | None = None
    acted: frozenset[EventType] = frozenset()
