"""Does anything move: a background of block means, which follows what stays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.domain.blocks import Blocks, blocks_within
from edge.domain.face import Box


@dataclass(frozen=True, slots=True)
class MotionRules:
    """When a scene moves.

    A block has changed when its mean is `change` grey levels off its background: sensor noise of 5 levels
    leaves about 1 in a mean of 16 pixels. The scene moves when `share` of all blocks has changed, at least
    `fewest`: a face of 80 pixels covers about 100 blocks. The background follows within `adapt` seconds, so
    that what stays becomes background.
    """

    change: float = 6.0
    share: float = 0.002
    fewest: int = 3
    adapt: float = 1.5


class MotionGate:
    """Compares each frame with the background; for one thread, times only grow."""

    def __init__(self, rules: MotionRules) -> None:
        self._rules = rules
        self._background: Blocks | None = None
        self._at = 0.0

    def moves(self, blocks: Blocks, at: float, *, apart_from: Sequence[Box] = ()) -> bool:
        """Return whether a frame, by the means of its blocks, differs from what was there; the first does.

        So does one of another size. What changed within the boxes `apart_from`, in pixels of the picture,
        does not count.
        """
        background = self._background
        if background is None or background.shape != blocks.shape:
            self._background, self._at = blocks, at
            return True
        difference = blocks - background
        change = np.abs(difference) > self._rules.change
        for box in apart_from:
            change[blocks_within(box.left, box.top, box.right, box.bottom)] = False
        changed = int(np.count_nonzero(change))
        follow = 1.0 - math.exp(-max(at - self._at, 0.0) / self._rules.adapt)
        self._background, self._at = background + np.float32(follow) * difference, at
        return changed >= max(self._rules.fewest, self._rules.share * blocks.size)
