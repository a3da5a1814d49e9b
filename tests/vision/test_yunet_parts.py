import csv
from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.aligner_dlib import AlignerDlib
from edge.adapters.aligner_template import AlignerTemplate
from edge.adapters.detector_dlib import DetectorDlib
from edge.adapters.detector_yunet import DetectorYunet
from edge.adapters.landmarker_dlib import LandmarkerDlib
from edge.adapters.picture_file import read_picture
from edge.domain.dlib_box import dlib_square
from edge.domain.face import Box, Landmarks, LandmarkScheme
from edge.errors import ModelError
from edge.models.session import open_session

Picture = NDArray[np.uint8]
Matrix = NDArray[np.float32]

# Open Model Zoo, face-reidentification-retail-0095: the five points on its crop of 128×128
ZOO = (
    (0.31557, 0.46157),
    (0.68262, 0.46157),
    (0.50026, 0.64051),
    (0.34947, 0.82469),
    (0.65344, 0.82325),
)
FILES = ["yunet_n_dynamic.onnx", "yunet_n_320_320.onnx"]


@pytest.fixture(scope="module")
def yunet(shared_data: Path) -> DetectorYunet:
    return DetectorYunet(shared_data / "models" / FILES[0])


@pytest.fixture(scope="module")
def zoo_aligner() -> AlignerTemplate:
    return AlignerTemplate(ZOO, width=128, height=128)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", ["32bit.png", "biden.jpg", "obama.jpg", "obama2.jpg", "obama3.jpg"])
def test_each_president_is_one_face_where_dlib_sees_him(
    file: str, name: str, shared_data: Path, presidents: Path
) -> None:
    picture = read_picture(presidents / name)
    found = DetectorYunet(shared_data / "models" / file).detect(picture)
    expected = DetectorDlib().detect(picture)
    assert len(found) == len(expected) == 1
    assert dlib_square(found[0].box).overlap(expected[0].box) > 0.65
    assert 0.6 < found[0].confidence <= 1


def test_the_points_are_those_of_the_scheme(yunet: DetectorYunet, presidents: Path) -> None:
    found = yunet.detect(read_picture(presidents / "obama.jpg"))[0]
    assert found.landmarks is not None
    assert found.landmarks.scheme is LandmarkScheme.ARCFACE5
    left_eye, right_eye, nose, left_mouth, right_mouth = found.landmarks.points
    # dlib's eye corners in this photograph: 424 to 464 and 529 to 571, at a height of 216
    assert left_eye == pytest.approx((444, 216), abs=8)
    assert right_eye == pytest.approx((550, 216), abs=8)
    assert left_mouth[0] < nose[0] < right_mouth[0]
    assert right_eye[1] < nose[1] < left_mouth[1]


def test_the_detector_wants_rgb(yunet: DetectorYunet, shared_data: Path) -> None:
    """Scores of swapped colours are lower on average: the net sees BGR, as it was trained."""
    pictures = [read_picture(path) for path in sorted((shared_data / "photos/london").rglob("*.jpg"))[::8]]
    right = [yunet.detect(picture)[0].confidence for picture in pictures]
    swapped = [yunet.detect(np.ascontiguousarray(picture[:, :, ::-1]))[0].confidence for picture in pictures]
    assert np.mean(right) > np.mean(swapped)


@pytest.mark.parametrize(("face", "min_face", "found"), [(40, 40, 1), (90, 80, 1), (30, 160, 0)])
def test_the_smallest_face_is_a_setting(
    face: int, min_face: int, found: int, shared_data: Path, presidents: Path
) -> None:
    picture = read_picture(presidents / "obama.jpg")
    scale = face / 235
    shrunk = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    detector = DetectorYunet(shared_data / "models" / FILES[0], min_face=min_face)
    assert len(detector.detect(np.asarray(shrunk, np.uint8))) == found


def test_a_small_face_of_a_large_photograph_is_found_in_the_second_look(
    yunet: DetectorYunet, presidents: Path
) -> None:
    picture = read_picture(presidents / "obama.jpg")
    small = cv2.resize(picture, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    wall = np.full((4500, 6000, 3), 128, np.uint8)
    wall[1000 : 1000 + small.shape[0], 2000 : 2000 + small.shape[1]] = small
    found = yunet.detect(wall)
    assert len(found) == 1
    assert found[0].box.overlap(Box(2000 + 149, 1000 + 34, 94, 134)) > 0.6


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 3000, 3), (3000, 2, 3), (480, 640, 3)])
def test_a_picture_without_a_face_gives_none(shape: tuple[int, int, int], yunet: DetectorYunet) -> None:
    assert yunet.detect(np.full(shape, 100, np.uint8)) == []


