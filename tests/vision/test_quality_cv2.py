import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.aligner_dlib import AlignerDlib
from edge.adapters.detector_dlib import DetectorDlib
from edge.adapters.landmarker_dlib import LandmarkerDlib
from edge.adapters.picture_file import read_picture
from edge.adapters.quality_cv2 import QualityCv2
from edge.domain.align import pose_of
from edge.domain.face import Box, Detection, Landmarks, LandmarkScheme, QualityFigures

Picture = NDArray[np.uint8]

FRONTAL = Landmarks(LandmarkScheme.DLIB5, ((90, 40), (70, 40), (10, 40), (30, 40), (50, 80)))
IN_THE_MIDDLE = Detection(Box(20, 20, 60, 60), 1.5)
ANY = np.zeros((100, 100, 3), np.uint8)


def measured(crop: Picture, picture: Picture = ANY, detection: Detection = IN_THE_MIDDLE) -> QualityFigures:
    return QualityCv2().measure(picture, detection, FRONTAL, crop)


def plain(red: int, green: int, blue: int) -> Picture:
    return np.full((150, 150, 3), (red, green, blue), np.uint8)


def test_box_pose_and_confidence_are_passed_on() -> None:
    figures = measured(plain(9, 9, 9), detection=Detection(Box(-30, 20, 60, 60), 1.5))
    assert figures.face_width == 60
    assert figures.inside == 0.5
    assert figures.detector == 1.5
    assert (figures.yaw, figures.pitch, figures.roll) == pose_of(FRONTAL)


def test_brightness_weighs_the_colours_as_rgb() -> None:
    assert measured(plain(255, 0, 0)).brightness == pytest.approx(0.299 * 255, abs=1)
    assert measured(plain(0, 0, 255)).brightness == pytest.approx(0.114 * 255, abs=1)


def test_contrast_and_saturation_are_those_of_the_grey_crop() -> None:
    halves = plain(60, 60, 60)
    halves[:75] = 100
    assert measured(halves).contrast == pytest.approx(20, abs=0.5)
    assert measured(halves).saturated == 0
    burnt = plain(251, 251, 251)
    burnt[:30] = 4
    burnt[30:60] = 128
    assert measured(burnt).saturated == pytest.approx(0.8)
    assert measured(plain(5, 5, 5)).saturated == measured(plain(250, 250, 250)).saturated == 0


def test_crops_of_another_size_are_measured_alike(presidents: Path, dlib_models: Path) -> None:
    picture = read_picture(presidents / "obama3.jpg")
    landmarker = LandmarkerDlib(dlib_models / "shape_predictor_5_face_landmarks.dat")
    landmarks = landmarker.locate(picture, DetectorDlib().detect(picture)[0].box)
    small, large = (measured(AlignerDlib(size=size).align(picture, landmarks)) for size in (150, 224))
    assert 0.4 < large.sharpness / small.sharpness < 2.5  # dlib smooths more, the smaller the crop
    assert large.brightness == pytest.approx(small.brightness, abs=2)
    assert large.contrast == pytest.approx(small.contrast, abs=2)


def test_blur_lowers_sharpness_step_by_step(presidents: Path) -> None:
    crop = read_picture(presidents / "obama.jpg")[136:395, 366:625]
    crop = np.asarray(cv2.resize(crop, (150, 150), interpolation=cv2.INTER_AREA), np.uint8)
    blurred = [crop, *(np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), np.uint8) for sigma in (1, 2, 4))]
    sharpness = [measured(one).sharpness for one in blurred]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 10 * sharpness[3]


def test_every_figure_is_a_number(presidents: Path) -> None:
    for crop in (plain(0, 0, 0), plain(255, 255, 255), read_picture(presidents / "obama.jpg")[:1, :1]):
        assert np.isfinite(dataclasses.astuple(measured(crop))).all()


def test_the_border_of_the_picture_does_not_make_a_blurred_face_sharp() -> None:
    rough = np.random.default_rng(3).normal(128, 60, (150, 150, 1)).astype(np.float32)
    smooth = cv2.GaussianBlur(rough, (0, 0), 6)
    stretched = 128 + (smooth - 128) * 40 / smooth.std()
    blurred = np.repeat(np.clip(stretched, 1, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    cut_off = blurred.copy()
    cut_off[:, 140:] = 0  # what an aligner puts where the picture ends
    assert 0 < measured(blurred).sharpness < 10
    assert measured(cut_off).sharpness == pytest.approx(measured(blurred).sharpness, rel=0.3)
    assert measured(plain(0, 0, 0)).sharpness == 0
