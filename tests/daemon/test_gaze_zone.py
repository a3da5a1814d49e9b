"""Faces are looked for in the zone only, and told in coordinates of the whole frame."""

import numpy as np
import pytest

from edge.domain.face import Frame
from edge.domain.motion import MotionRules
from edge.domain.zone import ZONES, Zone
from edge.gaze import Gaze
from edge.pipeline import StillPipeline
from tests.daemon.test_live import EVERY_FRAME, RED, SIDE, Parts


@pytest.mark.parametrize(
    ("zone", "found"),
    [
        (ZONES["whole"], [20.0, 300.0]),
        (ZONES["top-left"], [20.0]),
        (ZONES["top-right"], [300.0]),
        (ZONES["centre"], []),
        (Zone(0.6, 0, 1, 1), [300.0]),
    ],
)
def test_a_look_at_the_whole_is_one_at_the_zone(zone: Zone, found: list[float]) -> None:
    parts = Parts()
    pipeline = StillPipeline(detector=parts, landmarker=None, aligner=parts, meter=parts, embedder=parts)
    picture = np.zeros((4 * SIDE, 400, 3), np.uint8)
    for left in (20, 300):
        picture[:SIDE, left : left + SIDE] = RED
    detections = Gaze(pipeline, EVERY_FRAME, MotionRules(), zone=zone).look(Frame(picture, 0, 1.0), [], 0)
    assert detections is not None
    assert sorted(one.box.left for one in detections) == found
