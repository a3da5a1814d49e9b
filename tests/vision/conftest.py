"""Small real pictures, films and clocks, made by the tests themselves."""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.domain.events import Instant


class HandClock:
    """A clock that only `sleep` and `pass_time` move."""

    def __init__(self) -> None:
        self.time = 1000.0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> Instant:
        return Instant(0.0, int(self.time * 1e9), trusted=False)

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    pass_time = sleep


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def scene() -> NDArray[np.uint8]:
    """Return a 48×64 RGB picture in which no two quarters, and no two channels, are alike."""
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:24, :32] = 250, 10, 20
    picture[:24, 32:] = 15, 240, 30
    picture[24:, :32] = 5, 25, 230
    picture[24:, 32:] = 200, 190, 40
    return picture


Film = Callable[[Path, Sequence[NDArray[np.uint8]], float], Path]


@pytest.fixture(scope="session")
def write_film() -> Film:
    """Return a function that writes RGB pictures as a lossless film."""

    def write(path: Path, pictures: Sequence[NDArray[np.uint8]], rate: float) -> Path:
        height, width = pictures[0].shape[:2]
        fourcc = cv2.VideoWriter.fourcc(*"FFV1")
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, rate, (width, height))
        assert writer.isOpened()
        for picture in pictures:
            writer.write(picture[:, :, ::-1])
        writer.release()
        return path

    return write
