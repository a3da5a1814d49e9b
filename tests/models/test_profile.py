import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.domain.face import LandmarkScheme
from edge.domain.score import Metric
from edge.errors import ModelError
from edge.models.profile import Form, ModelProfile, Role
from edge.models.profile_file import (
    PROFILE,
    broken,
    installed,
    load_profile,
    parse_profile,
    read_profile,
    shipped_table,
    write_profile,
)

SHA = "0123456789ab" + 52 * "c"


@pytest.fixture
def table() -> dict[str, Any]:
    return shipped_table("dlib-resnet29") | {"name": "net", "file": "model.onnx", "sha256": SHA}


def test_a_profile_comes_back_as_it_was_written(tmp_path: Path, table: dict[str, Any]) -> None:
    written = parse_profile(table, "here")
    write_profile(ModelProfile(**vars(written) | {"folder": tmp_path}))
    read = read_profile(tmp_path)
    assert read == ModelProfile(**vars(written) | {"folder": tmp_path})
    assert read.limitations.startswith("Trained on about 3 million pictures")


def test_a_profile_says_what_the_core_needs(table: dict[str, Any]) -> None:
    profile = parse_profile(table, "here")
    assert profile.role is Role.EMBEDDER
    assert profile.landmarks is LandmarkScheme.DLIB5
    assert profile.vectors.metric is Metric.EUCLIDEAN
    assert profile.vectors.scale.score(99.0) == pytest.approx(profile.vectors.door, abs=1e-6)
    assert (profile.pixels.width, profile.pixels.height, profile.pixels.colour) == (150, 150, "RGB")
    assert (profile.crop.kind, profile.crop.size, profile.crop.padding) == ("dlib_chip", 150, 0.25)


def test_the_version_tells_name_form_and_file_apart(table: dict[str, Any]) -> None:
    versions = {
        parse_profile(table | change, "here").version
        for change in ({}, {"name": "other"}, {"form": "int8"}, {"sha256": 64 * "a"})
    }
    assert versions == {
        "net-fp32-0123456789ab",
        "other-fp32-0123456789ab",
        "net-int8-0123456789ab",
        "net-fp32-aaaaaaaaaaaa",
    }


Change = Callable[[dict[str, Any]], Any]

MISTAKES: dict[str, tuple[Change, str]] = {
    "unknown key": (lambda t: t.update(colour="red"), "colour: unknown key"),
    "unknown key inside": (lambda t: t["input"].update(depth=3), "input.depth: unknown key"),
    "folder": (lambda t: t.update(folder="/"), "folder: unknown key"),
    "missing key": (lambda t: t.pop("licence"), "licence: "),
    "wrong type": (lambda t: t["embedding"].update(dimension="128"), "embedding.dimension: "),
    "not finite": (lambda t: t["embedding"].update(door=float("inf")), "embedding.door: "),
    "name": (lambda t: t.update(name="../x"), "name '../x' is not made of"),
    "file": (lambda t: t.update(file="../model.onnx"), "file '../model.onnx' is not the plain name"),
    "hidden file": (lambda t: t.update(file=".model"), "file '.model' is not the plain name"),
    "checksum": (lambda t: t.update(sha256="abc"), "sha256 is 64 digits"),
    "role": (lambda t: t.update(role="oracle"), "role: "),
    "no input": (lambda t: t.pop("input"), "an embedder needs [input]"),
    "no landmarks": (lambda t: t.pop("landmarks"), "an embedder needs landmarks"),
    "other landmarks": (
        lambda t: t.update(landmarks="arcface5"),
        "alignment dlib_chip needs landmarks dlib5",
    ),
    "size": (lambda t: t["alignment"].update(size=112), "alignment cuts 112 pixels, the input takes 150"),
    "template": (
        lambda t: t["alignment"].update(kind="template", template=[[0.1, 0.2]]),
        "alignment: a template has five points, not 1",
    ),
    "chip with template": (
        lambda t: t["alignment"].update(template=5 * [[0.1, 0.2]]),
        "alignment: dlib_chip has no template",
    ),
    "template outside": (
        lambda t: t["alignment"].update(kind="template", template=5 * [[0.1, 1.2]]),
        "alignment: the template's points are fractions",
    ),
    "padding": (lambda t: t["alignment"].update(padding=-1.0), "alignment: padding is 0 to 2"),
    "pixels": (lambda t: t["input"].update(width=0), "input: width and height are 8 to 1024 pixels"),
    "std": (lambda t: t["input"].update(std=[1.0, 0.0, 1.0]), "input: std is positive"),
    "uint8 with mean": (lambda t: t["input"].update(mean=[1.0, 1.0, 1.0]), "input: an input of type uint8"),
    "curve": (lambda t: t["embedding"].update(curve=[0.0, 0.0, 50.0]), "embedding: "),
    "threshold": (lambda t: t["embedding"].update(door=2.5), "embedding: door = 2.5 lies outside"),
    "dimension": (lambda t: t["embedding"].update(dimension=1), "embedding: dimension is 2 to 4096"),
    "margin": (lambda t: t["embedding"].update(margin=-0.1), "embedding: margin is not negative"),
    "form": (
        lambda t: t.update(forms=[{"form": "int8", "file": "model.int8.onnx", "sha256": SHA}]),
        "form fp32 with its file and sha256 is not one of [[forms]]",
    ),
    "rate": (lambda t: t["false_match"][0].update(rate=1.5), "false_match.0: rate is 0 to 1"),
    "pairs": (lambda t: t["false_match"][1].update(pairs=0), "false_match.1: pairs is 1 or more"),
}


