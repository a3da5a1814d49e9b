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


def test_with_the_8_bit_form_in_use_it_is_said_of_which_form_the_rates_are(
    with_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = "rates of dlib-resnet29 were measured with its float form"
    assert main(["models", "show", "dlib-resnet29"]) == 0
    assert note not in capsys.readouterr().out
    for command in (["prepare", "--form", "int8"], ["show", "dlib-resnet29"]):
        assert main(["models", *command]) == 0
        out = capsys.readouterr().out
        assert note in out
        assert "landmarks5 were measured" not in out
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


def test_a_model_is_added_and_taken_into_use(
    with_models: Path, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zoo = shared_data / "models"
    config = tmp_path / "edge.toml"
    config.touch()
    for file in ("yunet_n_dynamic.onnx", "open-model-zoo/face-reidentification-retail-0095.xml"):
        assert main(["models", "add", str(zoo / file)]) == 0
    assert "omz-0095: installed; licence Apache-2.0" in capsys.readouterr().out
    assert main(["--config", str(config), "models", "use", "omz-0095", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["changes"] == {"model": "omz-0095", "detector": "yunet"}
    assert main(["--config", str(config), "models", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in rows if row["in_use"]} == {"omz-0095", "yunet"}
    assert main(["--config", str(config), "models", "use", "dlib-hog"]) == 1
    assert "needs arcface5 landmarks" in capsys.readouterr().err
    assert with_models.is_dir()


def test_terms_are_shown_before_the_error_that_asks_to_accept_them(
    with_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = with_models / "dlib-resnet29"
    text = (path / "profile.toml").read_text()
    profile = tmp_path / "mine.toml"
    profile.write_text(
        text[: text.index("[[forms]]")]
        .replace("must_accept = false", "must_accept = true")
        .replace('name = "dlib-resnet29"', 'name = "mine"')
    )
    (tmp_path / "mine.onnx").write_bytes((path / "model.onnx").read_bytes())
    command = ["models", "add", str(tmp_path / "mine.onnx"), "--profile", str(profile)]
    assert main(command) == 1
    err = capsys.readouterr().err
    assert "public domain" in err
    assert "--licence-accepted" in err.splitlines()[-1]
    assert main([*command, "--licence-accepted"]) == 0
    assert (with_models / "mine" / "profile.toml").is_file()


def test_what_would_be_better_is_named_by_the_list(
    with_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert "`edgectl models pull omz-0095`" in out
    assert "`edgectl models pull yunet`" in out
    assert with_models.is_dir()


def test_an_unknown_model_cannot_be_pulled(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", "resnet"]) == 1
    assert "it has yunet, omz-0095" in capsys.readouterr().err
    assert list(data_dir.iterdir()) == []
