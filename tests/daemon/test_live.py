"""The live pipeline on made-up frames: a face is a coloured square, its colour is who it is."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.domain.attention import AttentionRules
from edge.domain.face import (
    Box,
    Detection,
    Frame,
    Landmarks,
    LandmarkScheme,
    Picture,
    QualityFigures,
)
from edge.domain.gallery import Gallery
from edge.domain.motion import MotionRules
from edge.domain.person import Reference
from edge.domain.quality import QualityLimits
from edge.domain.recognise import RecognitionRules
from edge.domain.score import Metric, ScoreScale
from edge.domain.track import TrackRules
from edge.gaze import Gaze
from edge.live import Finding, LivePipeline, LiveRules
from edge.pipeline import StillPipeline

RATE = 15.0
EVERY_FRAME = AttentionRules(idle=0, moving=0, followed=0, settled=0)
SIDE = 40
RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (90, 90, 90)
SCHEME = LandmarkScheme.DLIB5
Face = tuple[tuple[int, int, int], int]  # colour, left


class Parts:
    """Detector, aligner, meter and embedder of coloured squares; grey ones are blurred."""

    scheme = SCHEME
    version = "squares-1"
    dimension = 3

    def __init__(self) -> None:
        self.embedded = 0
        self.measured = 0

    def detect(self, picture: Picture, *, smallest: float = 0.0) -> list[Detection]:
        del smallest
        columns = np.flatnonzero(picture.any(axis=(0, 2)))
        lefts = [left for left in columns if left == 0 or not picture[0, left - 1].any()]
        return [
            Detection(Box(int(left), 0, SIDE, SIDE), 1.0, Landmarks(SCHEME, ((0.0, 0.0),) * 5))
            for left in lefts
        ]

    def align(self, picture: Picture, landmarks: Landmarks) -> Picture:  # noqa: ARG002 - a port
        return picture.copy()

    def measure(
        self,
        picture: Picture,
        detection: Detection,
        landmarks: Landmarks,  # noqa: ARG002 - a port
        crop: Picture,
    ) -> QualityFigures:
        self.measured += 1
        middle = picture[0, int(detection.box.left) + 1]
        sharpness = 0.0 if tuple(middle) == GREY else 100.0
        crop[:] = middle
        return QualityFigures(100, sharpness, 128, 40, 0, 1, 0, 0, 0, 1)

    def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        self.embedded += len(crops)
        return np.array([crop[0, 0] for crop in crops], np.float32).reshape(-1, 3)


def _reference(person: str, colour: tuple[int, int, int]) -> Reference:
    return Reference(f"reference of {person}", person, "squares-1", np.array(colour, np.float32))


class Scene:
    """A film in the making: frames at RATE, and everything that was found."""

    def __init__(
        self, *, cooldown: float = 10.0, faces_at_once: int = 3, attention: AttentionRules = EVERY_FRAME
    ) -> None:
        self.parts = Parts()
        self.gallery = Gallery(Metric.COSINE, 3)
        self.gallery.add([_reference("red", RED), _reference("green", GREEN)])
        scale = ScoreScale(Metric.COSINE, 0.0, 100.0, 0.0, -1.0, 1.0)
        limits = QualityLimits(80, 40, 40, 220, 15, 0.35, 0.9, 35, 30, 35, 0, 0.8)
        rules = LiveRules(
            scale=scale,
            recognition=RecognitionRules(threshold=0.8, margin=0.05, agree_frames=3, fresh_seconds=2.0),
            quality=limits,
            track=TrackRules(),
            faces_at_once=faces_at_once,
            cooldown=cooldown,
        )
        pipeline = StillPipeline(
            detector=self.parts,
            landmarker=None,
            aligner=self.parts,
            meter=self.parts,
            embedder=self.parts,
        )
        gaze = Gaze(pipeline, attention, MotionRules())
        self.live = LivePipeline(pipeline=pipeline, gaze=gaze, gallery=self.gallery, rules=rules)
        self.number = 0

    def show(self, seconds: float, *faces: Face) -> list[Finding]:
        found = []
        for _ in range(round(seconds * RATE)):
            picture = np.zeros((SIDE, 400, 3), np.uint8)
            for colour, left in faces:
                picture[:, left : left + SIDE] = colour
            found += self.live.step(Frame(picture, self.number, self.number / RATE))
            self.number += 1
        return found

    def finish(self) -> list[Finding]:
        return self.live.finish(self.number / RATE)


def _who(found: list[Finding]) -> list[str]:
    return [one.decision.person_id or str(one.decision.reason) for one in found]


def test_somebody_who_stays_is_told_once_with_the_third_frame() -> None:
    scene = Scene()
    found = scene.show(60, (RED, 10))
    assert _who(found) == ["red"]
    assert (found[0].frame, found[0].decision.frames, found[0].people) == (2, 3, 2)
    assert found[0].decision.at == pytest.approx(2 / RATE)
    assert found[0].decision.reference_id == "reference of red"


def test_a_face_that_was_decided_is_not_even_measured_each_frame() -> None:
    scene = Scene()
    scene.show(60, (RED, 10))
    assert scene.parts.embedded < 80
    assert scene.parts.measured < 80


@pytest.mark.parametrize("rate", [1.0, 0.5, 0.25, 0.1])
def test_in_a_hot_box_somebody_who_stays_is_told_once_as_well(rate: float) -> None:
    scene = Scene(cooldown=0.0, attention=AttentionRules())
    scene.live.throttle(rate)
    assert _who(scene.show(30, (RED, 100))) == ["red"]


@pytest.mark.parametrize("rate", [0.25, 0.1])
def test_in_a_hot_box_somebody_else_at_the_place_of_a_person_is_nobody_but_themselves(rate: float) -> None:
    scene = Scene(cooldown=0.0, attention=AttentionRules())
    scene.live.throttle(rate)
    scene.show(10, (RED, 100))
    after = scene.show(10, (GREEN, 100))
    assert _who(after) == ["green"]
    assert [one.person_id for one in scene.live.watched] == ["green"]


def test_a_stranger_is_told_once_after_half_a_second() -> None:
    scene = Scene()
    found = scene.show(20, (BLUE, 10))
    assert _who(found) == ["unknown"]
    assert 0.5 <= found[0].decision.at <= 0.6


def test_somebody_else_at_the_place_of_a_person_is_not_taken_for_that_person() -> None:
    scene = Scene()
    assert _who(scene.show(2, (RED, 100))) == ["red"]
    assert [one.person_id for one in scene.live.watched] == ["red"]
    found = scene.show(2 / RATE, (GREEN, 116))  # too far for one frame, near enough for the same track
    assert [one.person_id for one in scene.live.watched] == [None]
    found += scene.show(1, (GREEN, 116))
    assert _who(found) == ["green"]
    assert _who(scene.show(2, (BLUE, 100))) == ["unknown"]


def test_a_person_who_makes_a_leap_is_still_that_person_and_not_told_again() -> None:
    scene = Scene(cooldown=0)
    assert _who(scene.show(2, (RED, 100))) == ["red"]
    embedded = scene.parts.embedded
    assert scene.show(0.5, (RED, 116)) == []
    assert [one.person_id for one in scene.live.watched] == ["red"]
    assert scene.parts.embedded == embedded + 1


def test_an_empty_scene_says_nothing_and_embeds_nothing() -> None:
    scene = Scene()
    assert scene.show(5) + scene.finish() == []
    assert scene.parts.measured == 0


def test_a_blurred_face_is_told_at_its_end_with_what_would_help() -> None:
    scene = Scene()
    assert scene.show(2, (GREY, 10)) == []
    (found,) = scene.show(2)
    assert (found.decision.reason, found.decision.hint) == ("poor_quality", "hold_still")
    assert scene.parts.embedded == 0


def test_who_is_in_view_says_what_is_wrong_with_a_face_and_whether_it_is_decided() -> None:
    scene = Scene()
    scene.show(0.5, (GREY, 100))
    assert [(one.hint, one.decided) for one in scene.live.watched] == [("hold_still", False)]
    scene.show(2, (GREY, 100), (RED, 300))
    grey, red = scene.live.watched
    assert (grey.person_id, red.person_id) == (None, "red")
    assert (grey.hint, red.hint, red.decided) == ("hold_still", None, True)
    (moved, _) = scene.live.in_view(scene.number / RATE)
    assert moved.box.left == pytest.approx(grey.box.left, abs=1)
    scene.show(3)
    assert scene.live.watched == ()


def test_the_end_of_a_film_ends_its_tracks() -> None:
    scene = Scene()
    scene.show(2, (GREY, 10))
    assert _who(scene.finish()) == ["poor_quality"]
    assert scene.finish() == []


def test_several_people_are_decided_each_by_themselves() -> None:
    scene = Scene()
    assert sorted(_who(scene.show(3, (RED, 10), (GREEN, 150), (BLUE, 290)))) == ["green", "red", "unknown"]


def test_more_faces_than_allowed_are_left_alone() -> None:
    scene = Scene(faces_at_once=2)
    assert len(scene.show(3, (RED, 10), (GREEN, 150), (BLUE, 290))) == 2


def test_somebody_who_comes_back_at_once_waits_for_the_cooldown_but_not_longer() -> None:
    scene = Scene(cooldown=10)
    scene.show(1, (RED, 10))
    scene.show(3)
    found = scene.show(12, (RED, 10))
    assert _who(found) == ["red"]
    first = 2 / RATE
    assert first + 10 <= found[0].decision.at <= first + 10 + 1 + 1 / RATE


def test_somebody_who_left_during_the_cooldown_is_not_told_after_it() -> None:
    scene = Scene(cooldown=10)
    scene.show(1, (RED, 10))
    scene.show(3)
    assert scene.show(2, (RED, 10)) == []
    assert scene.show(20) == []


def test_somebody_new_in_the_gallery_is_found_by_the_next_frames() -> None:
    scene = Scene()
    assert _who(scene.show(2, (BLUE, 10))) == ["unknown"]
    scene.gallery.add([_reference("blue", BLUE)])
    assert _who(scene.show(3, (BLUE, 10))) == ["blue"]


def test_somebody_removed_from_the_gallery_is_not_found() -> None:
    scene = Scene()
    scene.gallery.remove(["reference of red"])
    assert _who(scene.show(3, (RED, 10))) == ["unknown"]
