"""The gallery in memory: exact search over all references, and changes that never hold up a search.

The vectors stand dimension-major (one column a reference) in a float32 matrix with room to grow; a search is
one matrix product and a handful of passes over the scores. Searchers hold an immutable snapshot, a change
publishes a new one by a single assignment.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Vector
from edge.domain.person import Reference
from edge.domain.score import Metric
from edge.errors import ModelError

SMALLEST = 64  # columns of a new matrix
ROWS_AT_ONCE = 8  # of the matrix copied between two chances for a searcher to get the interpreter


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person near a probe: the best reference of that person and its comparison score."""

    person_id: str
    reference_id: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class GallerySnapshot:
    """The references at one moment, for any number of threads.

    `matrix` is (dimension + 1)×size float32: for cosine the unit vectors over a row of zeros; for Euclidean
    distances −2 times the vectors over a row of their squared lengths, so that one product with (probe, 1)
    gives the squared distance less the probe's own square. `owners` has a number for the person of each
    column. `references` may be longer than `size`: what later changes append is not looked at.
    """

    metric: Metric
    dimension: int
    matrix: NDArray[np.float32]
    owners: NDArray[np.int32]
    references: Sequence[Reference]
    size: int
    people: int

    def search(self, probe: Vector, count: int = 2) -> list[Candidate]:
        """Return the `count` nearest people, best first, each by their best reference.

        The search is exact: the winners are found in float32 and their scores computed again in float64.
        Equal scores are told apart by reference id. Raises ModelError for a probe of another dimension or one
        that is not finite.
        """
        checked = _checked(probe, self.dimension, "probe")
        if not self.size or count < 1:
            return []
        values = self._values(checked)
        found: list[Candidate] = []
        for _ in range(min(count, self.people)):
            nearest = int(values.argmin())
            mine = np.flatnonzero(self.owners == self.owners[nearest])
            found.append(self._best(mine, values[mine], checked))
            values[mine] = np.inf
        return sorted(found, key=lambda one: (self._far(one.score), one.reference_id))

    def _values(self, probe: Vector) -> NDArray[np.float32]:
        """Return a number per column that grows with distance, not exact in the last digits."""
        augmented = np.empty(self.dimension + 1, np.float32)
        augmented[:-1] = probe if self.metric is Metric.EUCLIDEAN else probe / -np.sqrt(probe @ probe)
        augmented[-1] = 1.0
        return augmented @ self.matrix

    def _best(self, mine: NDArray[np.intp], values: NDArray[np.float32], probe: Vector) -> Candidate:
        """Return a person's best reference, by exact scores of those that float32 cannot tell apart."""
        if len(mine) > 1:
            mine = mine[values <= values.min() + self._doubt(probe)]
        references = [self.references[i] for i in mine]
        scored = [
            (comparison_score(self.metric, one.vector, probe), one.id, one.person_id) for one in references
        ]
        score, reference_id, person_id = min(scored, key=lambda one: (self._far(one[0]), one[1]))
        return Candidate(person_id, reference_id, score)

    def _doubt(self, probe: Vector) -> float:
        """Return a bound on the float32 error of a difference of two values.

        A sum of n products in float32 is off by at most about n·2⁻²⁴ times the sum of their magnitudes
        (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), here of lengths near the probe's.
        """
        length = float(probe @ probe) if self.metric is Metric.EUCLIDEAN else 1.0
        return 8 * (self.dimension + 1) * 2.0**-24 * max(length, 1.0)

    def _far(self, score: float) -> float:
        return score if self.metric is Metric.EUCLIDEAN else -score


