import gc
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
import psutil
import pytest
from onnx import TensorProto, helper

from edge.adapters.embedder_onnx import EmbedderOnnx
from edge.domain.face import Picture
from edge.errors import ModelError
from edge.models.profile import InputFormat, ModelProfile
from edge.models.profile_file import load_profile

MakeModel = Callable[..., ModelProfile]


@pytest.fixture
def profile(prepared: Path) -> ModelProfile:
    return load_profile(prepared, "dlib-resnet29")


@pytest.fixture
def black() -> Picture:
    return np.zeros((150, 150, 3), dtype=np.uint8)


@pytest.fixture
def make_model(profile: ModelProfile, tmp_path: Path) -> MakeModel:
    """Return a function that makes a model that gives gain × the first values of its input, as they lie."""

    def make(pixels: InputFormat, dimension: int, gain: float = 1.0) -> ModelProfile:
        shape = (
            (pixels.height, pixels.width, 3) if pixels.layout == "NHWC" else (3, pixels.height, pixels.width)
        )
        kind = TensorProto.UINT8 if pixels.type == "uint8" else TensorProto.FLOAT
        constants = [
            helper.make_tensor("gain", TensorProto.FLOAT, [], [gain]),
            helper.make_tensor("from", TensorProto.INT64, [1], [0]),
            helper.make_tensor("to", TensorProto.INT64, [1], [dimension]),
            helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
        ]
        nodes = [
            helper.make_node("Cast", ["x"], ["float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["float", "gain"], ["loud"]),
            helper.make_node("Flatten", ["loud"], ["flat"]),
            helper.make_node("Slice", ["flat", "from", "to", "axis"], ["y"]),
        ]
        graph = helper.make_graph(
            nodes,
            "first pixels",
            [helper.make_tensor_value_info("x", kind, ["n", *shape])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", dimension])],
            constants,
        )
        data = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
        ).SerializeToString()
        (tmp_path / "tiny.onnx").write_bytes(data)
        return replace(
            profile,
            file="tiny.onnx",
            folder=tmp_path,
            forms=(),
            sha256=hashlib.sha256(data).hexdigest(),
            input=pixels,
            alignment=replace(profile.crop, size=pixels.width),
            embedding=replace(profile.vectors, dimension=dimension),
        )

    return make


def loaded(profile: ModelProfile, *, batch: int = 16) -> EmbedderOnnx:
    embedder = EmbedderOnnx(profile, batch=batch)
    embedder.load()
    return embedder


def test_it_says_version_dimension_and_the_provider_in_use(profile: ModelProfile) -> None:
    embedder = EmbedderOnnx(profile)
    assert embedder.version == profile.version
    assert embedder.dimension == 128
    with pytest.raises(ModelError, match="is not loaded"):
        _ = embedder.provider
    embedder.load()
    assert embedder.provider == "cpu"


def test_before_it_is_loaded_it_embeds_nothing(profile: ModelProfile, black: Picture) -> None:
    with pytest.raises(ModelError, match="is not loaded"):
        EmbedderOnnx(profile).embed([black])


def test_the_constructor_does_not_touch_the_file(profile: ModelProfile) -> None:
    EmbedderOnnx(replace(profile, folder=Path("/nowhere")))


def test_vectors_are_float32_rows_and_no_crops_give_no_rows(profile: ModelProfile, black: Picture) -> None:
    embedder = loaded(profile)
    vectors = embedder.embed([black, black])
    assert vectors.shape == (2, 128)
    assert vectors.dtype == np.float32
    assert embedder.embed([]).shape == (0, 128)


def test_more_crops_than_a_batch_come_back_in_order(profile: ModelProfile) -> None:
    crops = [np.full((150, 150, 3), grey, dtype=np.uint8) for grey in range(0, 250, 50)]
    alone, in_twos = loaded(profile, batch=16).embed(crops), loaded(profile, batch=2).embed(crops)
    assert np.abs(alone - in_twos).max() < 1e-5
    assert np.abs(alone[0] - alone[1]).max() > 1e-3


def test_a_file_that_changed_is_refused_before_it_is_loaded(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path / "models")
    profile = load_profile(tmp_path / "models", "dlib-resnet29")
    with profile.path.open("r+b") as stream:
        stream.seek(5000)
        stream.write(b"x")
    with pytest.raises(ModelError) as caught:
        EmbedderOnnx(profile).load()
    assert str(profile.path) in str(caught.value)
    assert "SHA-256" in str(caught.value)


def test_a_missing_file_is_named(profile: ModelProfile) -> None:
    with pytest.raises(ModelError, match=r"/nowhere/model.onnx: No such file"):
        EmbedderOnnx(replace(profile, folder=Path("/nowhere"))).load()


def test_a_provider_that_is_not_there_is_an_error_and_never_the_cpu(profile: ModelProfile) -> None:
    embedder = EmbedderOnnx(profile, providers=("tensorrt",))
    with pytest.raises(ModelError, match="provider tensorrt: this build of ONNX Runtime has only"):
        embedder.load()
    with pytest.raises(ModelError, match="is not loaded"):
        _ = embedder.provider


def test_of_several_named_providers_the_first_that_loads_is_taken(profile: ModelProfile) -> None:
    embedder = EmbedderOnnx(profile, providers=("tensorrt", "cpu"))
    embedder.load()
    assert embedder.provider == "cpu"


def test_what_is_no_onnx_model_is_one_line(profile: ModelProfile, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no model")
    wrong = replace(profile, folder=tmp_path, forms=(), sha256=hashlib.sha256(b"no model").hexdigest())
    with pytest.raises(ModelError) as caught:
        EmbedderOnnx(wrong).load()
    assert str(tmp_path / "model.onnx") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "crop",
    [
        np.zeros((112, 112, 3), np.uint8),
        np.zeros((150, 150), np.uint8),
        np.zeros((150, 150, 4), np.uint8),
        np.zeros((3, 150, 150), np.uint8),
        np.zeros((150, 150, 3), np.float32),
    ],
    ids=["size", "grey", "alpha", "planes", "float"],
)
def test_a_crop_of_another_kind_is_refused(profile: ModelProfile, black: Picture, crop: Picture) -> None:
    with pytest.raises(ModelError, match=r"crop 1: .* takes uint8 of \(150, 150, 3\)"):
        loaded(profile).embed([black, crop])


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.parametrize("colour", ["RGB", "BGR"])
def test_pixels_arrive_as_the_profile_says(
    make_model: MakeModel, layout: Literal["NHWC", "NCHW"], colour: Literal["RGB", "BGR"]
) -> None:
    pixels = InputFormat(
        8,
        9,
        layout,
        colour,
        "float32",
        mean=(1.0, 2.0, 3.0),
        std=(2.0, 4.0, 8.0),
    )
    crop = np.random.default_rng(1).integers(0, 256, (9, 8, 3), dtype=np.uint8)
    vectors = loaded(make_model(pixels, 100)).embed([crop, crop[::-1]])
    for vector, picture in zip(vectors, (crop, crop[::-1]), strict=True):
        seen = picture[..., ::-1] if colour == "BGR" else picture
        values = (seen - np.array([1.0, 2.0, 3.0])) / np.array([2.0, 4.0, 8.0])
        expected = values if layout == "NHWC" else values.transpose(2, 0, 1)
        np.testing.assert_allclose(vector, expected.ravel()[:100], rtol=1e-6)


def test_a_model_of_another_dimension_is_found_when_it_is_loaded(make_model: MakeModel) -> None:
    profile = make_model(InputFormat(8, 8, "NHWC", "RGB", "uint8"), 100)
    wrong = replace(profile, embedding=replace(profile.vectors, dimension=99))
    with pytest.raises(ModelError, match=r"gives \(1, 100\) for 1 crops; its profile says dimension 99"):
        EmbedderOnnx(wrong).load()


def test_a_model_of_another_input_is_found_when_it_is_loaded(make_model: MakeModel) -> None:
    profile = make_model(InputFormat(8, 8, "NHWC", "RGB", "uint8"), 100)
    wrong = replace(
        profile, input=InputFormat(9, 8, "NHWC", "RGB", "uint8"), alignment=replace(profile.crop, size=9)
    )
    with pytest.raises(ModelError) as caught:
        EmbedderOnnx(wrong).load()
    assert str(profile.path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_vector_that_is_not_finite_is_an_error(make_model: MakeModel) -> None:
    profile = make_model(InputFormat(8, 8, "NHWC", "RGB", "uint8"), 100, gain=3e38)
    with pytest.raises(ModelError, match="not finite"):
        loaded(profile).embed([np.full((8, 8, 3), 255, np.uint8)])


def test_the_prepared_model_loads_in_older_runtimes_too(profile: ModelProfile) -> None:
    model = onnx.load(profile.path)
    assert model.ir_version == 8
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 17)]


@pytest.mark.slow
def test_memory_stays_flat_whatever_the_batches(profile: ModelProfile, black: Picture) -> None:
    embedder = loaded(profile, batch=8)
    process = psutil.Process()
    random = np.random.default_rng(5)

    def run(times: int) -> int:
        for _ in range(times):
            embedder.embed([black] * int(random.integers(1, 9)))
        gc.collect()
        return int(process.memory_info().rss)

    before = run(40)
    assert run(120) - before < 5_000_000
