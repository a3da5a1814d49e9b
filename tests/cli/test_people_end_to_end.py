"""Enrolling, identifying and comparing by `edgectl`, with the real models on public-domain photographs."""

import json
import os
import shutil
import sqlite3
import struct
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edge.models.prepare import prepare

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def prepared(dlib_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "models"
    prepare(folder, source=dlib_models)
    return folder


@pytest.fixture
def terminal(run: "Run", data_dir: Path, prepared: Path) -> "Run":
    assert run("init").status == 0
    (data_dir / "models").rmdir()
    shutil.copytree(prepared, data_dir / "models")
    return run


def enrol(terminal: "Run", presidents: Path, *more: str) -> dict[str, Any]:
    answer = terminal("people", "add", "Barack Obama", str(presidents / "obama.jpg"), "--json", *more)
    assert answer.status == 0, answer.err
    return dict(json.loads(answer.out))


def state(data_dir: Path) -> list[tuple[Any, ...]]:
    """Return everything that is stored, in a form to compare."""
    with closing(sqlite3.connect(data_dir / "edge.db")) as connection:
        return [
            row
            for table in ("person", "reference", "event")
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 - names from here
        ]


def identified(terminal: "Run", *images: Path) -> list[dict[str, Any]]:
    answer = terminal("identify", "--json", *map(str, images))
    assert answer.status == 0, answer.err
    return list(json.loads(answer.out))


def test_a_president_enrolled_from_one_picture_is_found_in_his_others_and_the_other_is_not(
    terminal: "Run", presidents: Path
) -> None:
    person = enrol(terminal, presidents)["person"]
    images = [presidents / name for name in ("obama2.jpg", "obama3.jpg", "biden.jpg")]
    second, third, biden = identified(terminal, *images)
    for found in (second, third):
        (face,) = found["faces"]
        assert face["accepted"]
        assert face["reason"] is None
        assert (face["person_id"], face["person_name"]) == (person["id"], "Barack Obama")
        assert face["score"] < 0.42
        assert face["percent"] > 99
        assert face["candidates"][0]["person_id"] == person["id"]
        assert face["quality"]["ok"]
        assert set(face["box"]) == {"left", "top", "width", "height"}
    (face,) = biden["faces"]
    assert not face["accepted"]
    assert face["reason"] == "unknown"
    assert face["person_id"] is None
    assert face["score"] > 0.6
    assert [found["image"] for found in (second, third, biden)] == [str(image) for image in images]


def test_partial_faces_and_pictures_without_a_face_give_reasons_not_errors(
    terminal: "Run", presidents: Path, tmp_path: Path
) -> None:
    enrol(terminal, presidents)
    plain = tmp_path / "plain.png"
    plain.write_bytes(a_png(64, 64))
    images = [presidents / "obama_partial_face.jpg", presidents / "obama_partial_face2.jpg", plain]
    first, second, nobody = identified(terminal, *images)
    assert [face["reason"] for found in (first, second) for face in found["faces"]] == ["cut_off", "cut_off"]
    assert nobody["faces"] == []
    assert nobody["reason"] == "no_face"


def test_the_risk_of_the_gallery_is_shown_where_people_are(terminal: "Run", presidents: Path) -> None:
    enrol(terminal, presidents)
    (found,) = identified(terminal, presidents / "obama2.jpg")
    listed = json.loads(terminal("people", "list", "--json").out)
    assert found["gallery"] == listed["gallery"]
    assert listed["gallery"]["people"] == 1
    assert listed["gallery"]["fpir"] == pytest.approx(0.0077)
    assert listed["gallery"]["face_alone_opens"]
    assert "FPIR 0.77%" in terminal("people", "list").out
    assert "FPIR 0.77%" in terminal("identify", str(presidents / "obama2.jpg")).out


def test_a_second_person_makes_a_second_factor_necessary_with_the_default_model(
    terminal: "Run", presidents: Path
) -> None:
    enrol(terminal, presidents)
    assert terminal("people", "add", "Joe Biden", str(presidents / "biden.jpg")).status == 0
    assert "a second factor is needed" in terminal("people", "list").out


def test_a_look_alike_is_refused_with_exit_1_and_the_override_is_recorded(
    terminal: "Run", presidents: Path, data_dir: Path
) -> None:
    enrol(terminal, presidents)
    before = state(data_dir)
    again = ("people", "add", "Somebody Else", str(presidents / "obama2.jpg"))
    refused = terminal(*again)
    assert refused.status == 1
    assert "Barack Obama" in refused.out
    assert refused.err.count("\n") == 1
    assert "looks_like_another" in refused.err
    assert state(data_dir) == before
    allowed = json.loads(terminal(*again, "--allow-look-alike", "--json").out)
    assert allowed["person"]["second_factor"]
    assert allowed["pictures"][0]["look_alike"]["person_name"] == "Barack Obama"
    everybody = json.loads(terminal("people", "list", "--json").out)["people"]
    assert all(person["second_factor"] for person in everybody)


def test_more_pictures_of_somebody_pass_the_gate_and_others_do_not(terminal: "Run", presidents: Path) -> None:
    enrol(terminal, presidents, "--id", "44")
    pictures = [str(presidents / name) for name in ("obama2.jpg", "biden.jpg", "obama.jpg")]
    told = json.loads(terminal("people", "extend", "44", *pictures, "--json").out)
    codes = [picture["code"] for picture in told["pictures"]]
    assert codes == ["accepted", "not_this_person", "near_duplicate"]
    assert told["person"]["references"] == 2
    shown = json.loads(terminal("people", "show", "44", "--json").out)
    assert [reference["source"] for reference in shown["references"]] == ["obama.jpg", "obama2.jpg"]


def test_a_near_duplicate_alone_is_no_error_and_adds_nothing(
    terminal: "Run", presidents: Path, data_dir: Path
) -> None:
    enrol(terminal, presidents)
    before = state(data_dir)
    answer = terminal("people", "extend", "Barack Obama", str(presidents / "obama.jpg"))
    assert answer.status == 0
    assert "adds nothing" in answer.out
    assert state(data_dir) == before


def test_comparing_says_the_same_as_the_door(terminal: "Run", presidents: Path) -> None:
    def compare(first: str, second: str) -> dict[str, Any]:
        answer = terminal("compare", str(presidents / first), str(presidents / second), "--json")
        return dict(json.loads(answer.out))

    assert compare("obama.jpg", "obama2.jpg")["same"]
    assert not compare("obama.jpg", "biden.jpg")["same"]
    assert compare("obama.jpg", "obama.jpg")["percent"] == pytest.approx(100, abs=1e-6)


def test_somebody_is_forgotten(terminal: "Run", presidents: Path, data_dir: Path) -> None:
    person = enrol(terminal, presidents)["person"]
    answer = terminal("people", "remove", person["id"], "--yes", "--json")
    assert answer.status == 0
    assert answer.err == ""
    assert json.loads(answer.out) == {"removed": person}
    assert json.loads(terminal("people", "list", "--json").out)["people"] == []
    assert b"Barack Obama" not in b"".join(file.read_bytes() for file in data_dir.glob("edge.db*"))
    (face,) = identified(terminal, presidents / "obama2.jpg")[0]["faces"]
    assert face["reason"] == "empty_gallery"


@pytest.mark.parametrize(
    "name", ["花子 Müller 👩‍💻", "x" * 4000, "[red]O'Brien[/red]; DROP TABLE person", "-n"]
)
def test_unusual_names_work(terminal: "Run", presidents: Path, name: str) -> None:
    photo = str(presidents / "obama.jpg")
    assert terminal("people", "add", "--", name, photo).status == 0
    assert json.loads(terminal("people", "list", "--json").out)["people"][0]["name"] == name
    listed = terminal("people", "list").out
    assert name[:20] in listed
    assert max(map(len, listed.splitlines())) < 200
    assert name in terminal("people", "show", "--", name).out


def a_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * 3 * width for _ in range(min(height, 64))))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(params=["missing", "empty", "text", "truncated", "huge header", "folder", "pipe"])
def bad_picture(request: pytest.FixtureRequest, tmp_path: Path, presidents: Path) -> Path:
    path = tmp_path / "bad.jpg"
    match request.param:
        case "empty":
            path.touch()
        case "text":
            path.write_text("this is no picture\n" * 100)
        case "truncated":
            whole = (presidents / "obama.jpg").read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
        case "huge header":
            path.write_bytes(a_png(30_000, 30_000))
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    "command", [("people", "add", "Somebody"), ("identify",), ("compare",), ("people", "extend", "44")]
)
def test_a_bad_picture_is_one_line_and_changes_nothing(
    terminal: "Run", presidents: Path, data_dir: Path, bad_picture: Path, command: tuple[str, ...]
) -> None:
    before = state(data_dir)
    answer = terminal(*command, str(presidents / "obama2.jpg"), str(bad_picture))
    assert answer.status == 1
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert str(bad_picture) in answer.err
    assert "Traceback" not in answer.err
    assert state(data_dir) == before


