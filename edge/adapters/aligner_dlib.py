"""The crop that dlib's recognition nets were trained on."""

import dlib
import numpy as np

from edge.domain.face import Landmarks, LandmarkScheme, Picture
from edge.errors import ModelError


class AlignerDlib:
    """Cuts `dlib.get_face_chip(picture, points, size, padding)`, to the bit.

    dlib measures with whole pixels, as its shape predictor gives them; other landmarks are rounded. `padding`
    is the margin around the face as a share of its width.
    """

    scheme = LandmarkScheme.DLIB5

    def __init__(self, *, size: int = 150, padding: float = 0.25) -> None:
        self._size = size
        self._padding = padding

    def align(self, picture: Picture, landmarks: Landmarks) -> Picture:
        """Return the size×size RGB crop; raises ModelError for landmarks of another scheme."""
        if landmarks.scheme is not self.scheme:
            raise ModelError(f"aligner dlib: it needs {self.scheme} landmarks, not {landmarks.scheme}")
        points = [dlib.point(round(x), round(y)) for x, y in landmarks.points]
        # the rectangle is carried along by dlib, the crop comes from the five points alone
        shape = dlib.full_object_detection(dlib.rectangle(), points)
        return np.asarray(dlib.get_face_chip(picture, shape, self._size, self._padding), dtype=np.uint8)
