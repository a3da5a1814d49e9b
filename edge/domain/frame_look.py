"""What a frame is like before anybody looks for faces in it: the same as the last one, dark, or flat."""

from dataclasses import dataclass

import numpy as np

from edge.domain.face import Frame, Picture

DARK = 16.0  # grey level that 95 % of the picture stay under: a covered lens, or no light at all
FLAT = 3.0  # grey levels, standard deviation of a picture's blocks: even a bare wall has more, by its light
MOST = 0.95  # of the blocks


@dataclass(frozen=True, slots=True)
class FrameLook:
    """A frame's look; `size` is (width, height)."""

    identical: bool
    dark: bool
    flat: bool
    size: tuple[int, int]

    @property
    def usable(self) -> bool:
        """Return whether faces may be looked for: a repeated frame is no second witness, a dark one none."""
        return not (self.identical or self.dark or self.flat)


class FrameEye:
    """Looks at frame after frame; keeps the last picture."""

    def __init__(self) -> None:
        self._last: Picture | None = None

    def look(self, frame: Frame) -> FrameLook:
        """Return the look of a frame. A real sensor's noise makes each one differ from the last."""
        picture, blocks = frame.picture, frame.blocks
        last, self._last = self._last, picture
        return FrameLook(
            identical=last is not None and _same(last, picture),
            dark=bool(np.count_nonzero(blocks < DARK) >= MOST * blocks.size),
            flat=bool(blocks.std() < FLAT),
            size=(picture.shape[1], picture.shape[0]),
        )


def _same(one: Picture, other: Picture) -> bool:
    """Compare all pixels, but most frames differ in the few that are compared first."""
    if one.shape != other.shape or not np.array_equal(one[::16, ::16], other[::16, ::16]):
        return False
    return np.array_equal(one, other)