def test_a_model_whose_checksum_does_not_match_is_refused(
    terminal: "Run", presidents: Path, data_dir: Path
) -> None:
    enrol(terminal, presidents)
    before = state(data_dir)
    folder = data_dir / "models" / "dlib-resnet29"
    for model in folder.glob("*.onnx"):
        with model.open("r+b") as stream:
            stream.seek(1_000_000)
            byte = stream.read(1)
            stream.seek(1_000_000)
            stream.write(bytes([byte[0] ^ 1]))
    for command in (("identify",), ("people", "add", "Somebody")):
        answer = terminal(*command, str(presidents / "obama2.jpg"))
        assert answer.status == 1
        assert answer.err.count("\n") == 1
        assert "SHA-256" in answer.err
        assert str(folder) in answer.err
    assert state(data_dir) == before


@pytest.mark.parametrize("percent", ["100", "101", "80", "0.5"])
def test_a_percent_that_no_score_or_every_score_reaches_is_refused(
    terminal: "Run", presidents: Path, tmp_path: Path, percent: str
) -> None:
    config = tmp_path / "edge.toml"
    config.write_text(f"[recognition]\nthreshold_percent = {percent}\n")
    answer = terminal("--config", str(config), "identify", str(presidents / "obama.jpg"))
    assert answer.status == 1
    assert answer.err.count("\n") == 1
    assert "edge.toml:2" in answer.err
    assert "threshold_percent" in answer.err


def test_a_percent_becomes_the_threshold_it_means(terminal: "Run", presidents: Path, tmp_path: Path) -> None:
    config = tmp_path / "edge.toml"
    config.write_text("[recognition]\nthreshold_percent = 99.5\n")
    enrol(terminal, presidents)
    answer = terminal("--config", str(config), "identify", str(presidents / "obama2.jpg"), "--json")
    found = json.loads(answer.out)[0]
    assert found["threshold"] == pytest.approx(0.2865, abs=1e-4)
    assert found["faces"][0]["reason"] == "unknown"


def test_without_a_model_the_line_says_how_to_get_one(run: "Run", presidents: Path) -> None:
    run("init")
    answer = run("identify", str(presidents / "obama.jpg"))
    assert answer.status == 1
    assert "edgectl models prepare" in answer.err
