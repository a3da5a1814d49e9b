"""Comparison scores counted in bins of equal width: what a histogram and a threshold need of millions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.domain.score import Metric

BINS = 400


@dataclass(frozen=True, slots=True, eq=False)
class ScoreBins:
    """`counts` of scores between `low` and `high`; what lies outside counts in the outermost bins."""

    metric: Metric
    low: float
    high: float
    counts: NDArray[np.int64]

    @classmethod
    def empty(cls, metric: Metric, low: float, high: float) -> "ScoreBins":
        """Return bins without scores."""
        return cls(metric, low, high, np.zeros(BINS, np.int64))

    @property
    def total(self) -> int:
        """Return how many scores were counted."""
        return int(self.counts.sum())

    def add(self, scores: NDArray[np.float32]) -> None:
        """Count scores."""
        place = (scores - self.low) * (BINS / (self.high - self.low))
        found = np.clip(place, 0, BINS - 1).astype(np.int32)
        self.counts[:] += np.bincount(found.ravel(), minlength=BINS)

    def accepted(self, threshold: float) -> float | None:
        """Return the share of scores that a threshold accepts, to the width of a bin; None without scores."""
        if not self.total:
            return None
        place = (threshold - self.low) / (self.high - self.low) * BINS
        edge = min(max(place, 0.0), float(BINS))
        whole, part = int(edge), edge - int(edge)
        below = float(self.counts[:whole].sum())
        if whole < BINS:
            below += part * float(self.counts[whole])
        share = below / self.total
        return share if self.metric is Metric.EUCLIDEAN else 1 - share

    def shape(self, bars: int) -> list[int]:
        """Return the counts in so many bars, a divisor of BINS."""
        return [int(one) for one in self.counts.reshape(bars, -1).sum(axis=1)]