def test_a_file_that_is_no_yunet_is_refused(
    shared_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    models = shared_data / "models"
    (tmp_path / "empty.onnx").touch()
    (tmp_path / "text.onnx").write_text("no model\n" * 100)
    (tmp_path / "cut.onnx").write_bytes((models / FILES[0]).read_bytes()[:100_000])
    names = ("missing.onnx", "empty.onnx", "text.onnx", "cut.onnx")
    for path in (*(tmp_path / name for name in names), models / "MiniFASNetV2.onnx", tmp_path):
        with pytest.raises(ModelError) as caught:
            DetectorYunet(path).load()
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)
    assert capfd.readouterr().out == ""


def test_the_template_aligner_moves_the_points_onto_the_template(
    yunet: DetectorYunet, zoo_aligner: AlignerTemplate, presidents: Path
) -> None:
    picture = read_picture(presidents / "obama3.jpg")
    landmarks = yunet.detect(picture)[0].landmarks
    assert landmarks is not None
    crop = zoo_aligner.align(picture, landmarks)
    assert crop.shape == (128, 128, 3)
    again = yunet.detect(np.asarray(cv2.copyMakeBorder(crop, 60, 60, 60, 60, cv2.BORDER_REPLICATE), np.uint8))
    assert again[0].landmarks is not None
    expected = np.array(ZOO) * 128 + 60
    assert np.abs(np.array(again[0].landmarks.points) - expected).mean() < 4


def test_a_crop_beyond_the_picture_is_black_there(zoo_aligner: AlignerTemplate) -> None:
    points = tuple((x * 128 - 64, y * 128) for x, y in ZOO)
    crop = zoo_aligner.align(
        np.full((128, 128, 3), 200, np.uint8), Landmarks(LandmarkScheme.ARCFACE5, points)
    )
    assert crop[:, :62].max() == 0
    assert crop[:, 66:].min() == 200


def test_the_template_aligner_refuses_the_other_scheme(zoo_aligner: AlignerTemplate) -> None:
    with pytest.raises(ModelError, match="arcface5 landmarks, not dlib5"):
        zoo_aligner.align(np.zeros((9, 9, 3), np.uint8), Landmarks(LandmarkScheme.DLIB5, ZOO))


@pytest.mark.slow
def test_dlibs_points_after_yunet_make_dlibs_embedding(
    yunet: DetectorYunet, presidents: Path, shared_data: Path, dlib_models: Path
) -> None:
    """The converted square moves an embedding by far less than two pictures of one person differ."""
    landmarker = LandmarkerDlib(dlib_models / "shape_predictor_5_face_landmarks.dat")
    net = dlib.face_recognition_model_v1(str(dlib_models / "dlib_face_recognition_resnet_model_v1.dat"))

    def embed(picture: Picture, box: Box) -> NDArray[np.float64]:
        crop = AlignerDlib().align(picture, landmarker.locate(picture, box))
        return np.array(net.compute_face_descriptor(crop))

    paths = [*sorted((shared_data / "photos/london").rglob("*.jpg"))[::15], presidents / "obama.jpg"]
    converted, unconverted = [], []
    for path in paths:
        picture = read_picture(path)
        expected = embed(picture, DetectorDlib().detect(picture)[0].box)
        box = yunet.detect(picture)[0].box
        converted.append(np.linalg.norm(embed(picture, dlib_square(box)) - expected))
        unconverted.append(np.linalg.norm(embed(picture, box) - expected))
    assert np.mean(converted) < 0.045
    assert max(converted) < 0.1
    assert np.mean(converted) < 0.9 * np.mean(unconverted)


@pytest.fixture(scope="module")
def zoo_vectors(shared_data: Path, yunet: DetectorYunet, zoo_aligner: AlignerTemplate) -> dict[str, Matrix]:
    """Return the unit vectors of the two pictures of each of 53 people."""
    session = open_session((shared_data / "models" / "face-reidentification-retail-0095.onnx").read_bytes())
    name = session.get_inputs()[0].name
    folder = shared_data / "photos" / "london"
    vectors: dict[str, list[NDArray[np.float32]]] = {}
    with (folder / "people.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        picture = read_picture(folder / row["path"])
        found = yunet.detect(picture)
        assert len(found) == 1
        assert found[0].landmarks is not None
        crop = zoo_aligner.align(picture, found[0].landmarks)
        pixels = np.ascontiguousarray(crop[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
        vector = session.run(None, {name: pixels})[0].ravel()
        vectors.setdefault(row["identity"], []).append(vector / np.linalg.norm(vector))
    return {identity: np.stack(both) for identity, both in vectors.items()}


@pytest.mark.slow
def test_with_yunet_and_0095_all_53_people_are_found_by_their_other_picture_and_nobody_else(
    zoo_vectors: dict[str, Matrix],
) -> None:
    assert len(zoo_vectors) == 53
    pairs = np.stack(list(zoo_vectors.values()))
    assert pairs.shape == (53, 2, 256)
    for enrolled, probes in ((pairs[:, 0], pairs[:, 1]), (pairs[:, 1], pairs[:, 0])):
        accepted = probes @ enrolled.T >= 0.60
        np.testing.assert_array_equal(accepted, np.eye(53, dtype=bool))
