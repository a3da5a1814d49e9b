import logging
import socket
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.camera_rtsp import CameraRtsp
from edge.errors import CameraError

from .conftest import HandClock
from .rtsp_server import RtspServer

Scene = NDArray[np.uint8]
SECRET = "s3cr%40t"


@pytest.fixture(autouse=True)
def no_word_of_the_password(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Fail each test here in which the password got into any output."""
    caplog.set_level(logging.DEBUG)
    yield
    heard = "".join(capfd.readouterr()) + caplog.text
    assert "s3cr" not in heard


def camera_of(port: int, credentials: str = "") -> CameraRtsp:
    at = f"{credentials}@" if credentials else ""
    address = f"rtsp://{at}127.0.0.1:{port}/stream?token=s3cret"
    return CameraRtsp(address, HandClock(), open_seconds=2, read_seconds=1)


def refusal(camera: CameraRtsp) -> str:
    with pytest.raises(CameraError) as caught:
        camera.open()
    camera.close()
    text = str(caught.value)
    assert "\n" not in text
    assert "s3cr" not in text + repr(camera) + repr(caught.value.__context__)
    return text


def test_a_stream_comes_over_tcp_in_rgb(scene: Scene) -> None:
    with RtspServer(scene) as server:
        camera = camera_of(server.port)
        camera.open()
        for _ in range(3):
            frame = camera.read(10)
            assert frame is not None
            assert np.abs(frame.picture.astype(int) - scene)[4:20, 4:28].max() < 16
        camera.close()


def test_the_password_goes_to_the_camera_and_nowhere_else(scene: Scene) -> None:
    with RtspServer(scene, credentials="me:s3cr@t") as server:
        camera = camera_of(server.port, f"me:{SECRET}")
        camera.open()
        assert camera.read(10) is not None
        camera.close()
        said = refusal(camera_of(server.port, "me:s3cr-wrong"))
        assert said.startswith(f"rtsp://***@127.0.0.1:{server.port}/stream: ")
        assert "check address, user and password" in said


def test_nobody_there_or_no_answer_is_told(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert "no stream from there" in refusal(camera_of(port))
    with RtspServer(scene, "never_answers") as server:
        assert "within 2 s" in refusal(camera_of(server.port, f"me:{SECRET}"))


@pytest.mark.parametrize("behaviour", ["breaks_off", "goes_silent"])
def test_a_stream_that_ends_or_falls_silent_is_lost(behaviour: str, scene: Scene) -> None:
    with RtspServer(scene, behaviour) as server:  # type: ignore[arg-type]  # both are of its type
        camera = camera_of(server.port, f"me:{SECRET}")
        camera.open()
        frames = 0
        try:
            while camera.read(10) is not None:
                frames += 1
        except CameraError as error:
            loss = str(error)
        camera.close()
        assert frames >= 1
        assert loss == f"rtsp://***@127.0.0.1:{server.port}/stream: the stream broke off"
        camera.open()
        assert camera.read(10) is not None
        camera.close()
