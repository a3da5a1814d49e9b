"""Exact search in one immutable state of a gallery.

The product of a probe with the dimension-major matrix gives, in float32, a figure per reference that orders
them by closeness but for rounding. All references within a certified bound of that rounding are compared
again in float64 on the vectors as they were given, so recall is 1, the scores are exact, and the score of an
identical vector is that of identity.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Vector
from edge.domain.gallery_block import Block
from edge.domain.gallery_vector import check_form, check_length
from edge.domain.score import Metric

_ROUNDING = float(np.finfo(np.float32).eps) / 2  # the unit roundoff u
_FAR = float("-inf")
# Columns that are looked for one by one, the closest first, before all are looked through at once. All
# references of two people, and what else lies within the bound, are hardly ever more.
_PICKED = 64

_Column: TypeAlias = tuple[int, int]  # which block, which of its columns
_Top: TypeAlias = tuple[float, int, int]  # the greatest figure of a block, and the column it is of


class Candidate(NamedTuple):
    """A person that a probe was compared with, and the closest reference of that person."""

    person_id: str
    reference_id: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class GallerySnapshot:
    """A gallery as it was when it was published; any number of threads may search it.

    `size` counts the references, `people` the people who have one. `widths` says how many columns of each
    block are filled, which is one at least, `gaps` whether references of some of them are gone. No vector is
    longer than `longest`.
    """

    metric: Metric
    dimension: int
    blocks: tuple[Block, ...]
    widths: tuple[int, ...]
    gaps: bool
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
        wide, square = self._checked(probe)
        if self.size == 0 or count < 1:
            return []
        doubt = 2 * self._error(math.sqrt(square))
        return self._compared(wide, square, self._nearest(probe, min(count, self.people), doubt))[:count]

    def best_of(self, person_id: str, probe: Vector) -> Candidate | None:
        """Return the nearest reference of one person; None where the person has none. Raises as `search`."""
        wide, square = self._checked(probe)
        found = [
            (number, column)
            for number, (block, width) in enumerate(zip(self.blocks, self.widths, strict=True))
            for column, owner in enumerate(block.people[:width])
            if owner == person_id and block.has(column)
        ]
        return self._compared(wide, square, found)[0] if found else None

    def _checked(self, probe: Vector) -> tuple[NDArray[np.float64], float]:
        """Return a probe in float64 and the square of its length, once it is of use."""
        check_form(probe, self.dimension, "probe")
        wide = probe.astype(np.float64)
        square = float(wide.dot(wide))
        check_length(math.sqrt(square), "probe")
        return wide, square

    def _nearest(self, probe: Vector, count: int, doubt: float) -> list[_Column]:
        """Return every column that may be the nearest of one of the `count` nearest people.

        That is each whose figure is not less than that of the `count`-th person by more than `doubt`.
        """
        figures = self._figures(probe)
        tops = [_top(part, number) for number, part in enumerate(figures)]
        found: list[_Column] = []
        people: set[str] = set()
        limit = _FAR
        while len(found) < _PICKED:
            figure, number, column = max(tops)
            if figure < limit or figure == _FAR:
                return found
            found.append((number, column))
            people.add(self.blocks[number].people[column])
            if limit == _FAR and len(people) == count:
                limit = figure - doubt
            figures[number][column] = _FAR
            tops[number] = _top(figures[number], number)
        if limit == _FAR:
            limit = self._last_person(figures, people, count) - doubt
        for number, part in enumerate(figures):
            found += [(number, int(column)) for column in (part >= limit).nonzero()[0]]
        return found

    def _figures(self, probe: Vector) -> list[NDArray[np.float32]]:
        """Return a float32 figure per column, block by block: greater where closer, −inf where it is gone.

        It is the cosine × the probe's length, or (length² of the probe − distance²) / 2.
        """
        shifted = self.gaps or self.metric is Metric.EUCLIDEAN
        figures: list[NDArray[np.float32]] = []
        for block, width in zip(self.blocks, self.widths, strict=True):
            part: NDArray[np.float32] = probe @ block.matrix[:, :width]
            if shifted:
                part -= block.offsets[:width]
            figures.append(part)
        return figures

    def _last_person(self, figures: Sequence[NDArray[np.float32]], known: set[str], count: int) -> float:
        """Return the figure of the `count`-th nearest person where some were found already."""
        best: dict[str, float] = {}
        for block, part in zip(self.blocks, figures, strict=True):
            for person, figure in zip(block.people, part.tolist(), strict=False):
                if person not in known and figure > best.get(person, _FAR):
                    best[person] = figure
        return sorted(best.values(), reverse=True)[count - len(known) - 1]

    def _error(self, length: float) -> float:
        """Return how far a float32 figure may be from the true one.

        A dot product of n terms is off by at most n·u / (1 − n·u) times the product of the lengths, in any
        order of summing (Higham, Accuracy and Stability of Numerical Algorithms, §3.1); the few more
        roundings of the inputs are counted as terms.
        """
        terms = (self.dimension + 8) * _ROUNDING
        furthest = 1.0 if self.metric is Metric.COSINE else self.longest
        return terms / (1 - terms) * furthest * (length + furthest)

    def _compared(
        self, probe: NDArray[np.float64], square: float, found: Sequence[_Column]
    ) -> list[Candidate]:
        """Return the people of some columns, best first, by exact scores."""
        cosine = self.metric is Metric.COSINE
        order: list[tuple[float, str, str]] = []
        for number, column in found:
            block = self.blocks[number]
            vector = block.vectors[column]
            distance = _minus_cosine(vector, probe, square) if cosine else _distance(vector, probe)
            order.append((distance, block.people[column], block.names[column]))
        best: dict[str, Candidate] = {}
        for distance, person, reference in sorted(order):
            if person not in best:
                best[person] = Candidate(person, reference, -distance if cosine else distance)
        return list(best.values())


def _top(part: NDArray[np.float32], number: int) -> _Top:
    column = int(part.argmax())
    return part.item(column), number, column


def _distance(vector: Vector, probe: NDArray[np.float64]) -> float:
    between = vector - probe
    return math.sqrt(between.dot(between))


def _minus_cosine(vector: Vector, probe: NDArray[np.float64], square: float) -> float:
    wide = vector.astype(np.float64)
    cosine = float(wide.dot(probe)) / math.sqrt(wide.dot(wide) * square)  # of equal ones exactly 1
    return -max(min(cosine, 1.0), -1.0)
