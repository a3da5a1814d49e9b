"""What `[camera]` says is the camera that is built: turned, mirrored, from a command of the machine."""

import sys
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest

from edge.adapters.camera_rtsp import CameraRtsp
from edge.adapters.camera_v4l2 import CameraV4l2
from edge.adapters.clock_system import ClockSystem
from edge.bootstrap.camera import build_camera
from edge.config import Places, Settings, load_settings
from edge.domain.face import Frame, Picture
from edge.errors import CameraError
from edge.ports import Camera

WIDTH, HEIGHT = 160, 120


def _settings(folder: Path, text: str) -> Settings:
    file = folder / "edge.toml"
    file.write_text(f"[camera]\n{text}\n", encoding="utf-8")
    return load_settings(file, {}, Places(file, folder))


def _raw_command(folder: Path) -> str:
    """Return a command that writes one raw frame, its left half white, and goes on living."""
    script = folder / "a camera.py"
    script.write_text(
        "import sys, time\n"
        f"row = b'\\xff' * {WIDTH // 2} + bytes({WIDTH // 2})\n"
        f"sys.stdout.buffer.write(row * {HEIGHT})\n"
        "sys.stdout.flush()\n"
        "time.sleep(60)\n",
        encoding="utf-8",
    )
    size = f"width = {WIDTH}\nheight = {HEIGHT}"
    return f"source = \"pipe:{sys.executable} '{script}'\"\npipe_format = 'gray'\n{size}"


def _first(camera: Camera) -> Frame:
    camera.open()
    try:
        frame = camera.read(20)
    finally:
        camera.close()
    assert frame is not None
    return frame


def test_a_command_with_raw_frames_is_seen_as_it_writes_them(tmp_path: Path) -> None:
    camera, hangs = build_camera(_settings(tmp_path, _raw_command(tmp_path)), ClockSystem(), loop=True)
    picture = _first(camera).picture
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert (picture[:, : WIDTH // 2] == 255).all()
    assert (picture[:, WIDTH // 2 :] == 0).all()
    assert not hangs()


@pytest.mark.parametrize(
    ("keys", "shape", "bright"),
    [
        ("mirror = true", (HEIGHT, WIDTH, 3), np.s_[:, WIDTH // 2 :]),
        ("rotate = 90", (WIDTH, HEIGHT, 3), np.s_[: WIDTH // 2, :]),
        ("rotate = 270", (WIDTH, HEIGHT, 3), np.s_[WIDTH // 2 :, :]),
        ("rotate = 90\nmirror = true", (WIDTH, HEIGHT, 3), np.s_[: WIDTH // 2, :]),
    ],
)
def test_turning_and_mirroring_reach_the_frames(
    tmp_path: Path, keys: str, shape: tuple[int, ...], bright: tuple[slice, slice]
) -> None:
    settings = _settings(tmp_path, f"{_raw_command(tmp_path)}\n{keys}")
    picture = _first(build_camera(settings, ClockSystem(), loop=True)[0]).picture
    expected = np.zeros(shape, np.uint8)
    expected[bright] = 255
    np.testing.assert_array_equal(picture, expected)


class Device:
    """What OpenCV opens: black frames, and what was asked of it."""

    asked: ClassVar[dict[int, float]] = {}

    def __init__(self, path: str, backend: int) -> None:
        assert (path, backend) == ("/dev/null", cv2.CAP_V4L2)
        self.asked.clear()

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, name: int, value: float) -> bool:
        self.asked[name] = value
        return True

    def get(self, name: int) -> float:
        return self.asked.get(name, 0.0)

    def read(self) -> tuple[bool, Picture]:
        return True, np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    def release(self) -> None:
        pass


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ("exposure = 100\ngain = 7", {"auto": 1, "exposure": 100, "gain": 7}),
        ("gain = 0", {"auto": 3, "gain": 0}),
        ("", {"auto": 3}),
    ],
)
def test_exposure_and_gain_reach_the_camera_where_they_are_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str, asked: dict[str, float]
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", Device)
    _first(build_camera(_settings(tmp_path, f"source = '/dev/null'\n{keys}"), ClockSystem(), loop=True)[0])
    names = {
        "auto": cv2.CAP_PROP_AUTO_EXPOSURE,
        "exposure": cv2.CAP_PROP_EXPOSURE,
        "gain": cv2.CAP_PROP_GAIN,
    }
    assert {name: Device.asked[of] for name, of in names.items() if of in Device.asked} == asked


def test_a_command_that_is_not_there_is_told_without_its_arguments(tmp_path: Path) -> None:
    settings = _settings(tmp_path, 'source = "pipe:no-such-camera --password secret"')
    camera, _ = build_camera(settings, ClockSystem(), loop=True)
    with pytest.raises(CameraError, match=r"^command no-such-camera: .*no such program") as caught:
        camera.open()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "kind"), [("rtsp://me:secret@127.0.0.1:9/1", CameraRtsp), ("/dev/video63", CameraV4l2)]
)
def test_each_kind_of_source_has_its_camera(tmp_path: Path, source: str, kind: type) -> None:
    camera, _ = build_camera(_settings(tmp_path, f'source = "{source}"'), ClockSystem(), loop=True)
    assert type(camera) is kind
    with pytest.raises(CameraError) as caught:
        camera.open()
    assert "secret" not in str(caught.value)
