"""Watch, eye and reading thread together, in real time but twenty times as impatient as in use."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import pytest

from edge.adapters.clock_system import ClockSystem
from edge.domain.camera_watch import (
    CameraWatch,
    CloseCamera,
    Condition,
    Effect,
    OpenCamera,
    SayCovered,
    SayLive,
    SayLost,
    WatchRules,
)
from edge.domain.face import Picture
from edge.domain.frame_look import FrameEye
from edge.errors import CameraError
from edge.live_camera import LiveCamera

FASTER = 20
RULES = WatchRules(
    silent=3 / FASTER * 2,  # the machine of a test is late at times
    frozen=4 / FASTER * 2,
    covered=3 / FASTER * 2,
    steady=1 / FASTER,
    first=1 / FASTER,
    longest=30 / FASTER,
)
FAULTS = ("ends", "blocks", "repeats", "garbage", "black")
HARMLESS = ("resizes", "none")
ENOUGH = 20.0  # seconds after which a test gives up


class FaultyCamera:
    """A driver that fails as it is told; `interrupt` is all that ends a block."""

    def __init__(self) -> None:
        self.fault = "none"
        self.open_sources = 0
        self._random = np.random.default_rng(1)
        self._interrupted = threading.Event()
        self._last = self._picture(90, 160)

    def open(self) -> "FaultyCamera":
        if self.fault == "ends":
            raise CameraError("the camera: it is not there")
        self._interrupted.clear()
        self.open_sources += 1
        return self

    def read(self) -> Picture | None:
        fault = self.fault
        if fault == "ends":
            raise CameraError("the camera: it ended")
        if fault == "blocks":
            self._interrupted.wait(ENOUGH)
            return None
        time.sleep(0.003)
        if fault == "garbage":
            return None
        if fault == "black":
            return np.zeros((90, 160, 3), np.uint8)
        if fault != "repeats":
            self._last = self._picture(120, 200) if fault == "resizes" else self._picture(90, 160)
        return self._last

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        self.open_sources -= 1

    def _picture(self, height: int, width: int) -> Picture:
        return self._random.integers(0, 256, (height, width, 3), dtype=np.uint8)


@dataclass
class Driver:
    """What the loop of vision does with watch and camera."""

    faulty: FaultyCamera = field(default_factory=FaultyCamera)
    said: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = ClockSystem()
        self.now = clock.monotonic
        self.camera = LiveCamera("the camera", self.faulty.open, clock)
        self.watch = CameraWatch(RULES, self.now())
        self.eye = FrameEye()
        self.open = False

    def run(self, *, until: Condition | None = None, seconds: float = ENOUGH) -> None:
        limit = self.now() + seconds
        while self.now() < limit:
            if self.watch.condition is until:
                return
            self._do(self.watch.tick(self.now()))
            if self.open:
                self._read()
            else:
                time.sleep(0.002)
        assert until is None, f"{self.faulty.fault}: {self.watch.condition}, {self.said}"

    def _read(self) -> None:
        try:
            frame = self.camera.read(0.01)
        except CameraError as error:
            self._do(self.watch.failed(self.now(), str(error), hangs=self.camera.hangs))
            return
        if frame is not None:
            self._do(self.watch.see(self.now(), self.eye.look(frame)))

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, OpenCamera):
                self._open()
            elif isinstance(effect, CloseCamera):
                self.camera.close()
                self.open = False
            else:
                self.said.append(effect)

    def _open(self) -> None:
        try:
            self.camera.open()
        except CameraError as error:
            self._do(self.watch.failed(self.now(), str(error), hangs=self.camera.hangs))
        else:
            self.open = True
            self._do(self.watch.opened(self.now()))


@pytest.mark.slow
def test_80_random_faults_are_seen_said_once_recovered_and_leave_nothing_behind() -> None:
    random = Random(11)  # noqa: S311 - an order of events, no secret
    driver = Driver()
    driver.run(until=Condition.LIVE)
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(80):
        driver.said.clear()
        driver.faulty.fault = random.choice(FAULTS + HARMLESS)
        if driver.faulty.fault in HARMLESS:
            driver.run(seconds=0.05)
            assert driver.said == []
            continue
        covered = driver.faulty.fault == "black"
        driver.run(until=Condition.COVERED if covered else Condition.LOST)
        driver.faulty.fault = "none"
        driver.run(until=Condition.LIVE)
        assert [type(effect) for effect in driver.said] == [SayCovered if covered else SayLost, SayLive]
    assert threading.active_count() <= threads
    # fewer are fine: what earlier tests of this process left may go meanwhile
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors
    driver.camera.close()
    assert driver.faulty.open_sources == 0
    assert threading.active_count() <= threads - 1
    with pytest.raises(CameraError, match="not open"):
        driver.camera.read(0)
