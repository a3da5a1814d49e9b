"""A pipeline whose pictures say themselves what is seen in them: their first pixel is a key into a script."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Box, Detection, Landmarks, LandmarkScheme, Picture, QualityFigures
from edge.pipeline import StillPipeline

GOOD = QualityFigures(
    face_width=200,
    sharpness=500,
    brightness=120,
    contrast=50,
    saturated=0,
    inside=1,
    yaw=0,
    pitch=0,
    roll=0,
    detector=2,
)
POINTS = Landmarks(LandmarkScheme.DLIB5, ((4, 1), (3, 1), (0, 1), (1, 1), (2, 3)))


class Script:
    """Makes pictures and plays every part of the pipeline over them. Vectors have two values."""

    version = "scripted-1"
    dimension = 2
    scheme = LandmarkScheme.DLIB5

    def __init__(self) -> None:
        self.scenes: list[list[tuple[tuple[float, float], QualityFigures]]] = []

    def picture(self, *faces: tuple[float, float], **wrong: float) -> Picture:
        """Return a picture with faces of these vectors; `wrong` replaces figures of all of them."""
        self.scenes.append([(vector, replace(GOOD, **wrong)) for vector in faces])
        return np.full((8, 8, 3), len(self.scenes) - 1, np.uint8)

    def pipeline(self) -> StillPipeline:
        return StillPipeline(detector=self, landmarker=self, aligner=self, meter=self, embedder=self)

    def detect(self, picture: Picture, *, smallest: float = 0.0) -> list[Detection]:
        del smallest
        faces = self.scenes[int(picture[0, 0, 0])]
        return [Detection(Box(10.0 * place, 0, 8, 8), 2.0) for place in range(len(faces))]

    def locate(self, picture: Picture, box: Box) -> Landmarks:
        del picture
        return Landmarks(self.scheme, tuple((x + box.left, y) for x, y in POINTS.points))

    def align(self, picture: Picture, landmarks: Landmarks) -> Picture:
        place = round((landmarks.points[2][0]) / 10)
        return np.array([[[picture[0, 0, 0], place, 0]]], np.uint8)

    def measure(
        self, picture: Picture, detection: Detection, landmarks: Landmarks, crop: Picture
    ) -> QualityFigures:
        del picture, detection, landmarks
        return self.scenes[int(crop[0, 0, 0])][int(crop[0, 0, 1])][1]

    def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        vectors = [self.scenes[int(crop[0, 0, 0])][int(crop[0, 0, 1])][0] for crop in crops]
        return np.array(vectors, np.float32)
