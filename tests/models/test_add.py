import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from edge.adapters.embedder_onnx import EmbedderOnnx
from edge.domain.face import LandmarkScheme
from edge.errors import ModelError
from edge.models import add
from edge.models.add import LicenceNotAcceptedError, add_model
from edge.models.catalogue import (
    catalogue,
    entry_named,
    entry_of,
    recommended,
)
from edge.models.pixels import reference_crop
from edge.models.profile import Role
from edge.models.profile_file import load_profile, parse_profile, shipped_table

REID = "face-reidentification-retail-0095"


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "state" / "models"


@pytest.fixture
def zoo(shared_data: Path) -> Path:
    return shared_data / "models"


@pytest.fixture
def profile_file(tmp_path: Path) -> Path:
    """Return a description of a net of the shape of 0095, as an operator would write it."""
    path = tmp_path / "mine.toml"
    path.write_text(
        """
name = "mine"
role = "embedder"
source = "trained here"
landmarks = "arcface5"
[licence]
name = "terms of ours"
text = "Use it for good."
must_accept = true
[input]
width = 128
height = 128
layout = "NCHW"
colour = "BGR"
type = "float32"
[alignment]
kind = "template"
size = 128
template = [[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]]
[embedding]
dimension = 256
metric = "cosine"
curve = [0.0, 50.0, 50.0]
range = [-1.0, 1.0]
door = 0.6
attendance = 0.5
textbook = 0.4
duplicate = 0.97
margin = 0.05
"""
    )
    return path


def refusal(models_dir: Path, file: Path, **arguments: object) -> str:
    before = sorted(models_dir.rglob("*")) if models_dir.exists() else None
    with pytest.raises(ModelError) as caught:
        add_model(models_dir, file, **arguments)  # type: ignore[arg-type] # passed on as given
    assert "\n" not in str(caught.value)
    assert (sorted(models_dir.rglob("*")) if models_dir.exists() else None) == before
    return str(caught.value)


class TestCatalogue:
    def test_every_entry_has_a_profile_that_is_whole_but_for_its_file(self) -> None:
        for entry in catalogue():
            rest = {"name": entry.name, "file": "model.onnx", "sha256": 64 * "a"}
            profile = parse_profile(shipped_table(entry.name) | rest, entry.name)
            assert profile.licence.text

    def test_every_file_that_stands_for_a_model_is_pinned_and_every_address_is_https(self) -> None:
        for entry in catalogue():
            for publication in entry.publications:
                assert len(publication.files[0].sha256) == 64
                found = entry_of(publication.files[0].sha256)
                assert found is not None
                assert found.name == entry.name
                assert publication.address == "" or publication.address.startswith("https://")
                assert publication.address == "" or publication.address.endswith("/")

    def test_the_files_of_the_test_data_are_those_of_the_catalogue(self, zoo: Path) -> None:
        for path, name in (
            (zoo / "yunet_n_dynamic.onnx", "yunet"),
            (zoo / "yunet_n_320_320.onnx", "yunet"),
            (zoo / f"{REID}.onnx", "omz-0095"),
            (zoo / f"open-model-zoo/{REID}.bin", "omz-0095"),
        ):
            found = entry_of(hashlib.sha256(path.read_bytes()).hexdigest())
            assert found is not None
            assert found.name == name

    def test_what_is_not_installed_is_recommended(self) -> None:
        assert len(recommended(["dlib-resnet29"])) == 2
        assert [line.split()[0] for line in recommended(["yunet"])] == ["omz-0095"]
        assert recommended(["yunet", "omz-0095"]) == []

    def test_an_unknown_name_is_answered_with_those_there_are(self) -> None:
        with pytest.raises(ModelError, match="it has yunet, omz-0095"):
            entry_named("resnet")

    def test_the_door_of_0095_is_under_0_23_percent_in_each_group(self) -> None:
        rest = {"name": "omz-0095", "file": "model.onnx", "sha256": 64 * "a"}
        profile = parse_profile(shipped_table("omz-0095") | rest, "omz-0095")
        assert profile.false_matches.worst(profile.vectors.door).rate == pytest.approx(3 / 1326)
        assert profile.false_matches.worst(0.4).rate == pytest.approx(0.042)
        assert f"{profile.vectors.scale.percent(0.6):.2f}" == "95.14"


