"""What a gallery keeps while references come and go; searchers only ever see finished snapshots of it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from edge.domain.gallery_block import Block
from edge.domain.gallery_snapshot import GallerySnapshot
from edge.domain.person import Reference
from edge.domain.score import Metric

# A block of which more than a quarter is gaps, and those are more than a 16th of all it could hold, is given
# up: what is left in it is moved behind the last one, a few references at a time.
_MOST_GAPS, _FEWEST_LEFT = 1 / 16, 3 / 4
_MOVED = 4
# Columns for which memory is there before they are needed, and how many get it at a time: a page of each row.
_AHEAD, _PAGE = 256, 1024


class GalleryWriter:
    """Fills columns, and remembers which of them belong to whom.

    It changes nothing that an earlier snapshot shows: filled columns stay as they are, and removed ones are
    marked in a copy.
    """

    def __init__(self, metric: Metric, dimension: int, block: int) -> None:
        self._metric = metric
        self._dimension = dimension
        self._size = block  # columns of a block
        self._blocks = {
            0: Block.empty(dimension, block)
        }  # by number, in their order; the last one is being filled
        self._last = 0  # the number of the last one
        self._next: Block | None = None  # the one after it
        self._ready = 0  # columns of these two that have memory
        self._where: dict[str, tuple[int, int]] = {}  # reference id → number of its block, column
        self._left = Counter[int]()  # references in each block
        self._begun: dict[int, int] = {}  # of a block that is given up, the first column that may be left
        self._held = Counter[str]()  # references of each person
        self._longest = 0.0

    def __contains__(self, reference_id: str) -> bool:
        return reference_id in self._where

    def snapshot(self) -> GallerySnapshot:
        """Return this state for searchers."""
        # The last block may hold nothing yet, and of no columns there is no closest one.
        blocks = tuple([block for block in self._blocks.values() if block.filled])
        widths = tuple([block.filled for block in blocks])
        return GallerySnapshot(
            metric=self._metric,
            dimension=self._dimension,
            blocks=blocks,
            widths=widths,
            gaps=sum(widths) > len(self._where),
            size=len(self._where),
            people=len(self._held),
            longest=self._longest,
        )

    def append(self, references: Sequence[Reference], lengths: Sequence[float]) -> None:
        """Add references whose vectors have these lengths."""
        for reference, length in zip(references, lengths, strict=True):
            block = self._open()
            self._settle(reference.id, block.put(reference, length, self._metric))
            self._held[reference.person_id] += 1
            self._longest = max(self._longest, length)

    def remove(self, reference_ids: Collection[str]) -> None:
        """Remove references; ids that are not there are passed over."""
        gone = defaultdict[int, list[int]](list)
        for name in reference_ids:
            place = self._where.pop(name, None)
            if place is not None:
                number, column = place
                gone[number].append(column)
                self._left[number] -= 1
                self._release(self._blocks[number].people[column])
        for number, columns in gone.items():
            self._drop(number, columns)

    def tidy(self) -> bool:
        """Move a few references out of a block with many gaps; return whether there was one."""
        for number, block in self._blocks.items():
            filled, left = block.filled, self._left[number]
            if filled - left >= _MOST_GAPS * self._size and left <= _FEWEST_LEFT * filled:
                self._drop(number, self._move(number, block))
                return True
        return False

    def prepare(self) -> None:
        """Get memory for the references to come, when a change was published and nobody waits for it."""
        filled = self._blocks[self._last].filled
        while self._ready < filled + _AHEAD:
            start = self._ready % self._size
            if self._ready < self._size:
                self._blocks[self._last].touch(max(start, filled), start + _PAGE)
            else:
                self._next = self._next or Block.empty(self._dimension, self._size)
                self._next.touch(start, start + _PAGE)
            self._ready += _PAGE

    def _open(self) -> Block:
        """Return the last block, a new one where it is full."""
        block = self._blocks[self._last]
        return block if block.filled < self._size else self._begin()

    def _begin(self) -> Block:
        """Return a new last block."""
        self._last += 1
        self._blocks[self._last] = block = self._next or Block.empty(self._dimension, self._size)
        self._next, self._ready = None, max(self._ready - self._size, 0)
        return block

    def _settle(self, name: str, column: int) -> None:
        self._where[name] = self._last, column
        self._left[self._last] += 1

    def _release(self, person_id: str) -> None:
        self._held[person_id] -= 1
        if not self._held[person_id]:
            del self._held[person_id]

    def _move(self, number: int, block: Block) -> list[int]:
        """Move references of a block behind the last one; return the columns they left."""
        if number == self._last:
            self._begin()
        moved: list[int] = []
        column = self._begun.get(number, 0)
        while len(moved) < _MOVED and self._left[number]:
            if block.has(column):
                self._settle(block.names[column], self._open().take(block, column, self._metric))
                self._left[number] -= 1
                moved.append(column)
            column += 1
        self._begun[number] = column
        return moved

    def _drop(self, number: int, columns: Sequence[int]) -> None:
        """Mark columns of a block as removed; let go of a block with none left."""
        if self._left[number] or number == self._last:
            self._blocks[number] = self._blocks[number].without(columns)
        else:
            del self._blocks[number], self._left[number]
            self._begun.pop(number, None)
