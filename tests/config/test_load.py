import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config import (
    CameraSource,
    Origin,
    Places,
    Settings,
    default_places,
    load_settings,
    parse_source,
    shown_source,
)
from edge.domain.zone import Zone
from edge.errors import ConfigError

REPOSITORY = Path(__file__).resolve().parents[2]

Load = Callable[..., Settings]


def test_without_a_file_everything_is_at_its_default(places: Places) -> None:
    settings = load_settings(None, {}, places)
    assert settings.file is None
    assert settings.data_dir == places.data_dir
    assert settings.database == places.data_dir / "edge.db"
    assert settings.camera.parsed == CameraSource("none")
    assert settings.origin("camera.rate") == Origin("default", "")


def test_the_default_file_is_read_where_it_is_there(places: Places) -> None:
    places.config_file.parent.mkdir()
    places.config_file.write_text("[camera]\nrate = 5\n", encoding="utf-8")
    settings = load_settings(None, {}, places)
    assert settings.camera.rate == 5.0
    assert settings.file == places.config_file
    assert settings.origin("camera.rate") == Origin("file", f"{places.config_file}:2")


def test_the_variable_names_another_file_and_an_argument_comes_before_it(
    tmp_path: Path, places: Places
) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text("[camera]\nrate = 1\n", encoding="utf-8")
    two.write_text("[camera]\nrate = 2\n", encoding="utf-8")
    assert load_settings(None, {"EDGE_CONFIG": str(one)}, places).camera.rate == 1.0
    assert load_settings(two, {"EDGE_CONFIG": str(one)}, places).camera.rate == 2.0
    assert load_settings(None, {"EDGE_CONFIG": ""}, places).file is None


@pytest.mark.parametrize("named_by", ["argument", "variable"])
def test_a_file_that_was_named_must_be_there(tmp_path: Path, places: Places, named_by: str) -> None:
    missing = tmp_path / "missing.toml"
    path, environ = (missing, {}) if named_by == "argument" else (None, {"EDGE_CONFIG": str(missing)})
    with pytest.raises(ConfigError, match="no such file; check the name"):
        load_settings(path, environ, places)


def test_a_folder_is_no_configuration(tmp_path: Path, places: Places) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path, {}, places)
    assert caught.value.problems == [f"{tmp_path}: it is a folder; name the configuration file itself"]


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path, places: Places) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="it is no regular file"):
        load_settings(tmp_path / "pipe", {}, places)


def test_a_path_through_a_file_is_refused(tmp_path: Path, places: Places) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="it cannot be read: Not a directory"):
        load_settings(tmp_path / "file" / "edge.toml", {}, places)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, places: Places) -> None:
    (tmp_path / "edge.toml").touch(mode=0)
    with pytest.raises(ConfigError, match="it cannot be read: Permission denied"):
        load_settings(tmp_path / "edge.toml", {}, places)


def test_a_huge_file_is_refused(load: Load) -> None:
    load(b"#" * 256 * 1024)
    with pytest.raises(ConfigError, match="over 256 KiB, which no configuration needs"):
        load(b"#" * (256 * 1024 + 1))


def test_a_byte_order_mark_is_no_fault(load: Load) -> None:
    assert load(b"\xef\xbb\xbf[camera]\nrate = 5\n").camera.rate == 5.0


def test_state_lies_where_variable_then_file_then_installation_say(
    load: Load, tmp_path: Path, places: Places
) -> None:
    assert load("").data_dir == places.data_dir
    text = '[storage]\ndata_dir = "state of mine"\n'
    assert load(text).data_dir == tmp_path / "state of mine"
    assert load(text).origin("storage.data_dir") == Origin("file", f"{tmp_path / 'edge.toml'}:2")
    moved = load(text, EDGE_DATA_DIR=str(tmp_path / "moved"))
    assert moved.data_dir == tmp_path / "moved"
    assert moved.origin("storage.data_dir") == Origin("environment", "EDGE_DATA_DIR")
    assert load(text, EDGE_DATA_DIR="").data_dir == tmp_path / "state of mine"
    assert load('[storage]\ndata_dir = "/abs"\n').data_dir == Path("/abs")


