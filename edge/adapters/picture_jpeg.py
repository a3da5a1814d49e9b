"""JPEG of the live picture by OpenCV, which lets other threads work meanwhile."""

import cv2

from edge.domain.face import Picture
from edge.live_view_source import Jpeg

QUALITIES = (82, 65, 40)  # tried in turn until the picture is small enough; the first is good for enrolment
SMALLEST = 64  # pixels of the longer side, below which nothing is worth showing


def encode_jpeg(picture: Picture, longest: int | None, most: int) -> Jpeg | None:
    """Return an RGB picture as JPEG of at most `most` bytes, shrunk to `longest` pixels where it is longer.

    A picture that does not fit in any quality is shown in half its size. None where it cannot be encoded.
    """
    height, width = picture.shape[:2]
    side = min(longest or max(width, height), max(width, height))
    while side >= SMALLEST:
        shown = _shrunk(picture, side / max(width, height))
        for quality in QUALITIES:
            done, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if not done:
                return None
            if data.size <= most:
                return Jpeg(data.tobytes(), shown.shape[1], shown.shape[0])
        side //= 2
    return None


def _shrunk(picture: Picture, factor: float) -> cv2.typing.MatLike:
    """Return it in BGR, each pixel the mean of those it stands for."""
    height, width = picture.shape[:2]
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    small = picture if size == (width, height) else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
