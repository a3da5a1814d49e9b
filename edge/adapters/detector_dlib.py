"""dlib's HOG face detector: needs no file, sees upright faces of about 80 pixels and more."""

import cv2
import dlib

from edge.domain.face import Box, Detection, Picture

WINDOW = 80  # pixels: the side of the detector's window on the lowest step of its pyramid


class DetectorDlib:
    """Finds faces whose dlib box is about `min_face` pixels wide or more.

    The picture is looked at in the scale at which such a face just fills the detector's window: the time
    grows with the pixels looked at, so a larger `min_face` costs less. A picture whose longer side is then
    still over `max_side` is first looked at in that smaller size, and in full only where nobody was found: on
    a photograph of many million pixels the faces that matter are large.
    """

    def __init__(self, *, min_face: int = WINDOW, max_side: int = 1280) -> None:
        self._scale = WINDOW / min_face
        self._max_side = max_side
        self._detector: dlib.fhog_object_detector | None = None

    def detect(self, picture: Picture, *, smallest: float = 0.0) -> list[Detection]:
        """Return the faces of an RGB picture, the most confident first.

        The confidence is dlib's score: 0 is its own limit, a clear frontal face has 1 to 3. A box has the
        square of dlib's, in pixels of `picture`, and may reach beyond it.
        """
        scale = min(self._scale, WINDOW / smallest) if smallest > 0 else self._scale
        longest = max(picture.shape[:2]) * scale
        if longest <= self._max_side:
            return self._look(picture, scale)
        return self._look(picture, scale * self._max_side / longest) or self._look(picture, scale)

    def _look(self, picture: Picture, scale: float) -> list[Detection]:
        if self._detector is None:
            self._detector = dlib.get_frontal_face_detector()
        rectangles, scores, _ = self._detector.run(_scaled(picture, scale), 0, 0.0)
        found = [
            Detection(_box(rectangle, scale), float(score))
            for rectangle, score in zip(rectangles, scores, strict=True)
        ]
        return sorted(found, key=lambda one: one.confidence, reverse=True)


def _scaled(picture: Picture, scale: float) -> Picture:
    if scale == 1:
        return picture
    size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=how)  # type: ignore[return-value]  # uint8 in, uint8 out


def _box(rectangle: dlib.rectangle, scale: float) -> Box:
    """Return dlib's rectangle, whose right and lower edges are its last pixels, in the unscaled picture."""
    return Box(
        rectangle.left() / scale,
        rectangle.top() / scale,
        rectangle.width() / scale,
        rectangle.height() / scale,
    )
