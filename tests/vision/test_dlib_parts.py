import shutil
from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.aligner_dlib import AlignerDlib
from edge.adapters.detector_dlib import DetectorDlib
from edge.adapters.landmarker_dlib import LandmarkerDlib
from edge.adapters.picture_file import read_picture
from edge.domain.face import Box, Landmarks, LandmarkScheme
from edge.errors import ModelError

Picture = NDArray[np.uint8]

PHOTOGRAPHS = ["32bit.png", "biden.jpg", "obama.jpg", "obama2.jpg", "obama3.jpg", "obama_partial_face.jpg"]
UNBOUNDED = 10_000
WHOLE = Box(0, 0, 100, 100)


@pytest.fixture(scope="module")
def predictor_file(dlib_models: Path) -> Path:
    return dlib_models / "shape_predictor_5_face_landmarks.dat"


@pytest.fixture(scope="module")
def landmarker(predictor_file: Path) -> LandmarkerDlib:
    return LandmarkerDlib(predictor_file)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_crop_is_dlibs_own_to_the_bit(
    name: str, presidents: Path, predictor_file: Path, landmarker: LandmarkerDlib
) -> None:
    picture = read_picture(presidents / name)
    rectangle = dlib.get_frontal_face_detector()(picture, 0)[0]
    shape = dlib.shape_predictor(str(predictor_file))(picture, rectangle)
    expected = dlib.get_face_chip(picture, shape, 150, 0.25)

    detection = DetectorDlib(max_side=UNBOUNDED).detect(picture)[0]
    landmarks = landmarker.locate(picture, detection.box)
    crop = AlignerDlib(size=150, padding=0.25).align(picture, landmarks)

    assert (detection.box.left, detection.box.top) == (rectangle.left(), rectangle.top())
    assert (detection.box.right, detection.box.bottom) == (rectangle.right() + 1, rectangle.bottom() + 1)
    assert landmarks.scheme is LandmarkScheme.DLIB5
    assert landmarks.points == tuple((point.x, point.y) for point in shape.parts())
    assert crop.dtype == np.uint8
    np.testing.assert_array_equal(crop, expected)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_large_photograph_gives_the_same_face(name: str, presidents: Path) -> None:
    picture = read_picture(presidents / name)
    exact = DetectorDlib(max_side=UNBOUNDED).detect(picture)
    quick = DetectorDlib().detect(picture)
    assert len(quick) == len(exact) == 1
    assert quick[0].box.overlap(exact[0].box) > 0.7


def test_a_small_face_of_a_large_photograph_is_found_in_the_second_look(presidents: Path) -> None:
    picture = read_picture(presidents / "obama.jpg")
    wall = np.full((2400, 3200, 3), 128, np.uint8)
    small = cv2.resize(picture, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    wall[1000 : 1000 + small.shape[0], 2000 : 2000 + small.shape[1]] = small
    detection = DetectorDlib(max_side=1000).detect(wall)[0]
    assert detection.box.overlap(Box(2000 + 146, 1000 + 54, 104, 104)) > 0.6


@pytest.mark.parametrize(
    ("face", "min_face", "found"), [(50, 40, 1), (50, 80, 0), (200, 80, 1), (200, 160, 1)]
)
def test_the_smallest_face_is_a_setting(face: int, min_face: int, found: int, presidents: Path) -> None:
    picture = read_picture(presidents / "obama.jpg")
    scale = face / 259  # the width that dlib gives this face
    shrunk = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    detections = DetectorDlib(min_face=min_face).detect(np.asarray(shrunk, np.uint8))
    assert len(detections) == found
    for detection in detections:
        expected = Box(366 * scale, 136 * scale, 259 * scale, 259 * scale)
        assert detection.box.overlap(expected) > 0.6


def test_the_most_confident_face_comes_first(presidents: Path) -> None:
    one, other = (
        read_picture(presidents / name)[:1100, :600] for name in ("obama_partial_face2.jpg", "32bit.png")
    )
    detections = DetectorDlib(max_side=UNBOUNDED).detect(np.hstack([one[:, :540], other]))
    confidences = [detection.confidence for detection in detections]
    assert len(detections) == 2
    assert confidences == sorted(confidences, reverse=True)
    assert detections[0].box.left > 540


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 4000, 3), (3000, 2, 3), (10, 10, 3), (480, 640, 3)])
def test_a_picture_without_a_face_gives_none(shape: tuple[int, int, int]) -> None:
    assert DetectorDlib().detect(np.full(shape, 100, np.uint8)) == []


def test_a_box_beyond_the_picture_still_gives_landmarks_and_a_crop(landmarker: LandmarkerDlib) -> None:
    picture = np.full((60, 60, 3), 90, np.uint8)
    for box in (Box(-50, -50, 80, 80), Box(40, 40, 90.4, 90.4), Box(500, 500, 10, 10), Box(3, 3, 0, 0)):
        assert AlignerDlib().align(picture, landmarker.locate(picture, box)).shape == (150, 150, 3)


def test_a_damaged_missing_or_wrong_model_file_is_refused(
    tmp_path: Path, predictor_file: Path, dlib_models: Path
) -> None:
    whole = predictor_file.read_bytes()
    bad = {
        "missing.dat": None,
        "empty.dat": b"",
        "text.dat": b"no model\n" * 1000,
        "cut.dat": whole[: len(whole) // 2],
        "net.dat": (dlib_models / "dlib_face_recognition_resnet_model_v1.dat").read_bytes()[:2_000_000],
    }
    picture = np.zeros((100, 100, 3), np.uint8)
    for name, data in bad.items():
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        landmarker = LandmarkerDlib(path)
        for _ in range(2):
            with pytest.raises(ModelError) as caught:
                landmarker.locate(picture, WHOLE)
            assert str(caught.value).startswith(f"{path}: ")
            assert "\n" not in str(caught.value)
    shutil.copy(predictor_file, tmp_path / "missing.dat")
    LandmarkerDlib(tmp_path / "missing.dat").load()


def test_the_aligner_refuses_the_other_scheme() -> None:
    points = ((30.0, 40.0), (60.0, 40.0), (45.0, 55.0), (33.0, 70.0), (57.0, 70.0))
    with pytest.raises(ModelError, match="dlib5 landmarks, not arcface5"):
        AlignerDlib().align(np.zeros((100, 100, 3), np.uint8), Landmarks(LandmarkScheme.ARCFACE5, points))
