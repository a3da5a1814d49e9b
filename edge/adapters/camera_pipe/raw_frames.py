"""Raw frames of a known size, as they follow each other in a stream."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np

from edge.domain.face import Picture
from edge.errors import CameraError

RawFormat: TypeAlias = Literal["rgb24", "bgr24", "gray", "yuv420p", "nv12", "yuyv422"]  # by FFmpeg's names

# rows of bytes a row of pixels takes, bytes a pixel of such a row takes, OpenCV's conversion
LAYOUTS: dict[RawFormat, tuple[float, int, int | None]] = {
    "rgb24": (1, 3, None),
    "bgr24": (1, 3, cv2.COLOR_BGR2RGB),
    "gray": (1, 1, cv2.COLOR_GRAY2RGB),
    "yuv420p": (1.5, 1, cv2.COLOR_YUV2RGB_I420),
    "nv12": (1.5, 1, cv2.COLOR_YUV2RGB_NV12),
    "yuyv422": (1, 2, cv2.COLOR_YUV2RGB_YUY2),
}


@dataclass(frozen=True, slots=True)
class RawLayout:
    """What a raw frame is: `width`×`height` pixels without padding at the ends of rows.

    Raises CameraError where a side is not positive and even, as the formats with shared colours need it.
    """

    width: int
    height: int
    pixel_format: RawFormat = "yuv420p"

    def __post_init__(self) -> None:
        """Check the sides."""
        if min(self.width, self.height) < 1 or self.width % 2 or self.height % 2:
            raise CameraError(f"raw frames: {self.width}×{self.height} pixels: both sides have to be even")

    @property
    def size(self) -> int:
        """Return the bytes of one frame."""
        rows, depth, _ = LAYOUTS[self.pixel_format]
        return round(self.width * self.height * rows) * depth

    def picture(self, data: bytes) -> Picture:
        """Return the RGB picture of one frame's bytes."""
        rows, depth, conversion = LAYOUTS[self.pixel_format]
        shape = (round(self.height * rows), self.width) + ((depth,) if depth > 1 else ())
        raw = np.frombuffer(data, np.uint8).reshape(shape)
        if conversion is None:
            return raw.copy()
        return np.asarray(cv2.cvtColor(raw, conversion), dtype=np.uint8)


class RawStream:
    """Takes bytes as they come and gives whole frames."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the frames that `data` completes."""
        self._buffer += data
        whole = len(self._buffer) // self._size * self._size
        frames = [bytes(self._buffer[start : start + self._size]) for start in range(0, whole, self._size)]
        del self._buffer[:whole]
        return frames
