"""What a gallery keeps while references come and go; searchers only ever see finished snapshots of it."""

import math
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray  # noqa: TC002 - as in every other module of this kind

from edge.domain.gallery_columns import NOBODY, Columns, Rows
from edge.domain.gallery_snapshot import GallerySnapshot
from edge.domain.score import Metric

_MOST_GAPS = 0.25  # share of the filled columns; with more removed ones the others are moved together


class GalleryWriter:
    """Fills columns, and remembers which of them belong to whom.

    It changes nothing that an earlier snapshot shows: filled columns stay as they are, and owners are taken
    away in a copy.
    """

    def __init__(self, metric: Metric, dimension: int, capacity: int) -> None:
        self._metric = metric
        self._columns = Columns.empty(dimension, capacity)
        self._filled = 0
        self._removed: NDArray[np.intp] = np.empty(0, np.intp)
        self._longest = 0.0
        self._name_of: dict[str, int] = {}  # place in `reference_ids`, of the references that are there
        self._held = [0]  # references of each person, by place in `persons`
        self._people = 0
        # The columns before the last move, kept until the next change: freeing them takes longer than a
        # search, and it would be done by whichever searcher still holds them.
        self._before: Columns | None = None

    def __contains__(self, reference_id: str) -> bool:
        return reference_id in self._name_of

    def snapshot(self) -> GallerySnapshot:
        """Return this state for searchers."""
        return GallerySnapshot(
            metric=self._metric,
            dimension=len(self._columns.matrix),
            columns=self._columns,
            filled=self._filled,
            removed=self._removed,
            size=self._filled - self._removed.size,
            people=self._people,
            longest=self._longest,
        )

    def append(self, ids: Sequence[tuple[str, str]], rows: Rows) -> None:
        """Fill columns with vectors and their (person id, reference id)."""
        self._before = None
        capacity = self._columns.capacity
        if self._filled + len(ids) > capacity:
            while self._filled + len(ids) > capacity:
                capacity *= 2
            self._move(capacity)
        start, stop = self._filled, self._filled + len(ids)
        columns, first = self._columns, len(self._columns.reference_ids)
        columns.fill(start, rows, self._metric)
        columns.owners[start:stop] = [self._count(person_id) for person_id, _ in ids]
        columns.names[start:stop] = np.arange(first, first + len(ids))
        columns.reference_ids.extend(reference_id for _, reference_id in ids)
        self._name_of.update((reference_id, first + i) for i, (_, reference_id) in enumerate(ids))
        self._longest = max(self._longest, math.sqrt(rows.squares.max(initial=0.0)))
        self._filled = stop

    def remove(self, reference_ids: Collection[str]) -> None:
        """Remove references; ids that are not there are passed over."""
        self._before = None
        names = [name for key in reference_ids if (name := self._name_of.pop(key, None)) is not None]
        gone = np.isin(self._columns.names[: self._filled], names).nonzero()[0]
        for place in self._columns.owners[gone].tolist():
            self._held[place] -= 1
            self._people -= self._held[place] == 0
        self._columns = self._columns.without(gone)
        self._removed = np.concatenate([self._removed, gone])
        if self._removed.size > _MOST_GAPS * self._filled:
            self._move(self._columns.capacity)

    def _move(self, capacity: int) -> None:
        """Put what is there side by side into columns of its own."""
        kept = (self._columns.owners[: self._filled] != NOBODY).nonzero()[0]
        self._before, self._columns = self._columns, self._columns.moved(kept, capacity)
        self._filled = len(kept)
        self._removed = np.empty(0, np.intp)

    def _count(self, person_id: str) -> int:
        """Count one more reference of a person; return the person's place."""
        place = self._columns.place_of(person_id)
        if place == len(self._held):
            self._held.append(0)
        self._people += self._held[place] == 0
        self._held[place] += 1
        return place
