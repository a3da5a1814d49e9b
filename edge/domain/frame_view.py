"""How frames are to be seen: upright, the right way round, and in which part faces are looked for."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np

from edge.domain.face import Box, Detection, Landmarks, Picture
from edge.domain.zone import Zone

Turn: TypeAlias = Literal[0, 90, 180, 270]


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
