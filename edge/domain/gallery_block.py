"""The references of a gallery as columns of blocks, filled from the left and never changed once filled."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge.domain.person import Reference
from edge.domain.score import Metric

# Columns of a block. A search makes one product per block, and each costs it some 3 µs beside the arithmetic.
# An empty block costs nothing but addresses: its memory comes with the references.
BLOCK = 16_384
# Unused values at the end of each matrix row. Without them the rows lie a multiple of the page size apart and
# share a few cache sets, which costs a search up to a quarter of its time.
_PAD = 64
GONE = float("inf")  # the offset of a removed column: its figure is less than all others


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some references of a gallery, one per column.

    `matrix` is dimension × columns, a vector per column (of length 1 for cosine). `offsets` is what a product
    with a column is lessened by to be the greater the closer: half of the squared length, nothing for cosine,
    and GONE where the reference was removed. `vectors` is columns × dimension, the vectors as they were
    given. `people` and `names` have the person id and the reference id of each filled column.
    """

    matrix: NDArray[np.float32]
    offsets: NDArray[np.float32]
    vectors: NDArray[np.float32]
    people: list[str]
    names: list[str]

    @classmethod
    def empty(cls, dimension: int, columns: int) -> "Block":
        """Return a block with nothing in it; the system gives its memory only when it is filled."""
        return cls(
            matrix=np.zeros((dimension, columns + _PAD), np.float32)[:, :columns],
            offsets=np.zeros(columns, np.float32),
            vectors=np.zeros((columns, dimension), np.float32),
            people=[],
            names=[],
        )

    @property
    def filled(self) -> int:
        """Return how many columns are in use."""
        return len(self.names)

    def put(self, reference: Reference, length: float, metric: Metric) -> int:
        """Fill the next column with a reference, whose vector has this length, and return its number."""
        column = len(self.names)
        self.vectors[column] = reference.vector
        if metric is Metric.COSINE:
            self.matrix[:, column] = reference.vector / length
        else:
            self.matrix[:, column] = reference.vector
            self.offsets[column] = length * length / 2
        self.people.append(reference.person_id)
        self.names.append(reference.id)
        return column

    def take(self, other: "Block", taken: int, metric: Metric) -> int:
        """Fill the next column with one of another block, and return its number."""
        column, vector = len(self.names), other.vectors[taken]
        self.vectors[column] = vector
        if metric is Metric.COSINE:
            self.matrix[:, column] = vector / math.hypot(*vector.tolist())
        else:  # from the row: the column lies in as many pages as it has values
            self.matrix[:, column] = vector
            self.offsets[column] = other.offsets[taken]
        self.people.append(other.people[taken])
        self.names.append(other.names[taken])
        return column

    def touch(self, start: int, stop: int) -> None:
        """Have the system give memory for columns that are not filled yet.

        It does so page by page at the first write, and a column has a page in every row: hundreds of faults
        in one small write, during which nothing else in Python would run. Beside one large write it does.
        """
        self.matrix[:, start:stop] = 0
        self.vectors[start:stop] = 0

    def without(self, columns: Sequence[int]) -> "Block":
        """Return the block with some columns removed; what searchers hold stays as it is."""
        offsets = self.offsets.copy()
        for column in columns:
            offsets[column] = GONE
        return replace(self, offsets=offsets)

    def has(self, column: int) -> bool:
        """Return whether the reference of a filled column was not removed."""
        return self.offsets.item(column) < GONE
