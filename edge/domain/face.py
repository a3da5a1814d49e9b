"""What is seen in a picture: frames, boxes, landmarks, and a face with all that was measured of it.

Pictures are H×W×3 uint8 arrays in **RGB** order everywhere in the core; an adapter whose library wants
BGR converts at its own border. Coordinates are pixels, x to the right, y downwards, origin top left.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.domain.blocks import Blocks, block_means

Picture: TypeAlias = NDArray[np.uint8]
Vector: TypeAlias = NDArray[np.float32]


class LandmarkScheme(StrEnum):
    """Which five points a set of landmarks holds; the two schemes do not exchange."""

    DLIB5 = "dlib5"  # outer and inner corner of one eye, of the other, base of the nose (dlib's order)
    ARCFACE5 = "arcface5"  # centre of the left-hand eye, of the right-hand eye, nose tip, two mouth corners


@dataclass(frozen=True)
class Frame:
    """One picture of a camera.

    `number` counts the frames the source produced, gaps included; `at` is monotonic seconds at capture.
    """

    picture: Picture
    number: int
    at: float

    @cached_property
    def blocks(self) -> Blocks:
        """Return the means of the picture's blocks, made once for all who ask."""
        return block_means(self.picture)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; it may reach beyond the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the x of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return the y of the lower edge."""
        return self.top + self.height

    @property
    def area(self) -> float:
        """Return the area in square pixels."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """Return the centre as (x, y)."""
        return self.left + self.width / 2, self.top + self.height / 2

    def intersection(self, other: "Box") -> float:
        """Return the shared area in square pixels."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)

    def overlap(self, other: "Box") -> float:
        """Return intersection over union, 0 to 1."""
        shared = self.intersection(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def share_inside(self, width: int, height: int) -> float:
        """Return the share of this box, 0 to 1, that lies inside a picture of the given size."""
        return self.intersection(Box(0, 0, width, height)) / self.area if self.area > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Five points (x, y) of a face, in the order of their scheme."""

    scheme: LandmarkScheme
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Detection:
    """A face found by a detector.

    `confidence` has the detector's own scale; `landmarks` are set by detectors that find them as well.
    """

    box: Box
    confidence: float
    landmarks: Landmarks | None = None

    def shifted(self, right: float, down: float) -> "Detection":
        """Return the detection moved by pixels, as from a part of a picture to the whole."""
        box = Box(self.box.left + right, self.box.top + down, self.box.width, self.box.height)
        points = self.landmarks
        if points is not None:
            points = Landmarks(points.scheme, tuple((x + right, y + down) for x, y in points.points))
        return Detection(box, self.confidence, points)


@dataclass(frozen=True, slots=True)
class QualityFigures:
    """What was measured of one face; `domain/quality.py` turns it into a verdict.

    `face_width` pixels between the sides of the box; `sharpness` 100 times the variance of the second
    derivative by that of the first of the aligned grey crop, at 150×150 pixels and smoothed with standard
    deviations of 1.2 and 3, in that of four directions which has least; `brightness` mean grey 0–255 of the
    crop; `contrast` standard deviation of the same; `saturated` share 0–1 of crop pixels at 0–4 or 251–255;
    `inside` share 0–1 of the box within the picture; `yaw`, `pitch`, `roll` degrees estimated from the
    landmarks, 0 facing the camera; `detector` the detector's confidence; `span` the box's width as a share
    of the picture's shorter side.
    """

    face_width: float
    sharpness: float
    brightness: float
    contrast: float
    saturated: float
    inside: float
    yaw: float
    pitch: float
    roll: float
    detector: float
    span: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face of a picture, aligned and measured, ready to be judged and embedded.

    `crop` is the aligned RGB crop in the size of the embedder's profile.
    """

    detection: Detection
    landmarks: Landmarks
    crop: Picture
    figures: QualityFigures