@pytest.mark.parametrize(("change", "text"), MISTAKES.values(), ids=MISTAKES)
def test_every_mistake_is_one_line_with_file_and_key(
    change: Change, text: str, table: dict[str, Any]
) -> None:
    change(table)
    with pytest.raises(ModelError) as caught:
        parse_profile(table, "models/net/profile.toml")
    assert str(caught.value).startswith(f"models/net/profile.toml: {text}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"name = ", b"", b"x" * 300_000, b"name = 1979-05-27"])
def test_a_file_that_is_no_profile_is_one_line(data: bytes, tmp_path: Path) -> None:
    (tmp_path / PROFILE).write_bytes(data)
    with pytest.raises(ModelError) as caught:
        read_profile(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / PROFILE}: ")
    assert "\n" not in str(caught.value)


def test_a_model_that_is_not_installed_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        load_profile(tmp_path, "dlib-resnet29")
    assert str(tmp_path / "dlib-resnet29") in str(caught.value)
    assert "edgectl models prepare" in str(caught.value)


def test_a_name_cannot_lead_out_of_the_models_folder(tmp_path: Path, table: dict[str, Any]) -> None:
    (tmp_path / "models").mkdir()
    write_profile(ModelProfile(**vars(parse_profile(table, "here")) | {"folder": tmp_path}))
    with pytest.raises(ModelError, match=r"no model .\.\.. is installed"):
        load_profile(tmp_path / "models", "..")


def test_a_folder_of_another_name_is_refused(tmp_path: Path, table: dict[str, Any]) -> None:
    (tmp_path / "copy").mkdir()
    write_profile(ModelProfile(**vars(parse_profile(table, "here")) | {"folder": tmp_path / "copy"}))
    with pytest.raises(ModelError, match="name: it says 'net' in the folder of 'copy'"):
        load_profile(tmp_path, "copy")


def test_a_broken_profile_does_not_hide_the_others(prepared: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(prepared, models)
    (models / "dlib-resnet29" / PROFILE).write_text("role = 1")
    (models / ".prepare-left").mkdir()
    assert [profile.name for profile in installed(models)] == ["dlib-landmarks5"]
    assert [str(models / "dlib-resnet29") in str(error) for error in broken(models)] == [True]
    assert installed(tmp_path / "none") == []


def test_a_changed_or_missing_model_file_does_not_verify(prepared: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(prepared, models)
    profile = load_profile(models, "dlib-landmarks5")
    profile.verify()
    with profile.path.open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match=r"its SHA-256 is .* the profile says c4b1e9804792"):
        profile.verify()
    profile.path.unlink()
    with pytest.raises(ModelError, match="No such file"):
        profile.verify()


def test_what_is_no_embedder_says_so(prepared: Path) -> None:
    profile = load_profile(prepared, "dlib-landmarks5")
    assert profile.form is Form.FP32
    with pytest.raises(ModelError, match=r"no embedder: its profile has no \[embedding\]"):
        _ = profile.vectors
