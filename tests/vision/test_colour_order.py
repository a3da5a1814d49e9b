"""A swapped colour order shows in no error rate, so embeddings are compared with dlib's own."""

from collections.abc import Callable
from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.aligner_dlib import AlignerDlib
from edge.adapters.camera_replay import CameraReplay
from edge.adapters.detector_dlib import DetectorDlib
from edge.adapters.landmarker_dlib import LandmarkerDlib
from edge.adapters.picture_file import read_picture

from .conftest import Film, HandClock

Picture = NDArray[np.uint8]
Embed = Callable[[Picture], NDArray[np.float64]]


@pytest.fixture(scope="module")
def portrait(presidents: Path) -> Picture:
    """Return a portrait in a size that films may have: even, and with the face well over 80 pixels."""
    picture = read_picture(presidents / "obama.jpg")
    return np.asarray(cv2.resize(picture, (480, 600), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture(scope="module")
def dlibs_own(dlib_models: Path) -> Embed:
    """Return the embedding as dlib alone, from its own detector on, makes it of an RGB picture."""
    detector = dlib.get_frontal_face_detector()
    predictor = dlib.shape_predictor(str(dlib_models / "shape_predictor_5_face_landmarks.dat"))
    net = dlib.face_recognition_model_v1(str(dlib_models / "dlib_face_recognition_resnet_model_v1.dat"))

    def embed(picture: Picture) -> NDArray[np.float64]:
        shape = predictor(picture, detector(picture, 0)[0])
        return np.array(net.compute_face_descriptor(picture, shape))

    return embed


@pytest.fixture(scope="module")
def ours(dlib_models: Path) -> Embed:
    """Return the embedding by our detector, landmarker and aligner, with dlib's net at the end."""
    landmarker = LandmarkerDlib(dlib_models / "shape_predictor_5_face_landmarks.dat")
    net = dlib.face_recognition_model_v1(str(dlib_models / "dlib_face_recognition_resnet_model_v1.dat"))

    def embed(picture: Picture) -> NDArray[np.float64]:
        landmarks = landmarker.locate(picture, DetectorDlib().detect(picture)[0].box)
        return np.array(net.compute_face_descriptor(AlignerDlib().align(picture, landmarks)))

    return embed


def first_frame(source: Path) -> Picture:
    camera = CameraReplay(source, clock=HandClock(), read_picture=read_picture, pace="every")
    camera.open()
    frame = camera.read(1)
    camera.close()
    assert frame is not None
    return frame.picture


@pytest.fixture(params=["film", "folder"])
def source(request: pytest.FixtureRequest, portrait: Picture, tmp_path: Path, write_film: Film) -> Path:
    if request.param == "film":
        return write_film(tmp_path / "film.mkv", [portrait] * 3, 15)
    cv2.imwrite(str(tmp_path / "1.png"), portrait[:, :, ::-1])
    return tmp_path


def test_the_camera_path_is_rgb_by_dlibs_own_embedding(
    source: Path, portrait: Picture, dlibs_own: Embed, ours: Embed
) -> None:
    seen, expected = first_frame(source), dlibs_own(portrait)
    assert np.linalg.norm(ours(seen) - expected) < 1e-3
    swapped = np.ascontiguousarray(seen[:, :, ::-1])
    assert np.linalg.norm(ours(swapped) - expected) > 0.1
