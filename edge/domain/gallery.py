"""The gallery in memory: references of one model version, searched exactly while they change.

One writer, any number of searchers. The writer fills columns that no snapshot shows yet, or copies beside,
and then publishes a new snapshot by one assignment; a searcher goes on with the one it holds. Copies are
single numpy operations, or short pieces of work between such, which let other threads run meanwhile.
"""

from collections.abc import Collection, Sequence

from edge.domain.gallery_columns import checked_rows
from edge.domain.gallery_snapshot import Candidate, GallerySnapshot
from edge.domain.gallery_writer import GalleryWriter
from edge.domain.person import Reference
from edge.domain.score import Metric
from edge.errors import ModelError

__all__ = ["Candidate", "Gallery", "GallerySnapshot"]

_FIRST_CAPACITY = 64


class Gallery:
    """The references of one model version, of `dimension` float32 values each.

    `add` and `remove` belong to one thread; `snapshot` and the counts may be read by any.
    """

    def __init__(self, metric: Metric, dimension: int) -> None:
        self._dimension = dimension
        self._writer = GalleryWriter(metric, dimension, _FIRST_CAPACITY)
        self._snapshot = self._writer.snapshot()

    @property
    def snapshot(self) -> GallerySnapshot:
        """Return the gallery as it is now, for any number of searches."""
        return self._snapshot

    @property
    def people(self) -> int:
        """Return the number of people with a reference."""
        return self._snapshot.people

    @property
    def size(self) -> int:
        """Return the number of references."""
        return self._snapshot.size

    @property
    def is_empty(self) -> bool:
        """Return whether there is no reference."""
        return self._snapshot.is_empty

    def add(self, references: Sequence[Reference]) -> None:
        """Add references, all or none; searchers see all of them at once.

        Raises ModelError for a vector of another dimension or type, with a value that is not finite or of no
        length, and for a reference that is there already.
        """
        ids = [(reference.person_id, reference.id) for reference in references]
        names = [name for _, name in ids]
        for name in names:
            if name in self._writer:
                raise ModelError(f"reference {name}: it is in the gallery already")
        if len(set(names)) < len(names):
            twice = next(name for place, name in enumerate(names) if name in names[:place])
            raise ModelError(f"reference {twice}: it is in the gallery already")
        rows = checked_rows([reference.vector for reference in references], self._dimension, names)
        self._writer.append(ids, rows)
        self._snapshot = self._writer.snapshot()

    def remove(self, reference_ids: Collection[str]) -> None:
        """Remove references, all at once for searchers; ids that are not there are passed over."""
        self._writer.remove(reference_ids)
        self._snapshot = self._writer.snapshot()
