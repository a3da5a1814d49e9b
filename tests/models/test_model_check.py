"""The parent refuses models that cannot work, by their profiles and checksums alone."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from edge.bootstrap.model_check import check_models, models_in_use, recommend_models
from edge.config import load_settings
from edge.errors import ConfigError, ModelError


@pytest.fixture
def installed(prepared: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGE_CONFIG", "")
    shutil.copytree(prepared, data_dir / "models")
    return data_dir / "models"


def configured(folder: Path, text: str) -> Path:
    file = folder / "edge.toml"
    file.write_text(text)
    return file


def test_models_as_they_should_be_are_taken(installed: Path) -> None:
    settings = load_settings()
    check_models(settings)
    assert [profile.name for profile in models_in_use(settings)] == ["dlib-resnet29", "dlib-landmarks5"]
    assert installed.is_dir()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


HARMS: list[tuple[Callable[[Path], object], str]] = [
    (lambda models: flip(models / "dlib-resnet29" / "model.onnx"), "model.onnx: its SHA-256 is"),
    (lambda models: (models / "dlib-resnet29" / "model.onnx").unlink(), "model.onnx: No such file"),
    (lambda models: shutil.rmtree(models / "dlib-landmarks5"), "no model 'dlib-landmarks5' is installed"),
    (
        lambda models: flip(next((models / "dlib-landmarks5").glob("*.dat"))),
        "shape_predictor_5_face_landmarks.dat: its SHA-256 is",
    ),
    (
        lambda models: (models / "dlib-resnet29" / "profile.toml").write_text("name = "),
        "dlib-resnet29/profile.toml: ",
    ),
]


@pytest.mark.parametrize(("harm", "line"), HARMS)
def test_what_is_missing_or_damaged_is_refused_in_one_line(
    installed: Path, harm: Callable[[Path], object], line: str
) -> None:
    harm(installed)
    with pytest.raises(ModelError) as refusal:
        check_models(load_settings())
    assert line in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_detector_that_is_not_there_is_refused(installed: Path, tmp_path: Path) -> None:
    config = configured(tmp_path, '[vision]\ndetector = "yunet"\n')
    with pytest.raises(ModelError, match="no model 'yunet' is installed"):
        check_models(load_settings(config))
    with pytest.raises(ModelError, match="dlib-landmarks5 is no detector"):
        check_models(load_settings(configured(tmp_path, '[vision]\ndetector = "dlib-landmarks5"\n')))
    assert installed.is_dir()


def test_a_threshold_that_no_score_reaches_is_refused(installed: Path, tmp_path: Path) -> None:
    config = configured(tmp_path, "[recognition]\nthreshold_percent = 100\n")
    with pytest.raises(ConfigError, match=r"edge.toml:2: recognition.threshold_percent"):
        check_models(load_settings(config))
    assert installed.is_dir()


def test_nothing_that_computes_is_loaded_for_it(installed: Path) -> None:
    program = (
        "import sys; from edge.bootstrap.model_check import check_models;"
        "from edge.config import load_settings; check_models(load_settings());"
        "print([name for name in ('cv2', 'dlib', 'onnx', 'onnxruntime', 'PIL') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.stdout == "[]\n", run.stderr
    assert installed.is_dir()


def test_what_would_be_better_is_said_where_it_is_not_installed(installed: Path) -> None:
    structlog.reset_defaults()  # commands of other tests set the level to warning
    with capture_logs() as said:
        recommend_models(load_settings())
    assert [line["event"].partition(" is not installed")[0] for line in said] == ["yunet", "omz-0095"]
    assert "`edgectl models pull yunet`" in said[0]["event"]
    profile = (installed / "dlib-resnet29" / "profile.toml").read_text()
    for name in ("yunet", "omz-0095"):
        (installed / name).mkdir()
        (installed / name / "profile.toml").write_text(
            profile.replace('name = "dlib-resnet29"', f'name = "{name}"')
        )
    with capture_logs() as said:
        recommend_models(load_settings())
    assert said == []
