import json
from pathlib import Path

import pytest

from edge.config import CameraSettings, Sections
from tests.cli.conftest import Run


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "人 [bold].toml"
    file.write_text('[camera]\nsource = "replay:film.avi"\nrate = 5\n', encoding="utf-8")
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.toml"
    file.write_text("[camera]\nrate = 0\nbogus = 1\n", encoding="utf-8")
    return file


def test_a_good_file_is_ok(run: Run, good: Path) -> None:
    for arguments in (("config", "check", str(good)), ("--config", str(good), "config", "check")):
        answer = run(*arguments)
        assert (answer.status, answer.out, answer.err) == (0, f"{good}: OK\n", "")


def test_all_problems_of_a_bad_file_are_told(run: Run, bad: Path) -> None:
    answer = run("config", "check", str(bad))
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.splitlines() == [
        f"edgectl: error: {bad}:{problem}"
        for problem in (
            "2: camera.rate: it takes a number from 0.1 to 120, not 0; the default is 15.0",
            f"3: camera.bogus: no such key in [camera]; known are {', '.join(CameraSettings.model_fields)}",
        )
    ]


def test_programs_are_told_the_same(run: Run, good: Path, bad: Path) -> None:
    assert json.loads(run("config", "check", str(good), "--json").out) == {
        "file": str(good),
        "ok": True,
        "problems": [],
    }
    answer = run("config", "check", str(bad), "--json")
    told = json.loads(answer.out)
    assert (answer.status, told["ok"], told["file"]) == (1, False, str(bad))
    assert [problem.split(": ")[1] for problem in told["problems"]] == ["camera.rate", "camera.bogus"]


def test_a_missing_file_is_an_error(run: Run, tmp_path: Path) -> None:
    answer = run("config", "check", str(tmp_path / "none.toml"))
    assert (answer.status, answer.err.count("\n")) == (1, 1)


def test_show_tells_each_value_and_where_it_came_from(run: Run, good: Path, data_dir: Path) -> None:
    shown = json.loads(run("--config", str(good), "config", "show", "--json").out)
    values = shown["values"]
    assert set(values) == {
        f"{section}.{key}" for section, keys in Sections().model_dump().items() for key in keys
    }
    assert values["camera.rate"] == {"value": 5.0, "origin": "file", "where": f"{good}:3"}
    assert values["camera.source"]["value"] == f"replay:{good.parent}/film.avi"
    assert values["camera.width"] == {"value": 640, "origin": "default", "where": ""}
    assert values["storage.data_dir"] == {
        "value": str(data_dir),
        "origin": "environment",
        "where": "EDGE_DATA_DIR",
    }
    assert (shown["file"], shown["data_dir"]) == (str(good), str(data_dir))


def test_show_tells_people_the_same(run: Run, good: Path) -> None:
    answer = run("--config", str(good), "config", "show")
    lines = {line.split()[0]: line for line in answer.out.splitlines() if line.strip()}
    assert lines["camera.rate"].split(maxsplit=2) == ["camera.rate", "5.0", f"{good}:3"]
    assert lines["camera.mirror"].split() == ["camera.mirror", "false", "default"]
    assert lines["recognition.margin"].split() == ["recognition.margin", "–", "default"]
    assert lines["device.timezone"].split() == ["device.timezone", '""', "default"]
