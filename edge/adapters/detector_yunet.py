"""YuNet, a small face detector that also finds five points, by OpenCV's `FaceDetectorYN`."""

from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Box, Detection, Landmarks, LandmarkScheme, Picture
from edge.errors import ModelError
from edge.redact import one_line

# Pixels of a face as the net sees it: of 106 portraits it finds all down to 18, and its points then align a
# crop as well as those of larger ones. Patterns of cloth look like faces of about 10.
WINDOW, SMALLEST = 32, 16
OVERLAP = 0.3  # of two boxes that are one face
MOST = 50  # faces of one picture
TRIAL = 64  # pixels: the side of a picture to try a model on


class DetectorYunet:
    """Finds faces about `min_face` pixels wide or more, with their `arcface5` points.

    `path` is YuNet's ONNX file, of fixed or free input size; who calls has compared its checksum. The picture
    is looked at in the scale at which a face of `min_face` is 32 pixels wide. One whose longer side is then
    still over `max_side` is first looked at in that smaller size, and in full only where nobody was found.
    `confidence`, 0 to 1, is the lowest score of a face.
    """

    def __init__(
        self, path: Path, *, min_face: int = 80, max_side: int = 640, confidence: float = 0.6
    ) -> None:
        self._path = path
        self._scale = WINDOW / min_face
        self._max_side = max_side
        self._confidence = confidence
        self._detector: cv2.FaceDetectorYN | None = None

    def load(self) -> None:
        """Read the model file unless that was done; raises ModelError with its path."""
        if self._detector is None:
            self._detector = self._loaded()

    def detect(self, picture: Picture, *, smallest: float = 0.0) -> list[Detection]:
        """Return the faces of an RGB picture, the most confident first; the first call loads the model.

        The confidence is 0 to 1. Boxes reach from forehead to chin, narrower than dlib's by a tenth.
        """
        self.load()
        scale = min(self._scale, WINDOW / smallest) if smallest > 0 else self._scale
        longest = max(picture.shape[:2]) * scale
        if longest <= self._max_side:
            return self._look(picture, scale)
        return self._look(picture, scale * self._max_side / longest) or self._look(picture, scale)

    def _loaded(self) -> cv2.FaceDetectorYN:
        name = one_line(str(self._path))
        if not self._path.is_file():
            raise ModelError(f"{name}: there is no such model file")
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        try:
            detector = cv2.FaceDetectorYN.create(
                str(self._path), "", (TRIAL, TRIAL), self._confidence, OVERLAP, MOST
            )
            detector.detect(np.zeros((TRIAL, TRIAL, 3), np.uint8))
        except cv2.error as error:
            reason = one_line((error.err or error.msg).split("(expected", 1)[0].strip("> "))[:200]
            raise ModelError(f"{name}: OpenCV cannot use it as a YuNet model: {reason}") from None
        return detector

    def _look(self, picture: Picture, scale: float) -> list[Detection]:
        assert self._detector is not None  # noqa: S101 - detect() loaded it
        height, width = picture.shape[:2]
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        seen = cv2.cvtColor(cv2.resize(picture, size, interpolation=how), cv2.COLOR_RGB2BGR)
        self._detector.setInputSize(size)
        rows = cast("NDArray[np.float32] | None", self._detector.detect(seen)[1])
        if rows is None:
            return []
        back = np.array([width / size[0], height / size[1]])
        found = [_detection(row, back) for row in rows if row[2] >= SMALLEST]
        return sorted(found, key=lambda one: one.confidence, reverse=True)


def _detection(row: NDArray[np.float32], back: NDArray[np.float64]) -> Detection:
    """Return the face of one row: box, five points as the picture shows them left to right, score."""
    (left, top), (width, height) = row[:2] * back, row[2:4] * back
    points = tuple((float(x), float(y)) for x, y in row[4:14].reshape(5, 2) * back)
    return Detection(
        Box(float(left), float(top), float(width), float(height)),
        float(row[14]),
        Landmarks(LandmarkScheme.ARCFACE5, points),
    )
