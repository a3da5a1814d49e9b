"""The gallery in memory: references of one model version, searched exactly while they change.

One writer, any number of searchers. The writer fills columns that no snapshot shows yet, and then publishes a
new snapshot by one assignment; a searcher goes on with the one it holds. References lie in blocks, so that a
gallery which grows copies nothing, and blocks with many gaps are moved together a few references at a time,
when `tidy` is called: what a change of one person takes does not depend on the size of the gallery.
"""

import math
from collections.abc import Collection, Sequence

from edge.domain.gallery_block import BLOCK
from edge.domain.gallery_snapshot import Candidate, GallerySnapshot
from edge.domain.gallery_vector import check_form, check_length
from edge.domain.gallery_writer import GalleryWriter
from edge.domain.person import Reference
from edge.domain.score import Metric
from edge.errors import ModelError

__all__ = ["Candidate", "Gallery", "GallerySnapshot"]


class Gallery:
    """The references of one model version, of `dimension` float32 values each.

    They lie in blocks of `block`. `add` and `remove` belong to one thread; `snapshot` and the counts may be
    read by any.
    """

    def __init__(self, metric: Metric, dimension: int, *, block: int = BLOCK) -> None:
        self._dimension = dimension
        self._writer = GalleryWriter(metric, dimension, block)
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
        fresh: set[str] = set()
        lengths: list[float] = []
        for reference in references:
            name = reference.id
            if name in self._writer or name in fresh:
                raise ModelError(f"reference {name}: it is in the gallery already")
            fresh.add(name)
            check_form(reference.vector, self._dimension, "reference", name)
            # numpy's products would let a search go on in between, which then waits once more
            length = math.hypot(*reference.vector.tolist())
            check_length(length, "reference", name)
            lengths.append(length)
        self._writer.append(references, lengths)
        self._publish()

    def remove(self, reference_ids: Collection[str]) -> None:
        """Remove references, all at once for searchers; ids that are not there are passed over."""
        self._writer.remove(reference_ids)
        self._publish()

    def tidy(self) -> bool:
        """Move a few references together where many were removed; return whether there were any to move.

        To be called when nothing else is to be done, until it returns False. Searchers notice nothing.
        """
        moved = self._writer.tidy()
        if moved:
            self._publish()
        return moved

    def _publish(self) -> None:
        self._snapshot = self._writer.snapshot()
        self._writer.prepare()
