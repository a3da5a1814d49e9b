"""How long each stage of vision takes, measured around its parts and not inside of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Box, Detection, Landmarks, LandmarkScheme, Picture, QualityFigures
from edge.domain.latency import Latencies
from edge.ports import Aligner, Detector, Embedder, Landmarker, QualityMeter


class StageTimes:
    """Latencies by the name of the stage, for one thread. `clock` gives seconds of any origin."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.latencies: dict[str, Latencies] = {}

    def add(self, stage: str, seconds: float) -> None:
        """Count one that took `seconds`."""
        self.latencies[stage] = self.latencies.get(stage, Latencies()).with_one(seconds)

    @contextmanager
    def measured(self, stage: str) -> Iterator[None]:
        """Count the block inside, unless it raises."""
        begun = self._clock()
        yield
        self.add(stage, self._clock() - begun)


class TimedDetector:
    """A detector, measured."""

    def __init__(self, detector: Detector, times: StageTimes) -> None:
        self._detector = detector
        self._times = times

    def detect(self, picture: Picture, *, smallest: float = 0.0) -> list[Detection]:
        """Return the faces of an RGB picture, the most confident first, of at least `smallest` pixels."""
        with self._times.measured("detect"):
            return self._detector.detect(picture, smallest=smallest)


class TimedLandmarker:
    """A landmarker, measured."""

    def __init__(self, landmarker: Landmarker, times: StageTimes) -> None:
        self._landmarker = landmarker
        self._times = times

    @property
    def scheme(self) -> LandmarkScheme:
        """Return the scheme of the points found."""
        return self._landmarker.scheme

    def locate(self, picture: Picture, box: Box) -> Landmarks:
        """Return the landmarks of the face in `box`, in pixels of the RGB picture."""
        with self._times.measured("landmarks"):
            return self._landmarker.locate(picture, box)


class TimedAligner:
    """An aligner, measured."""

    def __init__(self, aligner: Aligner, times: StageTimes) -> None:
        self._aligner = aligner
        self._times = times

    @property
    def scheme(self) -> LandmarkScheme:
        """Return the landmark scheme needed."""
        return self._aligner.scheme

    def align(self, picture: Picture, landmarks: Landmarks) -> Picture:
        """Return the aligned RGB crop in the size of the profile."""
        with self._times.measured("align"):
            return self._aligner.align(picture, landmarks)


class TimedMeter:
    """A quality meter, measured."""

    def __init__(self, meter: QualityMeter, times: StageTimes) -> None:
        self._meter = meter
        self._times = times

    def measure(
        self, picture: Picture, detection: Detection, landmarks: Landmarks, crop: Picture
    ) -> QualityFigures:
        """Return what was measured of the face."""
        with self._times.measured("quality"):
            return self._meter.measure(picture, detection, landmarks, crop)


class TimedEmbedder:
    """An embedder, measured."""

    def __init__(self, embedder: Embedder, times: StageTimes) -> None:
        self._embedder = embedder
        self._times = times

    @property
    def version(self) -> str:
        """Return the model version."""
        return self._embedder.version

    @property
    def dimension(self) -> int:
        """Return the number of values of one vector."""
        return self._embedder.dimension

    def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        """Return the n×dimension float32 matrix of n aligned RGB crops, row by row."""
        with self._times.measured("embed"):
            return self._embedder.embed(crops)
