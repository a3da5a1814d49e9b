"""The histogram of the site's scores in numbers: closer is to the right, whatever the metric."""

from dataclasses import dataclass

from edge.domain.score import Metric, ScoreScale
from edge.domain.score_bins import BINS, ScoreBins
from edge.office.score_study import Study

WIDTH, HEIGHT = 1000.0, 200.0
BARS = 100
ROOM = 3  # bars left free at each side of what there is


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """Two areas over one axis; `ticks` are (place, percent)."""

    genuine: str
    impostor: str
    first: float
    last: float
    ticks: tuple[tuple[float, str], ...]

    def x(self, score: float) -> float:
        """Return where a score stands, kept inside of the chart."""
        share = (score - self.first) / (self.last - self.first)
        return round(min(max(share, 0.0), 1.0) * WIDTH, 1)


def score_chart(study: Study, scale: ScoreScale, threshold: float) -> ScoreChart:
    """Return the chart; each area has its own height, for there are far more pairs of different people."""
    low, high = _used(study, scale, threshold)
    first, last = _score(low, scale), _score(high, scale)
    if scale.metric is Metric.EUCLIDEAN:
        first, last = last, first
    chart = ScoreChart("", "", first, last, ())
    ticks = [first + (last - first) * part / 5 for part in range(6)]
    return ScoreChart(
        _area(study.genuine, low, high),
        _area(study.impostor, low, high),
        first,
        last,
        tuple((chart.x(score), f"{scale.percent(score):.2f} %") for score in ticks),
    )


def _used(study: Study, scale: ScoreScale, threshold: float) -> tuple[int, int]:
    """Return the first and last bar that the chart has to show."""
    counts = [a + b for a, b in zip(study.genuine.shape(BARS), study.impostor.shape(BARS), strict=True)]
    there = [bar for bar, count in enumerate(counts) if count]
    there.append(int((threshold - scale.low) / (scale.high - scale.low) * BARS))
    return max(min(there) - ROOM, 0), min(max(there) + 1 + ROOM, BARS)


def _score(bar: int, scale: ScoreScale) -> float:
    return scale.low + (scale.high - scale.low) * bar / BARS


def _area(bins: ScoreBins, low: int, high: int) -> str:
    if not bins.total:
        return ""
    counts = bins.shape(BARS)[low:high]
    if bins.metric is Metric.EUCLIDEAN:
        counts = counts[::-1]
    most, step = max(counts), WIDTH / len(counts)
    path = [f"M0,{HEIGHT:g}"]
    for place, count in enumerate(counts):
        y = round(HEIGHT - count / most * HEIGHT, 1)
        path.append(f"L{place * step:.1f},{y}L{(place + 1) * step:.1f},{y}")
    return "".join([*path, f"L{WIDTH:g},{HEIGHT:g}Z"])


assert BINS % BARS == 0  # noqa: S101 - bars are whole bins
