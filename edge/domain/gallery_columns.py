"""The references of a gallery as columns of a matrix, filled from the left and never changed once filled."""

import math
from collections.abc import Sequence
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
NOBODY = 0  # the place in `persons` that no person has; columns whose reference was removed are owned by it


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The references of a gallery, one per column; filled from the left, and never changed once filled.

    `matrix` is dimension × capacity, a vector per column (of length 1 for cosine); `half_squares` has half of
    each squared length; `vectors` is capacity × dimension, the vectors as they were given. `owners` has the
    place of each column's person in `persons`, `names` that of its reference in `reference_ids`. These two
    lists and `places` (person id → place) only ever grow, by some hundred bytes a reference; all snapshots
    share them, and each sees in them what its columns point to.
    """

    matrix: NDArray[np.float32]
    half_squares: NDArray[np.float32]
    vectors: NDArray[np.float32]
    owners: NDArray[np.int32]
    names: NDArray[np.int32]
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
            owners=np.zeros(capacity, np.int32),
            names=np.zeros(capacity, np.int32),
            persons=[""],
            places={},
            reference_ids=[],
        )

    @property
    def capacity(self) -> int:
        """Return the number of columns, filled or not."""
        return len(self.vectors)

    def moved(self, kept: NDArray[np.intp], capacity: int) -> "Columns":
        """Return some of these columns side by side, with room for `capacity`."""
        fresh, count = Columns.empty(len(self.matrix), capacity), len(kept)
        # `take` leaves the interpreter to other threads, which indexing does not; "clip" only because numpy
        # would copy once more where an index might be out of range.
        self.matrix.take(kept, axis=1, out=fresh.matrix[:, :count], mode="clip")
        self.vectors.take(kept, axis=0, out=fresh.vectors[:count], mode="clip")
        self.half_squares.take(kept, out=fresh.half_squares[:count], mode="clip")
        self.owners.take(kept, out=fresh.owners[:count], mode="clip")
        self.names.take(kept, out=fresh.names[:count], mode="clip")
        return replace(fresh, persons=self.persons, places=self.places, reference_ids=self.reference_ids)

    def without(self, columns: NDArray[np.intp]) -> "Columns":
        """Return these columns with the owners of some taken away; what searchers hold stays as it is."""
        owners = self.owners.copy()
        owners[columns] = NOBODY
        return replace(self, owners=owners)

    def fill(self, start: int, rows: "Rows", metric: Metric) -> None:
        """Fill the columns from `start`."""
        stop = start + len(rows.vectors)
        unit = rows.wide / np.sqrt(rows.squares)[:, None] if metric is Metric.COSINE else rows.vectors
        self.vectors[start:stop] = rows.vectors
        self.half_squares[start:stop] = rows.squares / 2
        self.matrix[:, start:stop] = unit.T

    def place_of(self, person_id: str) -> int:
        """Return the place of a person, a new one where there is none."""
        place = self.places.get(person_id)
        if place is None:
            place = len(self.persons)
            self.persons.append(person_id)
            self.places[person_id] = place
        return place


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Vectors that were found good: as given, in float64, and the squares of their lengths."""

    vectors: NDArray[np.float32]
    wide: NDArray[np.float64]
    squares: NDArray[np.float64]


def checked_rows(vectors: Sequence[Vector], dimension: int, names: Sequence[str]) -> Rows:
    """Return vectors side by side; raises ModelError with the name of the first that is unusable."""
    rows = np.empty((len(vectors), dimension), np.float32)
    for row, (vector, name) in enumerate(zip(vectors, names, strict=True)):
        _check_form(vector, dimension, f"reference {name}")
        rows[row] = vector
    wide = rows.astype(np.float64)
    squares = np.vecdot(wide, wide)
    good = (squares > _SHORTEST**2) & (squares < _LONGEST**2)  # neither where one is NaN
    if not good.all():
        first = int(good.argmin())
        raise _unusable(f"reference {names[first]}", float(squares[first]))
    return Rows(rows, wide, squares)


def checked(vector: Vector, dimension: int, what: str) -> tuple[NDArray[np.float64], float]:
    """Return a vector in float64, and the square of its length.

    Raises ModelError where it is no float32 vector of this dimension, or of no use.
    """
    _check_form(vector, dimension, what)
    wide = vector.astype(np.float64)
    square = float(wide @ wide)
    if not _SHORTEST**2 < square < _LONGEST**2:  # also where it is NaN
        raise _unusable(what, square)
    return wide, square


def _check_form(vector: Vector, dimension: int, what: str) -> None:
    if vector.shape != (dimension,):
        raise ModelError(f"{what}: a vector of shape {vector.shape}, this gallery takes ({dimension},)")
    if vector.dtype != np.float32:
        raise ModelError(f"{what}: a vector of {vector.dtype}, this gallery takes float32")


def _unusable(what: str, square: float) -> ModelError:
    length = math.sqrt(square)
    return ModelError(f"{what}: a vector of length {length:g}, no embedder gives that; check the model")