def test_a_relative_variable_counts_from_the_working_directory(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load("", EDGE_DATA_DIR="here").data_dir == tmp_path / "here"


def test_a_film_is_found_from_the_folder_of_the_file(load: Load, tmp_path: Path) -> None:
    assert load('[camera]\nsource = "replay:films/a.avi"\n').camera.parsed == CameraSource(
        "replay", str(tmp_path / "films/a.avi")
    )
    assert load('[camera]\nsource = "replay:/films/a.avi"\n').camera.source == "replay:/films/a.avi"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("", CameraSource("none")),
        ("0", CameraSource("index", "0")),
        ("07", CameraSource("index", "7")),
        ("/dev/video2", CameraSource("device", "/dev/video2")),
        (
            "/dev/v4l/by-id/usb-A_B-video-index0",
            CameraSource("device", "/dev/v4l/by-id/usb-A_B-video-index0"),
        ),
        (
            "rtsp://me:p%40ss@cam.example:554/live?a=1",
            CameraSource("rtsp", "rtsp://me:p%40ss@cam.example:554/live?a=1"),
        ),
        ("rtsps://[fe80::1]/1", CameraSource("rtsp", "rtsps://[fe80::1]/1")),
        (
            "pipe:rpicam-vid -t 0 --tuning-file 'a b.json' -o -",
            CameraSource("pipe", arguments=("rpicam-vid", "-t", "0", "--tuning-file", "a b.json", "-o", "-")),
        ),
        ("replay:/films/人.avi", CameraSource("replay", "/films/人.avi")),
    ],
)
def test_sources(text: str, source: CameraSource) -> None:
    assert parse_source(text) == source


@pytest.mark.parametrize(
    "text",
    [
        *("64", "-1", "²", "replay:", "video0", "/etc/passwd", "0.5", "http://cam"),
        *(
            "rtsp://",
            "rtsp://me:pa/ss@cam/1",
            "rtsp://me:p@ss@cam/1",
            "rtsp://a b/1",
            "rtsp://me@",
            "rtsp://cam:x/1",
        ),
        *("pipe:", "pipe: ", "pipe:''", "pipe:cat 'a"),
    ],
)
def test_what_is_no_source(text: str) -> None:
    with pytest.raises(ValueError, match=r"; (give|write) "):
        parse_source(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/dev/video0", "/dev/video0"),
        ("rtsp://me:secret@cam/live?token=secret", "rtsp://***@cam/live"),
        ("rtsp://me:se/cr@et@cam/1", "rtsp://***@cam/1"),
        ("rtsp://cam/1", "rtsp://cam/1"),
        ("pipe:ffmpeg -i rtsp://me:secret@cam/1 -f mjpeg -", "pipe:ffmpeg …"),
        ("pipe:cat", "pipe:cat"),
        ("http://me:secret@cam/1", "http://***@cam/1"),
    ],
)
def test_a_source_is_shown_without_what_may_be_a_password(text: str, shown: str) -> None:
    assert shown_source(text) == shown


@pytest.mark.parametrize(
    ("text", "zone"),
    [("centre", Zone(0.25, 0.25, 0.75, 0.75)), ("whole", Zone()), ("0.2 0 0.8 1", Zone(0.2, 0.0, 0.8, 1.0))],
)
def test_zones_have_names_or_four_sides(load: Load, text: str, zone: Zone) -> None:
    assert load(f'[camera]\nzone = "{text}"\n').camera.looked_at == zone


def test_raw_frames_go_with_a_command_and_its_size(load: Load) -> None:
    camera = load(
        '[camera]\nsource = "pipe:cat raw"\npipe_format = "nv12"\nwidth = 640\nheight = 360\n'
    ).camera
    assert (camera.pipe_format, camera.parsed.arguments) == ("nv12", ("cat", "raw"))


def test_settings_never_change_and_survive_the_pipe_to_the_child(load: Load) -> None:
    settings = load('[camera]\nsource = "replay:a"\n[recognition]\nmargin = 0.1\n', EDGE_DATA_DIR="/x")
    with pytest.raises(ValueError, match="frozen"):
        settings.camera.rate = 3.0
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_a_value_that_only_its_use_shows_wrong_is_told_with_its_line(load: Load) -> None:
    settings = load("[recognition]\nthreshold_percent = 99.99\n")
    wrong = settings.wrong("recognition.threshold_percent", "no score reaches it; give less")
    assert str(wrong).endswith("edge.toml:2: recognition.threshold_percent: no score reaches it; give less")
    assert str(settings.wrong("camera.rate", "bad; good")) == "camera.rate: bad; good"


def test_conflicts_are_found_in_code_too() -> None:
    from edge.config import DoorSettings

    with pytest.raises(ValueError, match="needs a pin"):
        DoorSettings(relay="gpio")


def test_a_checkout_keeps_everything_to_itself() -> None:
    assert default_places() == Places(REPOSITORY / "config" / "edge.toml", REPOSITORY / "var")


def test_reading_settings_loads_nothing_heavy() -> None:
    program = (
        "import sys, edge.config, edge.guard, edge.log; edge.config.load_settings(); print(*sys.modules)"
    )
    # coverage, where it measures child processes, would load sqlite3 itself
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, env=plain, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "pydantic" in loaded
    assert loaded & {"numpy", "cv2", "onnxruntime", "dlib", "sqlite3", "flask"} == set()
