"""What vision has done since the parent began, over all of its children: counts never go back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from edge.domain.latency import Latencies
from edge.vision_wire import Progress

MOST_STAGES = 16  # of the latencies; a child that names ever new ones must not fill the parent


@dataclass(frozen=True, slots=True)
class _State:
    counts: Mapping[str, int]  # of the children before
    latencies: Mapping[str, Latencies]
    now: Progress


class VisionTotals:
    """Adds up what each child says of itself; for one thread, read from any."""

    def __init__(self) -> None:
        self._state = _State(dict.fromkeys(("frames", "faces", "tracks"), 0), {}, Progress())

    def begin(self) -> None:
        """Take note that a new child counts from nothing."""
        self._state = _State(self.counts, self.latencies, Progress())

    def take(self, progress: Progress) -> None:
        """Take what a child has done since its start."""
        self._state = replace(self._state, now=progress)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many `frames`, `faces` in them and `tracks` there were."""
        state = self._state
        return {name: before + getattr(state.now, name) for name, before in state.counts.items()}

    @property
    def latencies(self) -> dict[str, Latencies]:
        """Return the latencies of each stage."""
        state = self._state
        total = dict(state.latencies)
        for stage, spent in state.now.stages.items():
            if stage in total or len(total) < MOST_STAGES:
                total[stage] = total.get(stage, Latencies()) + spent.latencies
        return total
