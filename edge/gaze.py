"""Finds the faces of a frame with the least work that the scene allows."""

from collections.abc import Sequence

from edge.domain.attention import Attention, AttentionRules, Look
from edge.domain.face import Detection, Frame
from edge.domain.motion import MotionGate, MotionRules
from edge.domain.track import Track
from edge.pipeline import StillPipeline

SAME = 0.4  # overlap of two boxes found near two tracks from which they are one face


class Gaze:
    """Looks at the whole frame, near the followed faces, or not at all; for one thread, times only grow.

    `rate`, 0 to 1, is the share of the full work that may be done; the heat governor sets it.
    """

    def __init__(self, pipeline: StillPipeline, attention: AttentionRules, motion: MotionRules) -> None:
        self._pipeline = pipeline
        self._attention = Attention(attention)
        self._motion = MotionGate(motion)
        self.rate = 1.0

    def look(self, frame: Frame, tracks: Sequence[Track], undecided: int) -> list[Detection] | None:
        """Return the faces found in a frame, None where it was not looked at.

        `tracks` are the faces followed, `undecided` the number of those about whom nothing is decided yet.
        """
        moving = self._motion.moves(frame.picture, frame.at)
        how = self._attention.look(
            frame.at, moving=moving, followed=len(tracks), undecided=undecided, rate=self.rate
        )
        if how is Look.NONE:
            return None
        if how is Look.WHOLE:
            return self._pipeline.detect(frame.picture)
        return self._near(frame, tracks)

    def _near(self, frame: Frame, tracks: Sequence[Track]) -> list[Detection]:
        found: list[Detection] = []
        for track in tracks:
            near = self._pipeline.detect_near(frame.picture, track.expected(frame.at))
            if not near:
                self._attention.missed()
            found += [one for one in near if all(one.box.overlap(other.box) < SAME for other in found)]
        return sorted(found, key=lambda one: one.confidence, reverse=True)
