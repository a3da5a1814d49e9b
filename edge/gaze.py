"""Finds the faces of a frame with the least work that the scene allows."""

import math
from collections.abc import Sequence
from itertools import combinations

from edge.domain.attention import Attention, AttentionRules, Look
from edge.domain.face import Box, Detection, Frame
from edge.domain.frame_view import detect_in
from edge.domain.motion import MotionGate, MotionRules
from edge.domain.track import Track
from edge.domain.zone import Zone
from edge.pipeline import StillPipeline

SAME = 0.4  # overlap of two boxes found near two tracks from which they are one face
CROWD = 2.0  # face widths between the centres of two faces up to which each frame counts to keep them apart
BELOW = 99.0  # face heights down to the feet: to the end of the picture
WHOLE = Zone()


class Gaze:
    """Looks at the whole frame, near the followed faces, or not at all; for one thread, times only grow.

    The whole frame is its `zone`; a face that leaves it is followed until the next look at the whole.
    `rate`, 0 to 1, is the share of the full work that may be done; the heat governor sets it.
    """

    def __init__(
        self,
        pipeline: StillPipeline,
        attention: AttentionRules,
        motion: MotionRules,
        *,
        zone: Zone = WHOLE,
    ) -> None:
        self._pipeline = pipeline
        self._attention = Attention(attention)
        self._motion = MotionGate(motion)
        self._zone = zone
        self.rate = 1.0

    def look(self, frame: Frame, tracks: Sequence[Track], undecided: int) -> list[Detection] | None:
        """Return the faces found in a frame, None where it was not looked at.

        `tracks` are the faces followed, `undecided` the number of those about whom nothing is decided yet.
        """
        expected = [track.expected(frame.at) for track in tracks]
        bodies = [part for face in expected for part in _body(face)]
        how = self._attention.look(
            frame.at,
            moving=self._motion.moves(frame.blocks, frame.at, apart_from=bodies),
            followed=len(tracks),
            undecided=undecided + _crowded(expected),
            rate=self.rate,
        )
        if how is Look.NONE:
            return None
        if how is Look.WHOLE:
            return detect_in(self._zone, frame.picture, self._pipeline.detect)
        return self._near(frame, expected)

    def _near(self, frame: Frame, expected: Sequence[Box]) -> list[Detection]:
        found: list[Detection] = []
        for face in expected:
            near = self._pipeline.detect_near(frame.picture, face)
            if not near:
                self._attention.missed()
            found += [one for one in near if all(one.box.overlap(other.box) < SAME for other in found)]
        return sorted(found, key=lambda one: one.confidence, reverse=True)


def _body(face: Box) -> tuple[Box, Box]:
    """Return where somebody with this face moves: head with hair, and trunk with arms down to the ground."""
    width, height = face.width, face.height
    head = Box(face.left - 0.5 * width, face.top - 0.7 * height, 2 * width, 2 * height)
    return head, Box(face.left - 1.5 * width, face.top + 0.8 * height, 4 * width, BELOW * height)


def _crowded(faces: Sequence[Box]) -> bool:
    """Return whether two faces are so near each other that they may cross before the next look."""
    for one, other in combinations(faces, 2):
        (x0, y0), (x1, y1) = one.centre, other.centre
        if math.hypot(x1 - x0, y1 - y0) <= CROWD * max(one.width, other.width):
            return True
    return False
