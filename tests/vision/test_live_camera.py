import queue
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.domain.face import Picture
from edge.errors import CameraError
from edge.live_camera import LiveCamera

from .conftest import HandClock


def grey(value: int) -> NDArray[np.uint8]:
    return np.full((2, 2, 3), value, np.uint8)


class Script:
    """A source that does what a test queues: give a picture or None, raise, or wait for an event."""

    def __init__(self) -> None:
        self.steps: queue.Queue[Picture | Exception | threading.Event | None] = queue.Queue()
        self.opened = 0
        self.closed = 0
        self.closed_by: threading.Thread | None = None

    def open(self) -> "Script":
        self.opened += 1
        return self

    def read(self) -> Picture | None:
        step = self.steps.get()
        if isinstance(step, Exception):
            raise step
        if isinstance(step, threading.Event):
            step.wait(60)
            return None
        return step

    def interrupt(self) -> None:
        self.steps.put(None)

    def close(self) -> None:
        self.closed += 1
        self.closed_by = threading.current_thread()


@pytest.fixture
def script() -> Script:
    return Script()


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_only_the_newest_frame_is_kept_and_gaps_are_counted(script: Script, clock: HandClock) -> None:
    camera = LiveCamera("the camera", script.open, clock)
    camera.open()
    for step in (grey(1), grey(2), None, grey(4)):
        script.steps.put(step)
    until(script.steps.empty)
    frame = camera.read(20)
    while frame is not None and frame.number < 3:
        frame = camera.read(20)  # the last one may have been on its way
    assert frame is not None
    assert (frame.number, int(frame.picture[0, 0, 0]), frame.at) == (3, 4, clock.time)
    assert camera.read(0.01) is None
    camera.close()
    camera.close()
    assert script.closed == 1


def test_the_thread_that_read_also_closes_and_is_gone(script: Script, clock: HandClock) -> None:
    before = threading.active_count()
    camera = LiveCamera("the camera", script.open, clock)
    for _ in range(5):
        camera.open()
        script.steps.put(grey(1))
        assert camera.read(20) is not None
        camera.close()
    assert script.opened == script.closed == 5
    assert script.closed_by is not threading.current_thread()
    assert threading.active_count() == before
    with pytest.raises(CameraError, match="the camera: it is not open"):
        camera.read(0)


def test_a_frame_before_the_loss_is_still_given(script: Script, clock: HandClock) -> None:
    camera = LiveCamera("the camera", script.open, clock)
    camera.open()
    script.steps.put(grey(7))
    script.steps.put(CameraError("the camera: gone"))
    until(lambda: script.closed == 1)
    assert camera.read(20) is not None
    for _ in range(2):
        with pytest.raises(CameraError, match="the camera: gone"):
            camera.read(20)
    camera.close()


def test_a_camera_that_cannot_be_opened_says_why(clock: HandClock) -> None:
    def refuse() -> Script:
        raise CameraError("the camera: no such thing")

    camera = LiveCamera("the camera", refuse, clock)
    with pytest.raises(CameraError, match="no such thing"):
        camera.open()


def test_an_unforeseen_error_is_a_loss_and_shows_no_secret(script: Script, clock: HandClock) -> None:
    camera = LiveCamera("the camera", script.open, clock)
    camera.open()
    script.steps.put(RuntimeError("rtsp://user:secret@host"))
    with pytest.raises(CameraError) as caught:
        camera.read(20)
    assert str(caught.value) == "the camera: unexpected RuntimeError"
    assert script.closed == 1
    camera.close()


def test_a_camera_that_takes_too_long_to_open_is_given_up(script: Script, clock: HandClock) -> None:
    release = threading.Event()

    def slowly() -> Script:
        release.wait(60)
        return script

    camera = LiveCamera("the camera", slowly, clock, open_seconds=0.05)
    with pytest.raises(CameraError, match=r"did not open within 0\.05 s"):
        camera.open()
    assert camera.hangs
    with pytest.raises(CameraError, match="still hangs"):
        camera.open()
    release.set()
    until(lambda: not camera.hangs)
    assert script.closed == 1  # it opened at last, and nobody wanted it any more


def test_a_read_that_hangs_hangs_nobody_else(
    script: Script, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.live_camera.CLOSE_SECONDS", 0.05)
    camera = LiveCamera("the camera", script.open, clock)
    camera.open()
    release = threading.Event()
    script.steps.put(release)
    until(script.steps.empty)
    assert camera.read(0.01) is None
    camera.close()
    assert camera.hangs
    with pytest.raises(CameraError, match="vision has to be started again"):
        camera.open()
    release.set()
    until(lambda: not camera.hangs)
    camera.open()
    camera.close()