class Gallery:
    """The gallery that one thread changes and others search through `snapshot`."""

    def __init__(self, metric: Metric, dimension: int) -> None:
        self._metric = metric
        self._dimension = dimension
        self._matrix = np.zeros((dimension + 1, 0), np.float32)
        self._owners = np.zeros(0, np.int32)
        self._references: list[Reference] = []
        self._columns: dict[str, int] = {}
        self._persons: dict[str, int] = {}
        self._publish(0)

    @property
    def snapshot(self) -> GallerySnapshot:
        """Return the gallery as it is now; it never changes."""
        return self._snapshot

    def add(self, references: Sequence[Reference]) -> None:
        """Add references, all or none.

        Raises ModelError for a vector of another dimension, of no length, or not finite, and for an id that
        is there already.
        """
        vectors = [_checked(one.vector, self._dimension, f"reference {one.id}") for one in references]
        fresh: set[str] = set()
        for one in references:
            if one.id in self._columns or one.id in fresh:
                raise ModelError(f"reference {one.id}: it is in the gallery already")
            fresh.add(one.id)
        if not references:
            return
        size, more = len(self._references), len(self._references) + len(references)
        if more > len(self._owners):
            self._move(np.arange(size), max(2 * more, SMALLEST))
        # All of it beyond what any published snapshot looks at: searchers are not disturbed.
        self._matrix[:, size:more] = self._column_block(np.stack(vectors))
        for column, one in enumerate(references, size):
            self._owners[column] = self._persons.setdefault(one.person_id, len(self._persons))
            self._columns[one.id] = column
            self._references.append(one)
        self._publish(len(self._persons))

    def remove(self, reference_ids: Collection[str]) -> None:
        """Remove references by id; ids that are not there are passed over."""
        gone = [self._columns[one] for one in set(reference_ids) if one in self._columns]
        if not gone:
            return
        keep = np.delete(np.arange(len(self._references)), gone)
        self._references = [self._references[i] for i in keep]
        self._columns = {one.id: column for column, one in enumerate(self._references)}
        self._persons = {}
        owners = [self._persons.setdefault(one.person_id, len(self._persons)) for one in self._references]
        self._move(keep, max(2 * len(keep), SMALLEST))
        self._owners[: len(keep)] = owners
        self._publish(len(self._persons))

    def _publish(self, people: int) -> None:
        size = len(self._references)
        self._snapshot = GallerySnapshot(
            self._metric,
            self._dimension,
            self._matrix[:, :size],
            self._owners[:size],
            self._references,
            size,
            people,
        )

    def _column_block(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return n vectors (rows) as (dimension + 1)×n columns of the matrix."""
        block = np.zeros((self._dimension + 1, len(rows)), np.float32)
        if self._metric is Metric.COSINE:
            block[:-1] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).T
        else:
            block[:-1] = -2 * rows.T
            block[-1] = np.einsum("ij,ij->i", rows, rows)
        return block

    def _move(self, keep: NDArray[np.intp], room: int) -> None:
        """Put some columns into new arrays with room for more, copied in small steps."""
        matrix = np.empty((self._dimension + 1, room), np.float32)
        for row in range(0, self._dimension + 1, ROWS_AT_ONCE):
            part = slice(row, row + ROWS_AT_ONCE)
            matrix[part, : len(keep)] = self._matrix[part].take(keep, axis=1)
        owners = np.empty(room, np.int32)
        owners[: len(keep)] = self._owners[keep]
        self._matrix, self._owners = matrix, owners


def comparison_score(metric: Metric, reference: Vector, probe: Vector) -> float:
    """Return the exact score of two vectors, in float64: Euclidean distance or cosine."""
    left, right = reference.astype(np.float64), probe.astype(np.float64)
    if metric is Metric.EUCLIDEAN:
        difference = left - right
        return math.sqrt(difference @ difference)
    return float(left @ right) / math.sqrt(float(left @ left) * float(right @ right))


def _checked(vector: Vector, dimension: int, what: str) -> Vector:
    if vector.shape != (dimension,):
        raise ModelError(f"{what}: {vector.shape} values where the gallery has ({dimension},)")
    if not 0 < float(vector @ vector) < math.inf:  # neither NaN nor infinity passes either
        raise ModelError(f"{what}: its vector is zero or not finite")
    return vector.astype(np.float32, copy=False)
