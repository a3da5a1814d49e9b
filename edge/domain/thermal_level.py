"""What the heat governor says of its rate: a level for people, and the crossings that become events."""

from dataclasses import dataclass
from enum import StrEnum

_REDUCED, _FULL = 0.5, 0.95  # the rates at which these levels begin


class Level(StrEnum):
    """A name for a stretch of the work rate; nothing is decided by it."""

    FULL = "full"
    REDUCED = "reduced"
    LOW = "low"
    PAUSED = "paused"


class Crossing(StrEnum):
    """A change worth an event, said once when it happens."""

    THROTTLED = "throttled"
    RECOVERED = "recovered"
    SENSOR_LOST = "sensor_lost"
    SENSOR_RESTORED = "sensor_restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRate:
    """The share of full work to do, 0 to 1, and what changed with this step."""

    rate: float
    level: Level
    crossings: tuple[Crossing, ...] = ()


def level(ceiling: float) -> Level:
    """Return the name of the highest rate that heat allows."""
    if ceiling <= 0:
        return Level.PAUSED
    if ceiling < _REDUCED:
        return Level.LOW
    return Level.REDUCED if ceiling < _FULL else Level.FULL


def crossings(*, throttled: tuple[bool, bool], blind: tuple[bool, bool]) -> tuple[Crossing, ...]:
    """Return what two flags crossed, each given as (before, after)."""
    found = []
    if throttled[0] != throttled[1]:
        found.append(Crossing.THROTTLED if throttled[1] else Crossing.RECOVERED)
    if blind[0] != blind[1]:
        found.append(Crossing.SENSOR_LOST if blind[1] else Crossing.SENSOR_RESTORED)
    return tuple(found)
