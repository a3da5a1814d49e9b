from pathlib import Path

import cv2
import pytest

from edge.adapters import camera_v4l2
from edge.adapters.camera_v4l2 import CameraV4l2, V4l2Mode
from edge.errors import CameraError

from .conftest import HandClock


def refusal(device: str) -> str:
    camera = CameraV4l2(device, V4l2Mode(), HandClock())
    with pytest.raises(CameraError) as caught:
        camera.open()
    camera.close()
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_missing_camera_is_named_with_those_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refusal("/dev/v4l/by-id/usb-none").startswith("/dev/v4l/by-id/usb-none: there is no such camera; ")
    assert refusal("63").startswith("/dev/video63: there is no such camera; ")
    for name in ("usb-A-video-index0", "usb-A-video-index1", "usb-B-video-index0"):
        (tmp_path / name).touch()
    monkeypatch.setattr(camera_v4l2._cameras, "__defaults__", (tmp_path,))
    expected = f"there are: {tmp_path}/usb-A-video-index0, {tmp_path}/usb-B-video-index0"
    assert refusal("/dev/nothing").endswith(expected)


def test_what_is_no_camera_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert "it is no device" in refusal(str(tmp_path / "file"))
    assert "it is no device" in refusal(str(tmp_path))
    assert "null" in refusal("/dev/a\0b")
    assert "Not a directory" in refusal("/dev/null/x")
    assert "it gives no pictures" in refusal("/dev/null")
    assert capfd.readouterr().err.count("VIDEOIO") == 0


def test_exposure_is_set_by_hand_only_where_it_is_given() -> None:

    automatic = dict(camera_v4l2._properties(V4l2Mode()))
    manual = dict(camera_v4l2._properties(V4l2Mode(exposure=100, gain=3, pixel_format="YUYV")))
    assert automatic[cv2.CAP_PROP_AUTO_EXPOSURE] == 3
    assert not {cv2.CAP_PROP_EXPOSURE, cv2.CAP_PROP_GAIN} & automatic.keys()
    assert automatic[cv2.CAP_PROP_FOURCC] == int.from_bytes(b"MJPG", "little")
    assert manual[cv2.CAP_PROP_AUTO_EXPOSURE] == 1
    assert (manual[cv2.CAP_PROP_EXPOSURE], manual[cv2.CAP_PROP_GAIN]) == (100, 3)
    assert manual[cv2.CAP_PROP_FOURCC] == int.from_bytes(b"YUYV", "little")
