"""Sharp portraits pass the limits of the door and of enrolment, blurred ones do not: real photographs."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.aligner_dlib import AlignerDlib
from edge.adapters.detector_dlib import DetectorDlib
from edge.adapters.landmarker_dlib import LandmarkerDlib
from edge.adapters.picture_file import read_picture
from edge.adapters.quality_cv2 import QualityCv2
from edge.config.sections import EnrolmentSettings, QualitySettings
from edge.domain.face import Detection, Landmarks

Pixels = NDArray[Any]
Change = Callable[[Pixels], Pixels]
DOOR, GATE = QualitySettings().min_sharpness, EnrolmentSettings().min_sharpness


@dataclass(frozen=True)
class Portrait:
    """A photograph, scaled to a face of `width` pixels."""

    width: int
    picture: NDArray[np.uint8]
    detection: Detection
    landmarks: Landmarks

    def sharpness(self, *changes: Change) -> float:
        """Return the figure after changes of the picture."""
        picture: Pixels = self.picture
        for change in changes:
            picture = change(picture)
        changed = np.clip(picture, 0, 255).astype(np.uint8)
        crop = AlignerDlib().align(changed, self.landmarks)
        return QualityCv2().measure(changed, self.detection, self.landmarks, crop).sharpness

    def out_of_focus(self, share: float) -> Change:
        """Return a blur whose standard deviation is a share of the face's width."""
        return lambda picture: cv2.GaussianBlur(picture, (0, 0), share * self.width)

    def moved(self, share: float, *, upright: bool = False) -> Change:
        """Return the blur of a face that moved over a share of its width while it was exposed."""
        pixels = share * self.width
        whole = round(pixels) // 2 * 2 + 3
        row = np.clip((pixels + 1) / 2 - np.abs(np.arange(whole) - whole // 2), 0, 1)
        kernel = (row / row.sum())[:, None] if upright else (row / row.sum())[None]
        return lambda picture: cv2.filter2D(picture, -1, kernel)


@pytest.fixture(
    scope="module",
    params=itertools.product(["obama.jpg", "obama2.jpg", "biden.jpg"], [100, 160]),
    ids=lambda one: f"{one[0]} {one[1]} px",
)
def portrait(request: pytest.FixtureRequest, presidents: Path, dlib_models: Path) -> Portrait:
    name, width = request.param
    picture = read_picture(presidents / name)
    scale = width / DetectorDlib().detect(picture)[0].box.width
    small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    detection = DetectorDlib().detect(small)[0]
    landmarker = LandmarkerDlib(dlib_models / "shape_predictor_5_face_landmarks.dat")
    return Portrait(width, small, detection, landmarker.locate(small, detection.box))


def dark(picture: Pixels) -> Pixels:
    return np.asarray(0.4 * picture.astype(np.float32))


def noisy(deviation: float) -> Change:
    random = np.random.default_rng(8)
    return lambda picture: picture + random.normal(0, deviation, picture.shape)


def test_a_sharp_portrait_passes_at_the_door_and_as_a_reference(portrait: Portrait) -> None:
    assert portrait.sharpness() >= GATE > DOOR


def test_neither_little_light_nor_noise_makes_it_less_sharp(portrait: Portrait) -> None:
    plain = portrait.sharpness()
    assert portrait.sharpness(dark) == pytest.approx(plain, rel=0.05)
    assert portrait.sharpness(noisy(4)) == pytest.approx(plain, rel=0.2)


@pytest.mark.parametrize("noise", [0, 4])
@pytest.mark.parametrize("darker", [False, True], ids=["light", "dark"])
def test_out_of_focus_by_a_30th_of_its_width_it_does_not(
    portrait: Portrait, darker: bool, noise: float
) -> None:
    light: list[Change] = [dark] if darker and not noise else []
    assert portrait.sharpness(portrait.out_of_focus(1 / 30), *light, noisy(noise)) < DOOR


@pytest.mark.parametrize("upright", [False, True], ids=["sideways", "up"])
def test_one_that_moves_slowly_may_pass_the_door_one_that_hurries_may_not(
    portrait: Portrait, upright: bool
) -> None:
    assert portrait.sharpness(portrait.moved(1 / 30, upright=upright)) > DOOR
    assert portrait.sharpness(portrait.moved(1 / 8, upright=upright)) < DOOR
