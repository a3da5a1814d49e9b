"""The real daemon under a service manager of the test's own, with a vision child that plays a part."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.daemon.conftest import READY, Step, wait_for
from tests.service.conftest import Manager

FAKE_EDGED = Path(__file__).resolve().parents[1] / "daemon" / "fake_edged.py"
EDGECTL = Path(sys.executable).with_name("edgectl")
LIVE: Step = {"kind": "camera", "state": "live"}
LOST: Step = {"kind": "camera", "state": "lost", "detail": "0: no such device"}
SEEN: Step = {"kind": "progress", "frames": 9, "people": 1, "references": 1}


class Service:
    """`edged` as the manager starts it; signs of life are due each half second."""

    def __init__(self, folder: Path, play: list[Step], manager: Manager) -> None:
        self.folder = folder
        self.manager = manager
        (folder / "play.json").write_text(json.dumps(play))
        (folder / "edge.toml").write_text('[log]\nformat = "json"\n')
        self.log = (folder / "log").open("wb")
        self.environment = os.environ | {
            "EDGE_DATA_DIR": str(folder / "data"),
            "EDGE_CONFIG": str(folder / "edge.toml"),
            "NOTIFY_SOCKET": manager.address,
            "WATCHDOG_USEC": "1000000",
        }
        self.process = subprocess.Popen(
            [sys.executable, str(FAKE_EDGED), str(folder / "play.json")],
            stderr=self.log,
            env=self.environment,
        )

    def said(self) -> str:
        return (self.folder / "log").read_text()

    def edgectl(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [EDGECTL, *words], env=self.environment, capture_output=True, text=True, check=False
        )

    def vision_pid(self) -> int:
        """Return the process id of the last child that began; it says so itself, a moment after it did."""
        file = self.folder / "pid"
        wait_for(lambda: file.exists() and bool(file.read_text()))
        return int(file.read_text())


Start = Callable[..., Service]


@pytest.fixture
def start(tmp_path: Path, listening: Callable[[str], Manager]) -> Iterator[Start]:
    running: list[Service] = []

    def begin(*play: Step) -> Service:
        steps: list[Step] = [["note-pid", str(tmp_path / "pid")], *play]
        running.append(Service(tmp_path, steps, listening("")))
        return running[-1]

    yield begin
    for service in running:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()
        service.log.close()


def test_it_is_ready_with_the_first_frame_lives_with_its_progress_and_tells_its_end(start: Start) -> None:
    service = start(READY, SEEN, LIVE)
    manager = service.manager
    wait_for(lambda: len(manager.times("WATCHDOG=1")) >= 4)
    [ready] = manager.times("READY=1")
    assert "vision is ready" in service.said()
    assert manager.statuses()[-1].startswith(("well", "degraded: nobody is enrolled"))
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(10) == 0
    wait_for(lambda: bool(manager.times("STOPPING=1")))
    [stopping] = manager.times("STOPPING=1")
    assert ready < stopping


def test_it_is_not_ready_while_nothing_is_known_of_the_camera(start: Start) -> None:
    service = start(READY)  # signs of life, but not of a camera
    wait_for(lambda: len(service.manager.times("WATCHDOG=1")) >= 4)
    assert service.manager.times("READY=1") == []
    assert "camera has shown nothing yet" in service.manager.statuses()[-1]


@pytest.mark.parametrize("play", [[READY, LOST], [["exit", 3]]], ids=["camera lost", "vision lost"])
def test_a_camera_or_a_vision_that_fails_is_known_and_so_it_is_ready(start: Start, play: list[Step]) -> None:
    service = start(*play)
    wait_for(lambda: bool(service.manager.times("READY=1")))
    assert service.manager.statuses()[-1].startswith("failing")
    given = len(service.manager.times("WATCHDOG=1"))
    wait_for(lambda: len(service.manager.times("WATCHDOG=1")) > given + 2)  # a back-off is progress


@pytest.mark.slow
def test_a_child_without_progress_stops_the_signs_of_life_until_it_was_replaced(start: Start) -> None:
    service = start(READY, SEEN, LIVE)
    alive = service.manager.times
    wait_for(lambda: len(alive("WATCHDOG=1")) >= 3)
    first = service.vision_pid()
    os.kill(first, signal.SIGSTOP)  # it lives, and no timer of it can pretend progress
    wait_for(lambda: "vision gave no sign" in service.said())
    given = len(alive("WATCHDOG=1"))
    wait_for(lambda: "vision is gone" in service.said(), 30)
    assert len(alive("WATCHDOG=1")) <= given + 1  # the one that crossed on its way
    wait_for(lambda: len(alive("WATCHDOG=1")) > given + 3, 30)
    assert "the watchdog is fed again" in service.said()
    assert service.vision_pid() != first


def test_status_health_and_metrics_tell_of_the_running_daemon(start: Start) -> None:
    service = start(READY, SEEN, LIVE)
    wait_for(lambda: bool(service.manager.times("READY=1")))
    service.process.send_signal(signal.SIGHUP)
    shown = service.edgectl("status")
    assert shown.returncode == 0, shown.stderr
    assert re.search(r"^camera +live *$", shown.stdout, re.MULTILINE)
    told = json.loads(service.edgectl("status", "--json").stdout)
    assert told["camera"] == "live"
    assert set(told["resident"]) == {"parent", "vision"}
    assert told["journal"]["last_seq"] >= 1
    line = service.edgectl("health")
    assert (line.returncode, line.stdout.partition(":")[0].strip()) in {(0, "well"), (3, "degraded")}
    page = service.edgectl("metrics").stdout
    assert "\nedge_vision_running 1\n" in page
    assert re.search(r'^edge_resident_bytes\{process="vision"\} \d+$', page, re.MULTILINE)


def test_the_exit_status_of_health_says_how_bad_it_is(start: Start) -> None:
    service = start(READY, LOST)
    wait_for(lambda: bool(service.manager.times("READY=1")))
    line = service.edgectl("health")
    assert (line.returncode, line.stdout) == (4, "failing: camera lost: 0: no such device\n")
    service.process.send_signal(signal.SIGTERM)
    service.process.wait(10)
    gone = service.edgectl("health")
    assert gone.returncode == 1
    assert "the daemon does not answer" in gone.stderr
    assert gone.stdout == ""
    assert len(gone.stderr.splitlines()) == 1
