"""The references of a gallery as columns of a matrix, filled from the left and never changed once filled."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Vector
from edge.domain.score import Metric
from edge.errors import ModelError

# Lengths of vectors that are taken. Embedders give about 1 (dlib's 1.4) to some tens; what lies far outside
# is a fault of the model, and float32 squares of it would lose all digits.
_SHORTEST, _LONGEST = 1e-6, 1e6
# Unused values at the end of each matrix row. Without them the rows of a capacity of 2^n lie a multiple of
# the page size apart and share a few cache sets, which costs a search up to a quarter of its time.
_PAD = 64
GONE = -1  # the owner of a column whose reference was removed


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The references of a gallery, one per column; filled from the left, and never changed once filled.

    `matrix` is dimension × capacity, a vector per column (of length 1 for cosine); `half_squares` has half of
    each squared length; `vectors` is capacity × dimension, the vectors as they were given. `persons`,
    `places` (person id → place in `persons`) and `reference_ids` only ever grow; snapshots share them, and
    each sees in them what its columns point to.
    """

    matrix: NDArray[np.float32]
    half_squares: NDArray[np.float32]
    vectors: NDArray[np.float32]
    persons: list[str]
    places: dict[str, int]
    reference_ids: list[str]

    @classmethod
    def empty(cls, dimension: int, capacity: int) -> "Columns":
        """Return `capacity` empty columns."""
        return cls(
            matrix=np.zeros((dimension, capacity + _PAD), np.float32)[:, :capacity],
            half_squares=np.zeros(capacity, np.float32),
            vectors=np.zeros((capacity, dimension), np.float32),
            persons=[],
            places={},
            reference_ids=[],
        )

    @property
    def capacity(self) -> int:
        """Return the number of columns, filled or not."""
        return len(self.vectors)

    def wider(self, filled: int, capacity: int) -> "Columns":
        """Return these columns, of which `filled` are in use, with room for `capacity`."""
        grown = Columns.empty(len(self.matrix), capacity)
        grown.matrix[:, :filled] = self.matrix[:, :filled]
        grown.half_squares[:filled] = self.half_squares[:filled]
        grown.vectors[:filled] = self.vectors[:filled]
        return replace(grown, persons=self.persons, places=self.places, reference_ids=self.reference_ids)

    def fill(self, start: int, vectors: NDArray[np.float32], metric: Metric) -> float:
        """Fill the columns from `start` with vectors (rows); return the greatest length among them."""
        stop = start + len(vectors)
        wide = vectors.astype(np.float64)
        squares = np.vecdot(wide, wide)
        lengths = np.sqrt(squares)
        if metric is Metric.COSINE:
            wide /= lengths[:, None]
        self.vectors[start:stop] = vectors
        self.half_squares[start:stop] = squares / 2
        self.matrix[:, start:stop] = wide.T
        return float(lengths.max())

    def place_of(self, person_id: str) -> int:
        """Return the place of a person, a new one where there is none."""
        place = self.places.get(person_id)
        if place is None:
            place = len(self.persons)
            self.persons.append(person_id)
            self.places[person_id] = place
        return place


def checked(vector: Vector, dimension: int, what: str) -> tuple[NDArray[np.float64], float]:
    """Return a vector in float64, and the square of its length.

    Raises ModelError where it is no float32 vector of this dimension, or of no use.
    """
    if vector.shape != (dimension,):
        raise ModelError(f"{what}: a vector of shape {vector.shape}, this gallery takes ({dimension},)")
    if vector.dtype != np.float32:
        raise ModelError(f"{what}: a vector of {vector.dtype}, this gallery takes float32")
    wide = vector.astype(np.float64)
    square = float(wide @ wide)
    if not _SHORTEST**2 < square < _LONGEST**2:  # also False for NaN
        length = math.sqrt(square)
        raise ModelError(f"{what}: a vector of length {length:g}, no embedder gives that; check the model")
    return wide, square
