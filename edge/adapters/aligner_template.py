"""The crop of nets that were trained on faces moved onto a template of five points."""

from collections.abc import Sequence

import cv2
import numpy as np

from edge.domain.align import template_transform
from edge.domain.face import Landmarks, LandmarkScheme, Picture
from edge.errors import ModelError


class AlignerTemplate:
    """Cuts `width`×`height` pixels in which the five points lie nearest to `template`.

    `template` holds the points of `scheme` as fractions (x, y) of the crop. Turns, scales and shifts, and
    nothing else; what lies beyond the picture is black.
    """

    def __init__(
        self,
        template: Sequence[tuple[float, float]],
        *,
        width: int,
        height: int,
        scheme: LandmarkScheme = LandmarkScheme.ARCFACE5,
    ) -> None:
        self._template = tuple(template)
        self._size = width, height
        self.scheme = scheme

    def align(self, picture: Picture, landmarks: Landmarks) -> Picture:
        """Return the RGB crop; raises ModelError for landmarks of another scheme."""
        if landmarks.scheme is not self.scheme:
            raise ModelError(f"aligner template: it needs {self.scheme} landmarks, not {landmarks.scheme}")
        matrix = template_transform(landmarks, self._template, *self._size)
        return np.asarray(cv2.warpAffine(picture, matrix, self._size, flags=cv2.INTER_LINEAR), np.uint8)
