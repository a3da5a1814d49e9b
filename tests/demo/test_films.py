"""The films show what they claim, judged by dlib's own detector and descriptor, not by this program."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from deploy.demo.films import ENROLLED, FILMS, HEIGHT, RATE, WIDTH, Film, FrameTruth, make_film

THRESHOLD = 0.42  # the default door threshold for dlib's distances
SHARP_ENOUGH = 40  # variance of the Laplacian, the plainest measure: these films have little noise

Frame = NDArray[np.uint8]


@cache
def dlib_tools(models: Path) -> tuple[Any, Any, Any]:
    return (
        dlib.get_frontal_face_detector(),
        dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat")),
        dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat")),
    )


def faces(models: Path, picture: Frame) -> list[tuple[NDArray[np.float64], float]]:
    """Return descriptor and sharpness of each face of an RGB picture."""
    detect, locate, describe = dlib_tools(models)
    found = []
    for box in detect(picture, 0):
        chip = dlib.get_face_chip(picture, locate(picture, box), 150, 0.25)
        grey = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY)
        sharpness = float(cv2.Laplacian(grey, cv2.CV_64F).var())
        found.append((np.array(describe.compute_face_descriptor(chip)), sharpness))
    return found


def frames_of(film: Path) -> list[Frame]:
    """Return the RGB frames of a film."""
    capture = cv2.VideoCapture(str(film))
    pictures = []
    while capture.grab():
        pictures.append(np.ascontiguousarray(capture.retrieve()[1][..., ::-1], dtype=np.uint8))
    capture.release()
    return pictures


@pytest.fixture(scope="session")
def films(presidents: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {film.name: make_film(film, presidents, folder) for film in FILMS}


@pytest.fixture(scope="session")
def enrolled(presidents: Path, dlib_models: Path) -> NDArray[np.float64]:
    picture = cv2.imread(str(presidents / ENROLLED.file))
    assert picture is not None
    [(descriptor, _)] = faces(dlib_models, np.ascontiguousarray(picture[..., ::-1], dtype=np.uint8))
    return descriptor


def truth_of(film: Path) -> list[FrameTruth]:
    return [FrameTruth(**frame) for frame in json.loads(film.with_suffix(".json").read_text())["frames"]]


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
def test_a_film_replays_frame_by_frame_at_its_size_and_rate(films: dict[str, Path], film: Film) -> None:
    pictures = frames_of(films[film.name])
    assert {picture.shape for picture in pictures} == {(HEIGHT, WIDTH, 3)}
    assert len(pictures) == len(truth_of(films[film.name])) == round(film.seconds * RATE)
    assert cv2.VideoCapture(str(films[film.name])).get(cv2.CAP_PROP_FPS) == pytest.approx(RATE)


def test_the_same_photographs_give_the_same_film(
    films: dict[str, Path], presidents: Path, tmp_path: Path
) -> None:
    again = make_film(FILMS[2], presidents, tmp_path)
    assert again.read_bytes() == films[FILMS[2].name].read_bytes()


@pytest.mark.parametrize(("name", "same_person"), [("walk-up", True), ("stranger", False)])
def test_who_walks_up_grows_from_40_to_150_pixels_stays_sharp_and_leaves(
    films: dict[str, Path], dlib_models: Path, enrolled: NDArray[np.float64], name: str, same_person: bool
) -> None:
    truth = truth_of(films[name])
    pictures = frames_of(films[name])
    widths = [frame.width for frame in truth]
    staying = [i for i, frame in enumerate(truth) if frame.width >= 148 and frame.blur < 0.5]
    assert widths[0] == widths[-1] == 0
    assert min(width for width in widths if width) == pytest.approx(40, abs=1)
    assert len(staying) >= 2.5 * RATE
    for number in staying[::6]:
        [(descriptor, sharpness)] = faces(dlib_models, pictures[number])
        assert (np.linalg.norm(descriptor - enrolled) < THRESHOLD - 0.05) == same_person
        assert sharpness > 2 * SHARP_ENOUGH


def test_nobody_is_found_in_the_empty_scene(films: dict[str, Path], dlib_models: Path) -> None:
    assert [len(faces(dlib_models, picture)) for picture in frames_of(films["empty"])[::5]] == [0] * 12


def test_the_one_who_hurries_by_is_seen_but_neither_sharp_nor_near_enough(
    films: dict[str, Path], dlib_models: Path, enrolled: NDArray[np.float64]
) -> None:
    whole = [i for i, frame in enumerate(truth_of(films["blurred"])) if frame.width]
    pictures = frames_of(films["blurred"])
    seen = [face for number in whole[::3] for face in faces(dlib_models, pictures[number])]
    assert len(seen) >= 3
    assert max(sharpness for _, sharpness in seen) < SHARP_ENOUGH
    assert min(np.linalg.norm(descriptor - enrolled) for descriptor, _ in seen) > THRESHOLD + 0.05
