"""One picture: detect, locate the landmarks, align, measure; and embed what is worth it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Box, Detection, Face, Landmarks, Picture
from edge.errors import ModelError
from edge.ports import Aligner, Detector, Embedder, Landmarker, QualityMeter

AROUND = 0.4  # widths of a face around the box it is expected in: at 15 frames a second nobody walks faster
SMALLER = 0.75  # of its expected width a face may be found with


class StillPipeline:
    """The parts that turn a picture into measured faces and faces into vectors.

    `landmarker` may be None where the detector finds landmarks in the aligner's scheme itself.
    Raises ModelError where the landmark schemes of landmarker and aligner do not fit.
    """

    def __init__(
        self,
        *,
        detector: Detector,
        landmarker: Landmarker | None,
        aligner: Aligner,
        meter: QualityMeter,
        embedder: Embedder,
    ) -> None:
        if landmarker is not None and landmarker.scheme != aligner.scheme:
            raise ModelError(
                f"landmarker: it finds {landmarker.scheme} points, the embedder {embedder.version} "
                f"was trained on {aligner.scheme}; choose parts that fit"
            )
        self._detector = detector
        self._landmarker = landmarker
        self._aligner = aligner
        self._meter = meter
        self._embedder = embedder

    @property
    def model_version(self) -> str:
        """Return the embedder's model version."""
        return self._embedder.version

    @property
    def dimension(self) -> int:
        """Return the number of values of a vector."""
        return self._embedder.dimension

    def warm_up(self) -> None:
        """Run every part once on grey: what is loaded at first use must not keep the first person waiting.

        Raises ModelError where a model cannot be used.
        """
        picture = np.full((240, 320, 3), 127, np.uint8)
        self.detect(picture)
        box = Box(110.0, 70.0, 100.0, 100.0)
        points = ((140.0, 100.0), (180.0, 100.0), (160.0, 120.0), (145.0, 145.0), (175.0, 145.0))
        landmarks = None if self._landmarker else Landmarks(self._aligner.scheme, points)
        self.embed([self.face(picture, Detection(box, 1.0, landmarks))])

    def detect(self, picture: Picture) -> list[Detection]:
        """Return the faces of an RGB picture, the most confident first, without aligning them."""
        return self._detector.detect(picture)

    def detect_near(self, picture: Picture, expected: Box) -> list[Detection]:
        """Return the faces around a box, in pixels of the whole picture, without much smaller ones."""
        height, width = picture.shape[:2]
        margin = AROUND * max(expected.width, expected.height)
        left, top = max(int(expected.left - margin), 0), max(int(expected.top - margin), 0)
        right = min(int(expected.right + margin) + 1, width)
        bottom = min(int(expected.bottom + margin) + 1, height)
        if left >= right or top >= bottom:
            return []
        part = np.ascontiguousarray(picture[top:bottom, left:right])
        found = self._detector.detect(part, smallest=SMALLER * expected.width)
        return [one.shifted(left, top) for one in found]

    def face(self, picture: Picture, detection: Detection) -> Face:
        """Return one detected face, aligned and measured."""
        landmarks = self._landmarks(picture, detection)
        crop = self._aligner.align(picture, landmarks)
        figures = self._meter.measure(picture, detection, landmarks, crop)
        return Face(detection, landmarks, crop, figures)

    def faces(self, picture: Picture) -> list[Face]:
        """Return every face of an RGB picture, aligned and measured, from left to right."""
        detections = sorted(self.detect(picture), key=lambda found: found.box.left)
        return [self.face(picture, detection) for detection in detections]

    def embed(self, faces: Sequence[Face]) -> NDArray[np.float32]:
        """Return the n×dimension float32 vectors of n faces, in one batch."""
        return self._embedder.embed([face.crop for face in faces])

    def _landmarks(self, picture: Picture, detection: Detection) -> Landmarks:
        found = detection.landmarks
        if found is not None and found.scheme == self._aligner.scheme:
            return found
        if self._landmarker is None:
            raise ModelError(
                f"detector: its landmarks are {found.scheme if found else 'none'}, "
                f"the embedder {self.model_version} needs {self._aligner.scheme} and no landmarker is set"
            )
        return self._landmarker.locate(picture, detection.box)
