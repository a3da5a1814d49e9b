"""Comparison scores, and the percent that people read.

A profile's quadratic turns a score into a percent: a display scale and a language for thresholds, not a
probability. Decisions are taken on scores.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from edge.errors import ConfigError, ModelError

FEWEST_DIGITS, MOST_DIGITS = 2, 12


class Metric(StrEnum):
    """What a comparison score is."""

    COSINE = "cosine"  # of the angle between two vectors: higher is closer
    EUCLIDEAN = "euclidean"  # distance of the raw vectors: lower is closer


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """percent = a·s² + b·s + c for scores s from `low` to `high`.

    Of that range only the part counts on which percent rises with closeness: it is cut at the vertex of the
    parabola, and kept on the side of the closest score. Raises ModelError where nothing of it remains, or a
    figure is not finite.
    """

    metric: Metric
    a: float
    b: float
    c: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.a, self.b, self.c, self.low, self.high))):
            raise ModelError("curve: a, b, c and the range of scores must be finite numbers")
        if not self.low < self.high:
            raise ModelError(f"curve: the range of scores {self.low:g} to {self.high:g} is empty")
        farthest, closest = self._ends()
        if not self.closer(closest, farthest) or self._value(closest) <= self._value(farthest):
            raise ModelError(
                f"curve: percent does not rise with closeness anywhere from {self.low:g} to {self.high:g}"
            )

    @property
    def closest(self) -> float:
        """Return the closest score of the usable range."""
        return self._ends()[1]

    @property
    def farthest(self) -> float:
        """Return the farthest score of the usable range."""
        return self._ends()[0]

    def percent(self, score: float) -> float:
        """Return the percent of a score; beyond the usable range that of its nearest end."""
        least, most = sorted(self._ends())
        return self._value(min(max(score, least), most))

    def score(self, percent: float) -> float:
        """Return the score of a percent, the inverse on the usable range.

        Raises ConfigError for a percent that no score reaches, or that every score reaches.
        """
        lowest, highest = self._value(self.farthest), self._value(self.closest)
        reach = f"give one over {lowest:.4g} and up to {math.floor(highest * 10_000) / 10_000:g}"
        if not percent <= highest:
            raise ConfigError([f"{percent:g} % is reached by no score of this model; {reach}"])
        if not percent > lowest:
            raise ConfigError([f"{percent:g} % is reached by every score of this model; {reach}"])
        return self._inverse(percent)

    def closer(self, score: float, other: float) -> bool:
        """Return whether `score` is strictly closer than `other`."""
        return score > other if self.metric is Metric.COSINE else score < other

    def accepts(self, score: float, threshold: float) -> bool:
        """Return whether a score is at least as close as a threshold; a score that is no number is not."""
        return score >= threshold if self.metric is Metric.COSINE else score <= threshold

    def ahead(self, score: float, other: float, margin: float) -> bool:
        """Return whether `score` is closer than `other` by at least `margin` (in the unit of the score)."""
        lead = score - other if self.metric is Metric.COSINE else other - score
        return lead >= margin

    def _value(self, score: float) -> float:
        return (self.a * score + self.b) * score + self.c

    def _ends(self) -> tuple[float, float]:
        """Return the farthest and the closest score of the usable range.

        A parabola that opens downwards rises with closeness up to its vertex, one that opens upwards from it.
        """
        far, near = (self.low, self.high) if self.metric is Metric.COSINE else (self.high, self.low)
        if self.a == 0:
            return far, near
        vertex = -self.b / (2 * self.a)
        if self.a < 0:
            return (far, vertex) if self.closer(near, vertex) else (far, near)
        return (vertex, near) if self.closer(vertex, far) else (far, near)

    def _inverse(self, percent: float) -> float:
        far, near = self._ends()
        d = self.c - percent
        if self.a == 0:
            return -d / self.b
        root = math.sqrt(max(self.b * self.b - 4 * self.a * d, 0.0))
        q = -(self.b + math.copysign(root, self.b)) / 2  # avoids the cancellation of the school formula
        solutions = [q / self.a, d / q if q != 0 else q / self.a]
        least, most = min(far, near), max(far, near)
        inside: float = min(solutions, key=lambda s: max(least - s, s - most, 0.0))
        return min(max(inside, least), most)


def percent_text(score: float, threshold: float, scale: ScoreScale) -> str:
    """Return the percent of a score for people, such as `99.12 %`, that never contradicts the decision.

    Digits are cut, not rounded, and as many are shown as it takes for a rejected score to read lower than the
    threshold's percent cut in the same way, and for an accepted one not to. Where twelve digits do not tell
    them apart, a rejected score reads `< …`.
    """
    percent, limit = scale.percent(score), scale.percent(threshold)
    accepted = scale.accepts(score, threshold)
    for digits in range(FEWEST_DIGITS, MOST_DIGITS + 1):
        shown, bar = _cut(percent, digits), _cut(limit, digits)
        if (shown >= bar) == accepted:
            return f"{shown:.{digits}f} %"
    return f"{'≥' if accepted else '<'} {_cut(limit, FEWEST_DIGITS):.{FEWEST_DIGITS}f} %"


def _cut(percent: float, digits: int) -> float:
    return float(math.floor(round(percent * 10**digits, 6)) / 10**digits)