class TestAdd:
    @pytest.mark.parametrize("suffix", [".xml", ".bin"])
    def test_the_zoos_net_is_converted_and_gets_its_profile(
        self, suffix: str, models_dir: Path, zoo: Path
    ) -> None:
        added = add_model(models_dir, zoo / f"open-model-zoo/{REID}{suffix}")
        assert added.made
        profile = load_profile(models_dir, "omz-0095")
        profile.verify()
        assert profile == added.profile
        assert profile.landmarks is LandmarkScheme.ARCFACE5
        assert (profile.vectors.door, profile.vectors.attendance) == (0.60, 0.50)
        assert profile.derived_from.startswith("c2f8a7b9")

    def test_the_converted_net_embeds_crops_as_the_reference_does(self, models_dir: Path, zoo: Path) -> None:
        add_model(models_dir, zoo / f"open-model-zoo/{REID}.xml")
        ours = EmbedderOnnx(load_profile(models_dir, "omz-0095"))
        ours.load()
        add_model(models_dir, zoo / f"{REID}.onnx", force=True)
        theirs = EmbedderOnnx(load_profile(models_dir, "omz-0095"))  # published for one crop at a time
        theirs.load()
        assert ours.version != theirs.version
        crops = [np.ascontiguousarray(reference_crop(128, 128)[::step]) for step in (1, -1)]
        np.testing.assert_allclose(ours.embed(crops), theirs.embed(crops), rtol=1e-3, atol=1e-4)

    def test_a_detector_is_taken_as_it_is(self, models_dir: Path, zoo: Path) -> None:
        add_model(models_dir, zoo / "yunet_n_dynamic.onnx")
        profile = load_profile(models_dir, "yunet")
        assert profile.role is Role.DETECTOR
        assert profile.path.read_bytes() == (zoo / "yunet_n_dynamic.onnx").read_bytes()

    def test_added_again_it_is_left_as_it_is(self, models_dir: Path, zoo: Path) -> None:
        add_model(models_dir, zoo / f"open-model-zoo/{REID}.xml")
        before = load_profile(models_dir, "omz-0095").path.stat().st_ino
        assert not add_model(models_dir, zoo / f"open-model-zoo/{REID}.xml").made
        assert load_profile(models_dir, "omz-0095").path.stat().st_ino == before
        assert "replace it with --force" in refusal(models_dir, zoo / f"{REID}.onnx")

    def test_a_graph_that_computes_something_else_is_refused(
        self, models_dir: Path, zoo: Path, tmp_path: Path
    ) -> None:
        for suffix in (".xml", ".bin"):
            shutil.copy(zoo / f"open-model-zoo/{REID}{suffix}", tmp_path / f"net{suffix}")
        text = (tmp_path / "net.xml").read_text()
        (tmp_path / "net.xml").chmod(0o644)
        (tmp_path / "net.xml").write_text(text.replace('type="Sigmoid"', 'type="Convert"', 1))
        assert "(cosine distance) from the published net's" in refusal(models_dir, tmp_path / "net.xml")

    def test_an_unknown_file_needs_a_profile(self, models_dir: Path, zoo: Path) -> None:
        assert "--profile" in refusal(models_dir, zoo / "MiniFASNetV2.onnx")

    def test_terms_have_to_be_accepted_first(
        self, models_dir: Path, zoo: Path, tmp_path: Path, profile_file: Path
    ) -> None:
        # Not byte for byte the catalogue's file any more: somebody else's model.
        (tmp_path / "mine.onnx").write_bytes((zoo / f"{REID}.onnx").read_bytes() + b"\x72\x00")
        with pytest.raises(LicenceNotAcceptedError, match="terms of ours") as caught:
            add_model(models_dir, tmp_path / "mine.onnx", profile=profile_file)
        assert caught.value.text == "Use it for good."
        assert not models_dir.exists()
        add_model(models_dir, tmp_path / "mine.onnx", profile=profile_file, licence_accepted=True)
        profile = load_profile(models_dir, "mine")
        assert not profile.false_matches.worst(0.6).known
        assert profile.licence.must_accept

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            (("dimension = 256", "dimension = 128"), "it gives 256 values; its profile says 128"),
            (("= 128\nheight = 128", "= 64\nheight = 64"), "alignment cuts 128 pixels, the input takes 64"),
            (('"NCHW"', '"NHWC"'), "does not take the input of its profile"),
            (('role = "embedder"', 'role = "oracle"'), "role: "),
            (("name", "nam e"), "mine.toml: "),
        ],
    )
    def test_a_profile_that_does_not_fit_is_refused(
        self, change: tuple[str, str], text: str, models_dir: Path, zoo: Path, profile_file: Path
    ) -> None:
        mine = profile_file.with_suffix(".onnx")
        mine.write_bytes((zoo / f"{REID}.onnx").read_bytes() + b"\x72\x00")
        profile_file.write_text(profile_file.read_text().replace(*change, 1))
        found = refusal(models_dir, mine, profile=profile_file, licence_accepted=True)
        assert text in found

    def test_what_is_no_model_is_refused(self, models_dir: Path, tmp_path: Path, profile_file: Path) -> None:
        for name, text in (
            ("none.onnx", "No such file"),
            ("text.txt", "neither .onnx nor OpenVINO IR"),
            ("bad.onnx", "provider cpu"),
            ("bad.xml", "bad.bin: No such file"),
        ):
            if not name.startswith("none"):
                (tmp_path / name).write_text("this is no model")
            arguments = {"profile": profile_file, "licence_accepted": True}
            assert text in refusal(models_dir, tmp_path / name, **arguments)


def test_the_reference_crop_never_changes() -> None:
    assert hashlib.sha256(reference_crop(128, 128).tobytes()).hexdigest() == (
        "4df272c0648802eae35a296761ed937789b4ac30e84c327be1e81a01c3f4e3ff"
    )
    assert add.REFERENCE == 1e-4
