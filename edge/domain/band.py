"""How far an accepted score is past the threshold, coarsely: an exact score helps somebody tune an attack."""

from enum import StrEnum

from edge.domain.score import Metric, ScoreScale


class Band(StrEnum):
    """The thirds of the way from the threshold to the closest score there is."""

    NEAR = "near"
    CLEAR = "clear"
    STRONG = "strong"


def band(score: float, threshold: float, scale: ScoreScale) -> Band:
    """Return the band of a score that `scale` accepts at `threshold`."""
    closest = scale.high if scale.metric is Metric.COSINE else scale.low
    way = closest - threshold
    share = (score - threshold) / way if way else 1.0
    if share < 1 / 3:
        return Band.NEAR
    return Band.CLEAR if share < 2 / 3 else Band.STRONG
