"""How often a model takes two different people for one, as measured, and what a whole gallery makes of it."""

import math
from dataclasses import dataclass

from edge.domain.score import Metric

SAME_THRESHOLD = 1e-6  # scores: 99 % by the inverse of a published curve is 0.42000000105, measured at 0.42
UNSEEN = 3.0  # "rule of three": none seen in n pairs bounds the rate by 3/n with 95 % confidence


@dataclass(frozen=True, slots=True)
class FalseMatchRow:
    """One measurement: the share `rate` of `pairs` pairs of different people of `group` passed `threshold`.

    `threshold` is a score; `pairs` is None where the number compared is not known.
    """

    group: str
    threshold: float
    rate: float
    pairs: int | None = None


@dataclass(frozen=True, slots=True)
class FalseMatchRate:
    """The rate to reckon with.

    `bound` says that it is an upper bound, `known` that anything was measured at all.
    """

    group: str
    rate: float
    bound: bool
    known: bool


UNKNOWN = FalseMatchRate("unknown", 1.0, bound=True, known=False)


@dataclass(frozen=True, slots=True)
class FalseMatchTable:
    """A model's measurements, for scores of one metric."""

    metric: Metric
    rows: tuple[FalseMatchRow, ...] = ()

    def worst(self, threshold: float) -> FalseMatchRate:
        """Return the highest rate of any measured group at a threshold.

        Between two measured thresholds the looser one's rate stands, an upper bound. A group that was never
        measured at or beyond this looseness makes no statement; where no group does, the rate is unknown and
        counts as 1.
        """
        groups = dict.fromkeys(row.group for row in self.rows)
        rates = [rate for group in groups if (rate := self._of_group(group, threshold)) is not None]
        return max(rates, key=lambda rate: rate.rate, default=UNKNOWN)

    def _of_group(self, group: str, threshold: float) -> FalseMatchRate | None:
        covering = [row for row in self.rows if row.group == group and self._covers(row.threshold, threshold)]
        if not covering:
            return None
        row = min(covering, key=lambda one: abs(one.threshold - threshold))
        exact = _same(row.threshold, threshold)
        if row.rate > 0:
            return FalseMatchRate(group, row.rate, bound=not exact, known=True)
        if row.pairs is None:
            return None  # "none seen" of an unknown number is no evidence
        return FalseMatchRate(group, min(UNSEEN / row.pairs, 1.0), bound=True, known=True)

    def _covers(self, measured: float, threshold: float) -> bool:
        """Return whether whatever passes `threshold` would have passed `measured` as well."""
        if _same(measured, threshold):
            return True
        return measured < threshold if self.metric is Metric.COSINE else measured > threshold


def _same(measured: float, threshold: float) -> bool:
    return abs(measured - threshold) <= SAME_THRESHOLD


def fpir(rate: float, people: int) -> float:
    """Return 1 − (1 − rate)^people, the chance that a stranger matches somebody, right for tiny rates too."""
    if people <= 0 or rate <= 0:
        return 0.0
    if rate >= 1:
        return 1.0
    return -math.expm1(people * math.log1p(-rate))


def largest_gallery(rate: float, max_fpir: float) -> int | None:
    """Return how many people a face alone may serve, so that fpir ≤ `max_fpir`; None where any number may."""
    if rate <= 0 or max_fpir >= 1:
        return None
    if rate >= 1:
        return 0
    people = math.floor(math.log1p(-max_fpir) / math.log1p(-rate))
    return people + 1 if fpir(rate, people + 1) <= max_fpir else people
