"""Every combination of detector and embedder that fits recognises people; one that does not is refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from edge.adapters.picture_file import read_picture
from edge.bootstrap.recognition import embedder_profile, still_pipeline
from edge.config import Settings, load_settings
from edge.domain.enrolment import pair_scores
from edge.errors import ModelError
from edge.models.add import add_model
from edge.models.pixels import model_input
from edge.models.prepare import prepare
from edge.models.session import open_session

REID = "open-model-zoo/face-reidentification-retail-0095.xml"


@pytest.fixture(scope="module")
def models(dlib_models: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts") / "models"
    prepare(folder, source=dlib_models)
    add_model(folder, shared_data / "models" / "yunet_n_dynamic.onnx")
    add_model(folder, shared_data / "models" / REID)
    return folder


def settings(data_dir: Path, models: Path, model: str, detector: str) -> Settings:
    shutil.copytree(models, data_dir / "models")
    config = data_dir / "edge.toml"
    config.write_text(f'[vision]\nmodel = "{model}"\ndetector = "{detector}"\n')
    return load_settings(config)


@pytest.mark.parametrize(
    ("model", "detector"),
    [("dlib-resnet29", "dlib-hog"), ("dlib-resnet29", "yunet"), ("omz-0095", "yunet")],
)
def test_parts_that_fit_tell_the_presidents_apart(
    model: str, detector: str, data_dir: Path, models: Path, presidents: Path
) -> None:
    chosen = settings(data_dir, models, model, detector)
    profile = embedder_profile(chosen)
    pipeline = still_pipeline(chosen, profile)
    faces = [
        pipeline.faces(read_picture(presidents / name))[0]
        for name in ("obama.jpg", "obama2.jpg", "biden.jpg")
    ]
    assert {face.landmarks.scheme for face in faces} == {profile.landmarks}
    vectors = profile.vectors
    scores = pair_scores(vectors.metric, *[pipeline.embed(faces)] * 2)
    assert vectors.scale.accepts(scores[0, 1], vectors.door)
    assert not vectors.scale.accepts(scores[0, 2], vectors.textbook)
    assert not vectors.scale.accepts(scores[1, 2], vectors.textbook)


@pytest.mark.slow
def test_with_yunet_and_0095_everybody_is_found_by_the_other_picture_and_nobody_else(
    data_dir: Path, models: Path, shared_data: Path
) -> None:
    chosen = settings(data_dir, models, "omz-0095", "yunet")
    profile = embedder_profile(chosen)
    pipeline = still_pipeline(chosen, profile)
    faces = [
        [
            pipeline.faces(read_picture(folder / f"{name}.jpg"))[0]
            for folder in sorted((shared_data / "photos/london").iterdir())
            if folder.is_dir()
        ]
        for name in ("neutral", "smiling")
    ]
    enrolled, seen = (pipeline.embed(one) for one in faces)
    scores = pair_scores(profile.vectors.metric, seen, enrolled)
    assert scores.shape == (53, 53)
    assert np.array_equal(scores >= profile.vectors.door, np.eye(53, dtype=bool))
    # The net that others converted from the same file gives the same vectors for these crops.
    reference = open_session((shared_data / "models/face-reidentification-retail-0095.onnx").read_bytes())
    for face, vector in zip(faces[0], enrolled, strict=True):
        pixels = model_input(face.crop[None], profile.pixels)
        expected = reference.run(None, {reference.get_inputs()[0].name: pixels})[0].ravel()
        assert 1 - vector @ expected / np.linalg.norm(vector) / np.linalg.norm(expected) < 1e-4


def test_parts_that_do_not_fit_are_refused(data_dir: Path, models: Path) -> None:
    chosen = settings(data_dir, models, "omz-0095", "dlib-hog")
    with pytest.raises(ModelError, match="omz-0095 needs arcface5 landmarks, which dlib-hog does not find"):
        still_pipeline(chosen, embedder_profile(chosen))


def test_a_detector_that_is_missing_damaged_or_none_is_named(data_dir: Path, models: Path) -> None:
    chosen = settings(data_dir, models, "dlib-resnet29", "yunet")
    with (data_dir / "models/yunet/model.onnx").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="SHA-256"):
        still_pipeline(chosen, embedder_profile(chosen))
    shutil.rmtree(data_dir / "models/yunet")
    with pytest.raises(ModelError, match="no model 'yunet' is installed"):
        still_pipeline(chosen, embedder_profile(chosen))
    shutil.copytree(data_dir / "models/omz-0095", data_dir / "models/yunet")
    profile = data_dir / "models/yunet/profile.toml"
    profile.write_text(profile.read_text().replace('name = "omz-0095"', 'name = "yunet"'))
    with pytest.raises(ModelError, match="is no detector but a model with the role embedder"):
        still_pipeline(chosen, embedder_profile(chosen))
