"""How far today's recognitions were from the threshold, and how near strangers came; from the events."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from edge.domain.band import Band
from edge.domain.events import Event, EventType


@dataclass(frozen=True, slots=True)
class Margins:
    """`bands` counts recognitions by how far they were past the threshold.

    `least` is the percent of the one nearest to it, `nearest` that of the stranger who came nearest, and
    `strangers` how many were not known; None where there was none.
    """

    bands: tuple[tuple[Band, int], ...]
    least: float | None
    nearest: float | None
    strangers: int


def margins(events: Iterable[Event]) -> Margins:
    """Return the margins of some events."""
    bands: Counter[str] = Counter()
    least: list[float] = []
    nearest: list[float] = []
    strangers = 0
    for event in events:
        percent = event.data.get("percent")
        told = [float(percent)] if isinstance(percent, int | float) else []
        if event.type == EventType.ACCESS_GRANTED:
            bands[str(event.data.get("band", ""))] += 1
            least += told
        elif event.type == EventType.ACCESS_DENIED and event.data.get("reason") == "unknown":
            strangers += 1
            nearest += told
    return Margins(
        bands=tuple((band, bands[band]) for band in Band),
        least=min(least, default=None),
        nearest=max(nearest, default=None),
        strangers=strangers,
    )
