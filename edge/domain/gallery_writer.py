"""What a gallery keeps while references come and go; searchers only ever see finished snapshots of it."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from edge.domain.gallery_columns import GONE, Columns
from edge.domain.gallery_snapshot import GallerySnapshot
from edge.domain.score import Metric

_PIECE = 256  # references handled between two numpy operations, at which other threads get their turn


class GalleryWriter:
    """Fills columns, and remembers which of them belong to whom.

    It changes nothing that an earlier snapshot shows: filled columns stay as they are, and the array of
    owners is copied before an owner is taken away.
    """

    def __init__(self, metric: Metric, dimension: int, capacity: int) -> None:
        self._metric = metric
        self._columns = Columns.empty(dimension, capacity)
        self._owner: NDArray[np.int32] = np.full(capacity, GONE, np.int32)
        self._removed: NDArray[np.intp] = np.empty(0, np.intp)
        self._filled = 0
        self._longest = 0.0
        self._column_of: dict[str, int] = {}  # by reference id
        self._held: list[int] = []  # references, by place of the person
        self._people = 0

    def __contains__(self, reference_id: str) -> bool:
        return reference_id in self._column_of

    @property
    def gaps(self) -> float:
        """Return the share of filled columns whose reference was removed."""
        return self._removed.size / max(self._filled, 1)

    def snapshot(self) -> GallerySnapshot:
        """Return this state for searchers."""
        return GallerySnapshot(
            metric=self._metric,
            dimension=len(self._columns.matrix),
            columns=self._columns,
            owner=self._owner,
            removed=self._removed,
            filled=self._filled,
            size=self._filled - self._removed.size,
            people=self._people,
            longest=self._longest,
        )

    def make_room(self, count: int) -> None:
        """Make sure that `count` more columns can be filled, by doubling."""
        needed = self._filled + count
        capacity = self._columns.capacity
        if needed <= capacity:
            return
        while capacity < needed:
            capacity *= 2
        self._columns = self._columns.wider(self._filled, capacity)
        owner = np.full(capacity, GONE, np.int32)
        owner[: self._filled] = self._owner[: self._filled]
        self._owner = owner

    def append(self, ids: Sequence[tuple[str, str]], vectors: Sequence[NDArray[np.float32]]) -> None:
        """Fill columns with vectors and their (person id, reference id); there must be room."""
        for start in range(0, len(ids), _PIECE):
            self._fill(ids[start : start + _PIECE], np.stack(vectors[start : start + _PIECE]))

    def remove(self, reference_ids: Collection[str]) -> None:
        """Remove references; ids that are not there are passed over."""
        gone = [column for key in reference_ids if (column := self._column_of.pop(key, None)) is not None]
        owner = self._owner.copy()
        for place in owner[gone].tolist():
            self._held[place] -= 1
            self._people -= self._held[place] == 0
        owner[gone] = GONE
        self._owner = owner
        self._removed = np.concatenate([self._removed, np.array(gone, np.intp)])

    def squeezed(self) -> "GalleryWriter":
        """Return the same references in columns without gaps."""
        columns, filled = self._columns, self._filled
        fresh = GalleryWriter(self._metric, len(columns.matrix), columns.capacity)
        kept = (self._owner[:filled] != GONE).nonzero()[0]
        for start in range(0, len(kept), _PIECE):
            piece = kept[start : start + _PIECE]
            places = zip(self._owner[piece].tolist(), piece.tolist(), strict=True)
            ids = [(columns.persons[place], columns.reference_ids[column]) for place, column in places]
            fresh._fill(ids, columns.vectors[piece])
        return fresh

    def _fill(self, ids: Sequence[tuple[str, str]], vectors: NDArray[np.float32]) -> None:
        columns, start = self._columns, self._filled
        self._longest = max(self._longest, columns.fill(start, vectors, self._metric))
        for column, (person_id, reference_id) in enumerate(ids, start):
            place = columns.place_of(person_id)
            if place == len(self._held):
                self._held.append(0)
            self._people += self._held[place] == 0
            self._held[place] += 1
            self._owner[column] = place
            self._column_of[reference_id] = column
            columns.reference_ids.append(reference_id)
        self._filled = start + len(ids)
