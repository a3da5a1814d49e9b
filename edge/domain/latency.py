"""How long something takes, as counts over fixed bounds: small to send, exact to add."""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

# Seconds. From a crop's embedding (2 ms) to a frame on the slowest box; a 1 – 2.5 – 5 series resolves a
# factor of two and a half anywhere between.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SIZE = len(BOUNDS) + 1


@dataclass(frozen=True, slots=True)
class Latencies:
    """How many took up to each of BOUNDS (and over the last one), and the seconds of all together."""

    counts: tuple[int, ...] = (0,) * SIZE
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """Return how many there were."""
        return sum(self.counts)

    @property
    def cumulative(self) -> tuple[int, ...]:
        """Return how many took at most each of BOUNDS, and at last how many there were."""
        return tuple(accumulate(self.counts))

    def __add__(self, other: "Latencies") -> "Latencies":
        """Return both together."""
        counts = tuple(mine + its for mine, its in zip(self.counts, other.counts, strict=True))
        return Latencies(counts, self.seconds + other.seconds)

    def with_one(self, seconds: float) -> "Latencies":
        """Return these and one more; a clock that went back counts as no time."""
        taken = max(0.0, seconds)
        counts = list(self.counts)
        counts[bisect_left(BOUNDS, taken)] += 1
        return Latencies(tuple(counts), self.seconds + taken)
