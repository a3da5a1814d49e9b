"""dlib's five-point shape predictor."""

from pathlib import Path

import dlib
import numpy as np

from edge.domain.face import Box, Landmarks, LandmarkScheme, Picture
from edge.errors import ModelError
from edge.redact import one_line

POINTS = 5


class LandmarkerDlib:
    """Finds dlib's five points, with the model file `shape_predictor_5_face_landmarks.dat` at `path`.

    The model was trained on the square boxes of dlib's own detector and expects a box of that kind.
    """

    scheme = LandmarkScheme.DLIB5

    def __init__(self, path: Path) -> None:
        self._path = path
        self._predictor: dlib.shape_predictor | None = None

    def load(self) -> None:
        """Read the model file unless that was done; raises ModelError with its path."""
        if self._predictor is not None:
            return
        name = one_line(str(self._path))
        if not self._path.is_file():
            raise ModelError(f"{name}: there is no such model file; `edgectl models prepare` makes it")
        try:
            predictor = dlib.shape_predictor(str(self._path))
            parts = predictor(np.zeros((POINTS, POINTS, 3), np.uint8), dlib.rectangle(0, 0, 4, 4)).num_parts
        except (RuntimeError, MemoryError, ValueError) as error:
            raise ModelError(
                f"{name}: dlib cannot read it as a shape predictor: {one_line(str(error))}"
            ) from None
        if parts != POINTS:
            raise ModelError(f"{name}: it finds {parts} points, {POINTS} are needed")
        self._predictor = predictor

    def locate(self, picture: Picture, box: Box) -> Landmarks:
        """Return dlib's five points, whole pixels, of the face in `box`; the first call loads the model."""
        self.load()
        assert self._predictor is not None  # noqa: S101 - load() set it or raised
        shape = self._predictor(picture, _rectangle(box))
        return Landmarks(self.scheme, tuple((float(point.x), float(point.y)) for point in shape.parts()))


def _rectangle(box: Box) -> dlib.rectangle:
    """Return the whole pixels nearest to `box`; dlib names a rectangle by its first and last pixels."""
    left, top = round(box.left), round(box.top)
    return dlib.rectangle(left, top, left + round(box.width) - 1, top + round(box.height) - 1)
