"""What the vision child asks of cameras and models."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Box, Detection, Frame, Landmarks, LandmarkScheme, Picture, QualityFigures


class Camera(Protocol):
    """A source of frames, used by one thread. Everything slow happens in `open` and `read`."""

    def open(self) -> None:
        """Start the source; raises CameraError."""
        ...

    def read(self, timeout: float) -> Frame | None:
        """Return the next frame, or None where none came within `timeout` seconds.

        Raises CameraError where the source is lost, EndOfFilm where a film is over.
        """
        ...

    def close(self) -> None:
        """Release the source; may be called twice."""
        ...


class EndOfFilm(Exception):  # noqa: N818 - an end is no error; it leaves `Camera.read` as StopIteration leaves next()
    """A replayed film or folder has no further frame."""


class Detector(Protocol):
    """Finds faces."""

    def detect(self, picture: Picture, *, smallest: float = 0.0) -> list[Detection]:
        """Return the faces of an RGB picture, the most confident first.

        Faces narrower than `smallest` pixels are of no interest, which lets a detector look in a lower
        resolution; it has a smallest width of its own as well.
        """
        ...


class Landmarker(Protocol):
    """Finds the five points of one face."""

    @property
    def scheme(self) -> LandmarkScheme:
        """Return the scheme of the points found."""
        ...

    def locate(self, picture: Picture, box: Box) -> Landmarks:
        """Return the landmarks of the face in `box`, in pixels of the RGB picture."""
        ...


class Aligner(Protocol):
    """Cuts the crop an embedder was trained on."""

    @property
    def scheme(self) -> LandmarkScheme:
        """Return the landmark scheme needed."""
        ...

    def align(self, picture: Picture, landmarks: Landmarks) -> Picture:
        """Return the aligned RGB crop in the size of the profile."""
        ...


class QualityMeter(Protocol):
    """Measures a face; judging is the core's work."""

    def measure(
        self, picture: Picture, detection: Detection, landmarks: Landmarks, crop: Picture
    ) -> QualityFigures:
        """Return what was measured of the face."""
        ...


class Embedder(Protocol):
    """Turns aligned crops into vectors."""

    @property
    def version(self) -> str:
        """Return the model version: vectors of different versions never meet."""
        ...

    @property
    def dimension(self) -> int:
        """Return the number of values of one vector."""
        ...

    def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        """Return the n×dimension float32 matrix of n aligned RGB crops, row by row."""
        ...
