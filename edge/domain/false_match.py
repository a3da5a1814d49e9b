"""False match rates: what a model's profile measured, and what follows for a gallery (ISO/IEC 19795-1)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.domain.score import Metric

# "Rule of three": where no false match was seen in n pairs, the 95 % upper bound of the rate is 3/n.
_RULE_OF_THREE = 3.0
# Scores; thresholds nearer than this are one. By the inverse of its published curve, dlib's 99 % is
# 0.42000000105, and the rates were measured at 0.42.
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class FalseMatchRow:
    """A measured rate: how often two different people of `group` pass at `threshold` (a score).

    `pairs` is the number of pairs compared, None where it is not known.
    """

    group: str
    threshold: float
    rate: float
    pairs: int | None = None

    @property
    def evidence(self) -> "FalseMatchRate | None":
        """Return what the row says; None where it says nothing: no match seen, in nobody knows how many."""
        if self.rate > 0:
            return FalseMatchRate(self.group, self.rate, bound=False)
        if not self.pairs:
            return None
        return FalseMatchRate(self.group, min(_RULE_OF_THREE / self.pairs, 1.0), bound=True)


@dataclass(frozen=True, slots=True)
class FalseMatchRate:
    """The false match rate to reckon with, of the worst group.

    `bound` says that it is an upper bound rather than a measured rate; `known` is False where nothing was
    measured that holds, and `rate` is 1 then.
    """

    group: str
    rate: float
    bound: bool
    known: bool = True


UNKNOWN = FalseMatchRate("", 1.0, bound=True, known=False)


@dataclass(frozen=True, slots=True)
class FalseMatchTable:
    """All rows of a model, in any order; `metric` says which thresholds are the looser ones."""

    metric: Metric
    rows: Sequence[FalseMatchRow]

    def worst(self, threshold: float) -> FalseMatchRate:
        """Return the rate of the worst group at a threshold (a score).

        Of each group counts the row at this threshold or, between rows, the next looser one, whose rate is an
        upper bound. A group whose rows say nothing, or are all stricter than the threshold, is passed over;
        but where such a stricter row saw more false matches than any rate found, the worst is not known.
        """
        groups = {row.group for row in self.rows}
        found = [rate for group in groups if (rate := self._of_group(group, threshold)) is not None]
        worst = max(found, key=lambda rate: (rate.rate, not rate.bound, rate.group), default=UNKNOWN)
        strictness = self._strictness(threshold)
        hidden = (row.rate for row in self.rows if self._strictness(row.threshold) > strictness + _SAME)
        return worst if max(hidden, default=0.0) <= worst.rate else UNKNOWN

    def _of_group(self, group: str, threshold: float) -> FalseMatchRate | None:
        """Return the evidence of the strictest row that is not stricter than `threshold`."""
        strictness = self._strictness(threshold)
        usable = [
            (self._strictness(row.threshold), rate)
            for row in self.rows
            if row.group == group
            and self._strictness(row.threshold) <= strictness + _SAME
            and (rate := row.evidence) is not None
        ]
        if not usable:
            return None
        strictest, rate = max(usable, key=lambda pair: (pair[0], pair[1].rate))
        exact = abs(strictest - strictness) <= _SAME
        return FalseMatchRate(group, rate.rate, bound=rate.bound or not exact)

    def _strictness(self, threshold: float) -> float:
        return threshold if self.metric is Metric.COSINE else -threshold


def fpir(rate: float, people: int) -> float:
    """Return the false-positive identification rate 1 − (1 − rate)^people of a gallery of `people`.

    Computed by log1p and expm1, so that rates far below 1e-16 are not lost.
    """
    if people <= 0 or rate <= 0:
        return 0.0
    if rate >= 1:
        return 1.0
    return -math.expm1(people * math.log1p(-rate))


def largest_gallery(rate: float, max_fpir: float) -> int | None:
    """Return the most people for whom `fpir` stays at or under `max_fpir`; None where there is no limit."""
    if rate <= 0 or max_fpir >= 1:
        return None
    if rate >= 1 or max_fpir <= 0:
        return 0
    people = math.floor(math.log1p(-max_fpir) / math.log1p(-rate))
    if fpir(rate, people + 1) <= max_fpir:  # the quotient fell a rounding short of a whole number
        return people + 1
    return people if fpir(rate, people) <= max_fpir else people - 1
