import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from edge.adapters.embedder_onnx import EmbedderOnnx
from edge.domain.face import Picture
from edge.errors import ModelError
from edge.models.calibrate import activation_ranges
from edge.models.dlib_dat import ResNet29, read_resnet29
from edge.models.forms import FormComparison, compare_forms
from edge.models.prepare import prepare
from edge.models.profile import Form, ModelProfile
from edge.models.profile_file import load_profile, shipped_ranges, use_form
from edge.models.resnet29 import build_resnet29
from edge.models.resnet29_int8 import RANGED, build_resnet29_int8
from edge.models.session import open_session
from edge.models.synthetic import drawn_faces, varied


@pytest.fixture(scope="module")
def net(embedder_dat: Path) -> ResNet29:
    return read_resnet29(embedder_dat)


@pytest.fixture
def profile(prepared: Path) -> ModelProfile:
    return load_profile(prepared, "dlib-resnet29")


@pytest.fixture
def int8(profile: ModelProfile) -> EmbedderOnnx:
    embedder = EmbedderOnnx(profile.in_form(Form.INT8))
    embedder.load()
    return embedder


def distances(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    left, right = np.triu_indices(len(vectors), 1)
    return np.asarray(np.linalg.norm(vectors[left] - vectors[right], axis=1))


def test_the_int8_form_moves_real_faces_far_less_than_the_margin(
    int8: EmbedderOnnx, real_crops: list[Picture], dlib_vectors: NDArray[np.float64], profile: ModelProfile
) -> None:
    vectors = int8.embed(real_crops)
    assert np.linalg.norm(vectors - dlib_vectors, axis=1).mean() < 0.05
    shifts = np.abs(distances(vectors) - distances(dlib_vectors))
    assert shifts.mean() < profile.vectors.margin / 4
    assert shifts.max() < profile.vectors.margin


def test_the_int8_form_decides_as_the_float_form_on_many_people(
    int8: EmbedderOnnx, profile: ModelProfile, london_crops: list[Picture]
) -> None:
    fp32 = EmbedderOnnx(profile)
    fp32.load()
    before, after = distances(fp32.embed(london_crops)), distances(int8.embed(london_crops))
    assert np.array_equal(before <= profile.vectors.door, after <= profile.vectors.door)
    assert np.abs(before - after).max() < profile.vectors.margin


def test_the_int8_form_has_a_version_of_its_own(profile: ModelProfile) -> None:
    other = profile.in_form(Form.INT8)
    assert other.version.startswith("dlib-resnet29-int8-")
    assert other.version != profile.version
    assert other.path.stat().st_size < profile.path.stat().st_size / 3


def test_the_int8_form_of_dlibs_weights_has_the_same_bytes_everywhere(profile: ModelProfile) -> None:
    data = profile.in_form(Form.INT8).path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == (
        "908a8e2f7ffe26d9e170e3c04bfef716dd6c8b30706d07ae1b85f9c52faa26af"
    ), "a changed graph is a new model version: everybody has to enrol again; is it worth that?"


def test_no_sum_of_two_products_can_leave_16_bits(profile: ModelProfile) -> None:
    graph = onnx.load(profile.in_form(Form.INT8).path).graph
    weights = [
        onnx.numpy_helper.to_array(one) for one in graph.initializer if one.name.endswith("_weights_whole")
    ]
    assert len(weights) == 29
    assert max(np.abs(one.astype(np.int32)).max() for one in weights) * 255 * 2 < 2**15


def test_ranges_are_shipped_for_dlibs_own_weights_only(profile: ModelProfile) -> None:
    ranges = shipped_ranges("dlib-resnet29", profile.derived_from)
    assert ranges is not None
    assert set(ranges) == set(RANGED)
    assert shipped_ranges("dlib-resnet29", 64 * "0") is None


def test_calibration_finds_the_extremes_of_all_crops(net: ResNet29) -> None:
    model = build_resnet29(net)
    crops = drawn_faces(3, 150, 150)
    each = [activation_ranges(model, [crop]) for crop in crops]
    together = activation_ranges(model, crops)
    for name in RANGED:
        assert together[name] == (min(one[name][0] for one in each), max(one[name][1] for one in each))
    assert all(low <= 0 <= high for low, high in together.values())
    assert together["stem"][0] == 0  # behind a relu


def test_varied_crops_are_the_crop_and_four_others() -> None:
    (crop,) = drawn_faces(1, 150, 150)
    found = list(varied([crop]))
    assert len({one.tobytes() for one in found}) == 5
    assert np.array_equal(found[0], crop)
    assert np.array_equal(found[1], crop[:, ::-1])


def test_a_form_that_computes_wrongly_does_not_agree(net: ResNet29, profile: ModelProfile) -> None:
    # Too narrow ranges saturate, which is what a CPU without wide enough sums does.
    ranges = shipped_ranges("dlib-resnet29", profile.derived_from)
    assert ranges is not None
    narrow = {name: (low * 0.3, high * 0.3) for name, (low, high) in ranges.items()}
    wrong = build_resnet29_int8(net, narrow).SerializeToString()
    comparison = compare_forms(profile.path.read_bytes(), wrong, drawn_faces(16, 150, 150), profile.vectors)
    assert not comparison.agrees
    assert not comparison.taken
    assert comparison.sentence.endswith("fp32 is used, because the two do not agree")


def test_a_form_compared_with_itself_changes_nothing(profile: ModelProfile) -> None:
    data = profile.path.read_bytes()
    comparison = compare_forms(data, data, drawn_faces(6, 150, 150), profile.vectors)
    assert (comparison.moved, comparison.shifts, comparison.flips) == (0, 0, 0)
    assert comparison.pairs == 15
    assert comparison.agrees


@pytest.mark.parametrize(
    ("changed", "taken", "end"),
    [
        ({}, True, "int8 is used"),
        ({"speedup": 1.1}, False, "fp32 is used, because int8 is not faster"),
        ({"far_flips": 1}, False, "fp32 is used, because the two do not agree"),
        ({"shifts": 0.021}, False, "fp32 is used, because the two do not agree"),
        ({"moved": 0.081}, False, "fp32 is used, because the two do not agree"),
        ({"accelerator": "cuda"}, False, "fp32 is used, because cuda computes it"),
    ],
)
def test_int8_is_taken_only_where_it_is_faster_and_agrees(
    changed: dict[str, float], taken: bool, end: str
) -> None:
    good = FormComparison(speedup=2.5, moved=0.04, shifts=0.01, flips=3, far_flips=0, pairs=276, margin=0.04)
    comparison = replace(good, **changed)  # type: ignore[arg-type] # the keys are the fields'
    assert comparison.taken is taken
    assert comparison.sentence.endswith(end)


def test_prepare_makes_both_forms_and_takes_the_one_asked_for(tmp_path: Path, dlib_models: Path) -> None:
    models = tmp_path / "models"
    made = {one.profile.name: one for one in prepare(models, source=dlib_models, form=Form.INT8)}
    assert made["dlib-resnet29"].profile.form is Form.INT8
    comparison = made["dlib-resnet29"].comparison
    assert comparison is not None
    assert comparison.agrees
    assert made["dlib-landmarks5"].profile.form is Form.FP32
    again = {one.profile.name: one for one in prepare(models, form=Form.FP32)}
    assert not again["dlib-resnet29"].made
    assert load_profile(models, "dlib-resnet29").form is Form.FP32
    prepare(models)
    assert load_profile(models, "dlib-resnet29").form is Form.FP32  # what is in use stays in use


def test_a_damaged_form_is_not_taken_into_use(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path / "models")
    profile = load_profile(tmp_path / "models", "dlib-resnet29")
    with profile.in_form(Form.INT8).path.open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="SHA-256"):
        use_form(profile, Form.INT8)
    assert load_profile(tmp_path / "models", "dlib-resnet29").form is Form.FP32


