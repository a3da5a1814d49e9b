import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.cli import main


@pytest.fixture
def with_models(data_dir: Path, prepared: Path) -> Path:
    shutil.copytree(prepared, data_dir / "models")
    return data_dir / "models"


def test_prepare_says_what_it_made_and_the_second_time_that_all_is_there(
    data_dir: Path, dlib_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "prepare", "--from", str(dlib_models)]) == 0
    out = capsys.readouterr().out
    assert "dlib-resnet29: made; no value of a vector is further than" in out
    assert "dlib-landmarks5: made" in out
    assert (data_dir / "models/dlib-resnet29/model.onnx").is_file()
    assert main(["models", "prepare"]) == 0
    assert capsys.readouterr().out.count("ready already, its checksum holds") == 2


def test_prepare_as_json(with_models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "prepare", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["name"]: row["made"] for row in rows} == {"dlib-resnet29": False, "dlib-landmarks5": False}
    assert all(Path(row["path"]).is_relative_to(with_models) for row in rows)


def test_a_file_that_is_not_there_is_one_line_and_status_1(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "prepare", "--from", str(data_dir / "none.dat")]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "no such file" in err
    assert list(data_dir.iterdir()) == []


def test_list_marks_the_model_in_use(with_models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["name"]: row["in_use"] for row in rows} == {"dlib-resnet29": True, "dlib-landmarks5": True}
    shutil.copytree(with_models / "dlib-resnet29", with_models / "other")
    path = with_models / "other" / "profile.toml"
    path.write_text(path.read_text().replace('name = "dlib-resnet29"', 'name = "other"'))
    assert main(["models", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows if not row["in_use"]] == ["other"]
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert "CC0-1.0" in out
    assert with_models.is_dir()


def test_list_without_models_says_what_to_do(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    assert "edgectl models prepare" in capsys.readouterr().out
    assert main(["models", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert list(data_dir.iterdir()) == []


def test_list_tells_of_a_broken_profile_beside_the_good_ones(
    with_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (with_models / "dlib-resnet29" / "profile.toml").write_text("nonsense")
    assert main(["models", "list", "--json"]) == 0
    shown = capsys.readouterr()
    assert [row["name"] for row in json.loads(shown.out)] == ["dlib-landmarks5"]
    assert "not usable: " in shown.err


def test_show_prints_thresholds_false_matches_limitations_and_licence(
    with_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "show", "dlib-resnet29"]) == 0
    out = capsys.readouterr().out
    assert "0.42 (99.00 %)" in out
    assert "0.6 (98.06 %)" in out
    assert "between East and South-East Asian people" in out
    assert "0.77%" in out
    assert "none seen, under 0.10%" in out  # of 3000 pairs
    assert "Not made for children" in out
    assert "public domain" in out
    assert main(["models", "show", "dlib-landmarks5"]) == 0
    assert with_models.is_dir()


def test_show_as_json_is_the_profile(with_models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "show", "dlib-resnet29", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["embedding"]["door"] == 0.42
    assert shown["version"].startswith("dlib-resnet29-fp32-")
    assert shown["licence"]["name"] == "CC0-1.0"
    assert Path(shown["path"]) == with_models / "dlib-resnet29/model.onnx"


def test_show_of_a_damaged_model_is_an_error(with_models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (with_models / "dlib-resnet29/model.onnx").open("ab") as stream:
        stream.write(b"x")
    assert main(["models", "show", "dlib-resnet29"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "SHA-256" in shown.err


def test_listing_loads_no_heavy_library(with_models: Path) -> None:
    code = (
        "import sys; from edge.cli import main; main(['models', 'list'])\n"
        "print([name for name in ('cv2', 'dlib', 'onnx', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert with_models.is_dir()
