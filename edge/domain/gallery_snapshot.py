"""Exact search in one immutable state of a gallery.

The product of a probe with the dimension-major matrix gives, in float32, a figure per reference that orders
them by closeness but for rounding. All references within a certified bound of that rounding are compared
again in float64 on the vectors as they were given, so recall is 1, the scores are exact, and the score of an
identical vector is that of identity.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Vector
from edge.domain.gallery_columns import Columns, checked
from edge.domain.score import Metric

_ROUNDING = float(np.finfo(np.float32).eps) / 2  # the unit roundoff u
_FAR = np.float32(-np.inf)


class Candidate(NamedTuple):
    """A person that a probe was compared with, and the closest reference of that person."""

    person_id: str
    reference_id: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class GallerySnapshot:
    """A gallery as it was when it was published; any number of threads may search it.

    `size` counts the references, `people` the people who have one. `filled` columns are in use, those in
    `removed` are of references that are gone. No vector is longer than `longest`.
    """

    metric: Metric
    dimension: int
    columns: Columns
    filled: int
    removed: NDArray[np.intp]
    size: int
    people: int
    longest: float

    @property
    def is_empty(self) -> bool:
        """Return whether there is no reference."""
        return self.size == 0

    def search(self, probe: Vector, count: int = 2) -> list[Candidate]:
        """Return the `count` nearest people, best first, each with the nearest of their references.

        Equal scores are in the order of person id, then of reference id. Raises ModelError for a probe of
        another dimension, with a value that is not finite, or of no length.
        """
        wide, square = checked(probe, self.dimension, "probe")
        if self.size == 0 or count < 1:
            return []
        figures = self._figures(probe)
        limit = self._kth_person(figures, min(count, self.people)) - 2 * self._error(math.sqrt(square))
        return self._candidates(wide, square, (figures >= limit).nonzero()[0])[:count]

    def best_of(self, person_id: str, probe: Vector) -> Candidate | None:
        """Return the nearest reference of one person; None where the person has none. Raises as `search`."""
        wide, square = checked(probe, self.dimension, "probe")
        place = self.columns.places.get(person_id)
        if place is None:
            return None
        found = self._candidates(wide, square, (self.columns.owners[: self.filled] == place).nonzero()[0])
        return found[0] if found else None

    def _figures(self, probe: Vector) -> NDArray[np.float32]:
        """Return a float32 figure per column, greater where closer.

        Cosine × the probe's length, or (length² of the probe − distance²) / 2.
        """
        figures: NDArray[np.float32] = probe @ self.columns.matrix[:, : self.filled]
        if self.metric is Metric.EUCLIDEAN:
            figures -= self.columns.half_squares[: self.filled]
        if self.removed.size:
            figures[self.removed] = _FAR
        return figures

    def _kth_person(self, figures: NDArray[np.float32], k: int) -> float:
        """Return the figure of the k-th nearest person; `figures` is changed meanwhile, and put back."""
        owners = self.columns.owners[: self.filled]
        hidden: list[tuple[NDArray[np.intp], NDArray[np.float32]]] = []
        nearest = figures.argmax()
        for _ in range(k - 1):
            theirs = (owners == owners[nearest]).nonzero()[0]
            hidden.append((theirs, figures[theirs]))
            figures[theirs] = _FAR
            nearest = figures.argmax()
        kth = float(figures[nearest])
        for theirs, before in hidden:
            figures[theirs] = before
        return kth

    def _error(self, length: float) -> float:
        """Return how far a float32 figure may be from the true one.

        A dot product of n terms is off by at most n·u / (1 − n·u) times the product of the lengths, in any
        order of summing (Higham, Accuracy and Stability of Numerical Algorithms, §3.1); the few more
        roundings of the inputs are counted as terms.
        """
        terms = (self.dimension + 8) * _ROUNDING
        furthest = 1.0 if self.metric is Metric.COSINE else self.longest
        return terms / (1 - terms) * furthest * (length + furthest)

    def _candidates(
        self, probe: NDArray[np.float64], square: float, found: NDArray[np.intp]
    ) -> list[Candidate]:
        """Return the people of some columns, best first, by exact scores."""
        vectors = self.columns.vectors.take(found, axis=0).astype(np.float64)
        if self.metric is Metric.COSINE:
            lengths = np.sqrt(np.vecdot(vectors, vectors) * square)  # so equal vectors give exactly 1
            distances = -np.vecdot(vectors, probe) / lengths
        else:
            vectors -= probe
            distances = np.sqrt(np.vecdot(vectors, vectors))
        return self._by_person(distances.tolist(), found.tolist())

    def _by_person(self, distances: Sequence[float], found: Sequence[int]) -> list[Candidate]:
        columns = self.columns
        order = sorted(
            (distance, columns.persons[columns.owners[column]], columns.reference_ids[columns.names[column]])
            for distance, column in zip(distances, found, strict=True)
        )
        cosine = self.metric is Metric.COSINE
        best: dict[str, Candidate] = {}
        for distance, person, reference in order:
            if person not in best:
                score = max(min(-distance, 1.0), -1.0) if cosine else distance
                best[person] = Candidate(person, reference, score)
        return list(best.values())
