"""The converted net against dlib itself, on real faces: the test for weights, graph and colour order."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.embedder_onnx import EmbedderOnnx
from edge.domain.face import Picture
from edge.models.dlib_dat import read_resnet29
from edge.models.profile_file import load_profile
from edge.models.resnet29 import build_resnet29
from edge.models.session import open_session
from edge.models.synthetic import synthetic_crops


@pytest.fixture(scope="module")
def embedder(prepared: Path) -> EmbedderOnnx:
    embedder = EmbedderOnnx(load_profile(prepared, "dlib-resnet29"))
    embedder.load()
    return embedder


def test_real_faces_get_dlibs_own_vectors(
    embedder: EmbedderOnnx, real_crops: list[Picture], dlib_vectors: NDArray[np.float64]
) -> None:
    assert np.abs(embedder.embed(real_crops) - dlib_vectors).max() < 1e-5


def test_swapped_colours_give_other_vectors(
    embedder: EmbedderOnnx, real_crops: list[Picture], dlib_vectors: NDArray[np.float64]
) -> None:
    swapped = embedder.embed([np.ascontiguousarray(crop[..., ::-1]) for crop in real_crops])
    assert np.linalg.norm(swapped - dlib_vectors, axis=1).min() > 0.1


def test_a_batch_gives_what_single_crops_give(embedder: EmbedderOnnx, real_crops: list[Picture]) -> None:
    together = embedder.embed(real_crops)
    alone = np.concatenate([embedder.embed([crop]) for crop in real_crops])
    assert np.abs(together - alone).max() < 1e-6


@pytest.mark.parametrize(
    "style",
    [
        {"convolution": "con_6", "normalisation": "affine_2", "relu": "relu_2", "matrix": "fc_3"},
        {"normalisation": "bn_con2", "clean": False},
    ],
    ids=["newest names", "straight from training"],
)
def test_nets_of_other_people_get_dlibs_own_vectors_too(
    style: dict[str, str | bool], write_net: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "other.dat"
    path.write_bytes(write_net(5, **style))
    model = dlib.face_recognition_model_v1(str(path))
    session = open_session(build_resnet29(read_resnet29(path)).SerializeToString())
    crops = synthetic_crops(6, 150, 150, seed=2)
    expected = np.array([model.compute_face_descriptor(crop) for crop in crops])
    (found,) = session.run(None, {"crops": np.stack(crops)})
    assert np.abs(expected).max() > 0.1
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


def test_the_same_weights_give_the_same_bytes(embedder_dat: Path) -> None:
    first, second = (
        hashlib.sha256(build_resnet29(read_resnet29(embedder_dat)).SerializeToString()).hexdigest()
        for _ in range(2)
    )
    assert first == second
    assert first == "5e85b05db7440f5624331ed44e49711616b7a90065319912f8bd865dbfd4895e", (
        "a changed graph is a new model version: everybody has to enrol again; is it worth that?"
    )