class TestANetOfSomebodyElse:
    @pytest.fixture
    def dat(self, write_net: Callable[..., bytes], tmp_path: Path) -> Path:
        path = tmp_path / "retrained.dat"
        path.write_bytes(write_net(9))
        return path

    def test_has_no_int8_form_without_faces_to_calibrate_on(self, dat: Path, tmp_path: Path) -> None:
        (made,) = prepare(tmp_path / "models", source=dat)
        assert made.comparison is None
        with pytest.raises(ModelError, match="has no int8 form"):
            made.profile.in_form(Form.INT8)
        with pytest.raises(ModelError, match=r"needs 20 or more photographs of faces .* --faces"):
            prepare(tmp_path / "models", source=dat, force=True, form=Form.INT8)
        assert load_profile(tmp_path / "models", "retrained").form is Form.FP32

    def test_has_one_with_them(self, dat: Path, tmp_path: Path, real_crops: list[Picture]) -> None:
        (made,) = prepare(tmp_path / "models", source=dat, faces=real_crops)
        assert made.comparison is not None
        other = made.profile.in_form(Form.INT8)
        other.verify()
        vectors = [
            open_session(one.path.read_bytes()).run(None, {"crops": np.stack(real_crops)})[0]
            for one in (made.profile.in_form(Form.FP32), other)
        ]
        lengths = np.linalg.norm(vectors[0], axis=1)
        assert (np.linalg.norm(vectors[0] - vectors[1], axis=1) / lengths).mean() < 0.15
