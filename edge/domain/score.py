"""Comparison scores: which is closer, what a threshold accepts, and the percent people read.

Decisions are taken on scores. The percent is a display scale and a language for thresholds, not a
probability: percent = a·s² + b·s + c, the form in which FACE01 published its two curves (for dlib's distances
and for the cosines of JAPANESE FACE v1).
"""

import math
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from edge.errors import ConfigError, ModelError

_EQUAL = 1e-9  # percent; less is rounding of the curve, and a curve that rises no more shows nothing
_EXACT = 1e-6  # percent; a threshold given as a percent and kept as a score comes back within this
_HUNDREDTH = Decimal("0.01")
_MOST_DIGITS = 4  # decimals of an accepted score; beyond them it is rounded up, not written longer


class Metric(StrEnum):
    """How two vectors are compared."""

    COSINE = "cosine"  # cosine of the angle between them; higher is closer
    EUCLIDEAN = "euclidean"  # distance of the raw values; lower is closer


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """The scores of a model and the percent shown for them.

    `a`, `b`, `c` give percent = a·s² + b·s + c on scores `low` to `high`. `usable` is the part of that range
    on which percent rises with closeness: it ends at the vertex of the curve. Raises ModelError where there
    is no such part, or where a figure is not finite.
    """

    metric: Metric
    a: float
    b: float
    c: float
    low: float
    high: float
    usable: tuple[float, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        figures = (self.a, self.b, self.c, self.low, self.high)
        if not all(math.isfinite(figure) for figure in figures):
            raise ModelError(f"curve {self.a}, {self.b}, {self.c} on {self.low} to {self.high}: not finite")
        if self.low >= self.high:
            raise ModelError(f"score range {self.low:g} to {self.high:g}: it holds no scores")
        low, high = self._monotonic_part()
        object.__setattr__(self, "usable", (low, high))
        rise = self._rising * (self._curve(high) - self._curve(low)) if low < high else 0.0
        if not (math.isfinite(rise) and rise > _EQUAL):
            raise ModelError(
                f"curve {self.a:g}·s² + {self.b:g}·s + {self.c:g} on {self.low:g} to {self.high:g}: "
                f"percent does not rise with closeness ({self.metric})"
            )

    @property
    def least(self) -> float:
        """Return the percent of the least close usable score."""
        return self._curve(self.usable[0] if self.metric is Metric.COSINE else self.usable[1])

    @property
    def most(self) -> float:
        """Return the percent of the closest usable score."""
        return self._curve(self.usable[1] if self.metric is Metric.COSINE else self.usable[0])

    def percent(self, score: float) -> float:
        """Return the percent of a score; one beyond the usable range has the percent of its end.

        Raises ModelError for a score that is not a number.
        """
        if math.isnan(score):
            raise ModelError("score: it is not a number")
        low, high = self.usable
        return self._curve(min(max(score, low), high))

    def score(self, percent: float) -> float:
        """Return the score whose percent is `percent`; the inverse of `percent` on the usable range.

        Raises ConfigError for a percent that no score reaches, or that every score reaches.
        """
        least, most = self.least, self.most
        if not least + _EQUAL < percent <= most + _EQUAL:
            fault = "every score reaches it" if percent <= least + _EQUAL else "no score reaches it"
            raise ConfigError([f"{percent:g} % is no threshold: {fault}; give {_interval(least, most)}"])
        low, high = self.usable
        return min(max(self._root(percent), low), high) + 0.0  # no −0

    def closer(self, score: float, other: float) -> bool:
        """Return whether `score` is closer than `other`."""
        return score > other if self.metric is Metric.COSINE else score < other

    def accepts(self, score: float, threshold: float) -> bool:
        """Return whether a score is at `threshold` or closer; False where either is not a number."""
        return score >= threshold if self.metric is Metric.COSINE else score <= threshold

    def ahead(self, score: float, other: float, margin: float) -> bool:
        """Return whether `score` is closer than `other` by `margin` or more (by 0: at least as close)."""
        lead = score - other if self.metric is Metric.COSINE else other - score
        return lead >= margin

    @property
    def _rising(self) -> float:
        """1 where percent must grow with the score, −1 where it must fall."""
        return 1.0 if self.metric is Metric.COSINE else -1.0

    def _curve(self, score: float) -> float:
        return (self.a * score + self.b) * score + self.c

    def _monotonic_part(self) -> tuple[float, float]:
        """Return the part of low to high on which the slope 2·a·s + b has the sign of `_rising`."""
        if self.a == 0:
            return self.low, self.high
        vertex = -self.b / (2 * self.a)
        if (self.a > 0) == (self._rising > 0):  # the wanted side is that of the higher scores
            return max(self.low, vertex), self.high
        return self.low, min(self.high, vertex)

    def _root(self, percent: float) -> float:
        """Solve a·s² + b·s + c = percent on the usable side.

        The slope there is plus or minus the root of the discriminant. Of the two ways to write the solution
        the one is taken that subtracts no two nearly equal numbers, so a curve that is almost straight is
        inverted as exactly as any other.
        """
        slope = self._rising * math.sqrt(max(self.b * self.b - 4 * self.a * (self.c - percent), 0.0))
        if slope * self.b > 0:
            return 2 * (percent - self.c) / (slope + self.b)
        return (slope - self.b) / (2 * self.a)


def percent_text(score: float, threshold: float, scale: ScoreScale) -> str:
    """Return the percent of a score, as in "98.97 %", such that it never contradicts the decision.

    A rejected score prints below the threshold's percent, an accepted one never below it, whether the
    threshold is read exactly or with two decimals. Decimals are added to the usual two as needed; where they
    do not help the last one is rounded to the side of the decision.
    """
    percent, limit = scale.percent(score), scale.percent(threshold)
    shown = Decimal(f"{limit:.2f}")
    if scale.accepts(score, threshold):
        return f"{_accepted(percent, limit):f} %"
    return f"{_rejected(percent, limit, shown):f} %"


def _accepted(percent: float, limit: float) -> Decimal:
    """Round `percent` so that it is not below `limit`, nor (as rounding sees to) below its two decimals."""
    floor = Decimal(limit - _EXACT)
    for digits in range(2, _MOST_DIGITS + 1):
        text = Decimal(f"{percent:.{digits}f}")
        if text >= floor:
            return text
    return max(Decimal(percent), Decimal(limit)).quantize(Decimal(10) ** -_MOST_DIGITS, ROUND_CEILING)


def _rejected(percent: float, limit: float, shown: Decimal) -> Decimal:
    """Round `percent` so that it is below the limit, and below the limit as `shown` with two decimals."""
    below = min(shown, Decimal(limit))
    for digits in range(2, 16):  # a double has no more
        text = Decimal(f"{percent:.{digits}f}")
        if text < below and text < Decimal(f"{limit:.{digits}f}"):
            return text
    down = min(Decimal(percent), below).quantize(_HUNDREDTH, ROUND_FLOOR)
    return down if down < below else down - _HUNDREDTH


def _interval(least: float, most: float) -> str:
    """Write the reachable percents with two decimals, rounded inwards."""
    low = Decimal(least + _EQUAL).quantize(_HUNDREDTH, ROUND_FLOOR) + _HUNDREDTH
    high = Decimal(most + _EQUAL).quantize(_HUNDREDTH, ROUND_FLOOR)
    return f"{low} to {high}" if low < high else f"more than {least!r}, at most {most!r}"
