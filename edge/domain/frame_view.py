"""How frames are to be seen: upright, the right way round, and in which part faces are looked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from edge.domain.face import Box, Detection, Landmarks, Picture

Turn: TypeAlias = Literal[0, 90, 180, 270]


@dataclass(frozen=True, slots=True)
class Zone:
    """The part of a frame in which faces are looked for, as fractions of its width and height.

    Raises ValueError where it is empty or reaches beyond the frame.
    """

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def __post_init__(self) -> None:
        """Check the order of the sides."""
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError(
                "a zone is left, top, right, bottom as fractions of the frame, 0 to 1, not empty"
            )

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return (left, top, right, bottom) in a frame of this size, at least one pixel wide and high."""
        left, top = min(round(self.left * width), width - 1), min(round(self.top * height), height - 1)
        return left, top, max(round(self.right * width), left + 1), max(round(self.bottom * height), top + 1)


ZONES = {
    "whole": Zone(),
    "top-left": Zone(0.0, 0.0, 0.5, 0.5),
    "top-right": Zone(0.5, 0.0, 1.0, 0.5),
    "bottom-left": Zone(0.0, 0.5, 0.5, 1.0),
    "bottom-right": Zone(0.5, 0.5, 1.0, 1.0),
    "centre": Zone(0.25, 0.25, 0.75, 0.75),
}


def upright(picture: Picture, *, turn: Turn = 0, mirror: bool = False) -> Picture:
    """Return the picture turned clockwise by `turn` degrees, then mirrored left to right.

    The same array where there is nothing to do, else a contiguous copy.
    """
    turned = np.rot90(picture, -turn // 90) if turn else picture
    seen = turned[:, ::-1] if mirror else turned
    return np.ascontiguousarray(seen)


def detect_in(zone: Zone, picture: Picture, detect: Callable[[Picture], list[Detection]]) -> list[Detection]:
    """Return what `detect` finds in the zone, in coordinates of the whole picture."""
    height, width = picture.shape[:2]
    left, top, right, bottom = zone.pixels(width, height)
    if (left, top, right, bottom) == (0, 0, width, height):
        return detect(picture)
    part = np.ascontiguousarray(picture[top:bottom, left:right])
    return [moved(found, left, top) for found in detect(part)]


def moved(found: Detection, right: float, down: float) -> Detection:
    """Return a detection moved by pixels, its landmarks with it."""
    box = Box(found.box.left + right, found.box.top + down, found.box.width, found.box.height)
    marks = found.landmarks
    if marks is not None:
        marks = Landmarks(marks.scheme, tuple((x + right, y + down) for x, y in marks.points))
    return replace(found, box=box, landmarks=marks)
