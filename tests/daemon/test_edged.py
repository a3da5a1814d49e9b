"""`edged` as a process, with a vision child that plays a part: arguments, signals, exit codes, memory."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from edge.adapters.control import ControlClient
from tests.daemon.conftest import ENDED, READY, Step, wait_for

FAKE_EDGED = Path(__file__).with_name("fake_edged.py")
CONFIG = (
    '[camera]\nsource = "replay:film.avi"\n[door]\nrelay = "recording"\n'
    '[log]\nformat = "json"\n[web]\nenabled = false\n'
)
ENOUGH = 5  # seconds in which the daemon must have ended, whatever hangs


class Edged:
    """A running `edged` in a folder of its own."""

    def __init__(self, folder: Path, play: list[Step], *arguments: str) -> None:
        self.folder = folder
        script = folder / "play.json"
        script.write_text(json.dumps(play))
        config = folder / "edge.toml"
        if not config.exists():
            config.write_text(CONFIG)
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [
                sys.executable,
                str(FAKE_EDGED),
                str(script),
                "--config",
                str(config),
                "--print-events",
                *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=os.environ | {"EDGE_DATA_DIR": str(folder / "data")},
        )
        self.events: list[dict[str, Any]] = []

    def wait_for(self, kind: str) -> dict[str, Any]:
        """Read printed events up to the next of this kind."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: dict[str, Any] = json.loads(line)
            self.events.append(event)
            if event["type"] == f"edge.{kind}":
                return event
        raise AssertionError(f"no {kind} in {self.events}; {self.said()}")

    def child(self) -> psutil.Process:
        children: list[psutil.Process] = []

        def found() -> bool:
            children[:] = psutil.Process(self.process.pid).children()
            return any("fake_vision" in " ".join(child.cmdline()) for child in children)

        wait_for(found)
        return children[0]

    def wait_ready(self) -> psutil.Process:
        wait_for(lambda: "vision is ready" in self.said())
        return self.child()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(ENOUGH)

    def said(self) -> str:
        return (self.folder / "log").read_text()


Start = Callable[..., Edged]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Edged] = []

    def begin(*play: Step, arguments: tuple[str, ...] = ()) -> Edged:
        running.append(Edged(tmp_path, list(play), *arguments))
        return running[-1]

    yield begin
    for edged in running:
        if edged.process.poll() is None:
            edged.process.kill()
            edged.process.wait()
        assert edged.process.stdout is not None
        edged.process.stdout.close()
        edged.log.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(start: Start, number: int) -> None:
    edged = start(READY)
    child = edged.wait_ready()
    assert edged.end(number) == 0
    assert not child.is_running()
    assert edged.wait_for("system.stopped")["data"]["cause"] == "asked"


@pytest.mark.parametrize("how", ["stopped", "deaf"])
def test_it_ends_in_time_whatever_the_child_does(start: Start, how: str) -> None:
    edged = start(READY, *([["ignore-term"], ["hang"]] if how == "deaf" else []))
    child = edged.wait_ready()
    if how == "stopped":
        child.send_signal(signal.SIGSTOP)
    assert edged.end() == 0
    assert not child.is_running()
    edged.wait_for("system.stopped")


def test_sighup_changes_nothing(start: Start) -> None:
    edged = start(READY)
    edged.wait_ready()
    edged.process.send_signal(signal.SIGHUP)
    assert edged.end() == 0


def test_it_ends_with_the_film(start: Start) -> None:
    edged = start(READY, ENDED, arguments=("--until-end",))
    assert edged.wait_for("system.stopped")["data"]["cause"] == "end of film"
    assert edged.process.wait(ENOUGH) == 0


@pytest.mark.parametrize("hung", [False, True])
def test_a_parent_that_is_killed_leaves_no_orphan(start: Start, hung: bool) -> None:
    edged = start(READY, *([["ignore-term"], ["hang"]] if hung else []))
    child = edged.wait_ready()
    edged.process.kill()
    edged.process.wait()
    child.wait(ENOUGH)
    again = start(READY)
    again.wait_for("system.recovered")
    again.wait_ready()
    assert again.end() == 0


def test_the_parent_loads_nothing_heavy_and_stays_small(start: Start) -> None:
    edged = start(READY, ["sleep", 0.1])
    edged.wait_ready()
    maps = Path(f"/proc/{edged.process.pid}/maps").read_text()
    assert not re.search(r"cv2|onnx|dlib|PIL/", maps)
    resident = psutil.Process(edged.process.pid).memory_info().rss
    assert resident < 90 * 1024 * 1024
    assert edged.end() == 0


def test_the_child_inherits_its_wire_and_the_way_of_live_pictures_and_nothing_else(start: Start) -> None:
    edged = start(READY)
    child = edged.wait_ready()
    held = {int(entry.name): str(entry.readlink()) for entry in Path(f"/proc/{child.pid}/fd").iterdir()}
    assert held.pop(0) == "/dev/null"
    assert held.pop(1) == held.pop(2)
    assert [kind.split(":")[0] for kind in held.values()] == ["socket", "socket"]
    assert str(edged.folder) not in " ".join(child.cmdline()[4:])
    assert edged.end() == 0


def test_its_health_is_asked_on_the_control_socket_which_goes_with_it(start: Start) -> None:
    edged = start(READY, {"kind": "camera", "state": "live"})
    edged.wait_ready()
    place = edged.folder / "data" / "control.sock"
    wait_for(lambda: bool(ControlClient(place).ask("GET", "/v1/health")["camera"] == "live"))
    health = ControlClient(place).ask("GET", "/v1/health")
    assert (health["vision"], health["camera"], health["state"]) == ("running", "live", "well"), health
    assert health["model"]["model_version"] == "fake-1"
    assert edged.end() == 0
    assert not place.exists()


def test_a_second_daemon_is_refused_and_the_first_goes_on(start: Start) -> None:
    first = start(READY)
    first.wait_ready()
    second = start(READY)
    assert second.process.wait(20) == 1
    (line,) = [line for line in second.said().splitlines() if line.startswith("edged: error:")]
    assert f"process {first.process.pid} writes to this database" in line
    assert first.end() == 0


def test_what_the_child_cannot_work_with_is_the_one_line_the_daemon_ends_with(start: Start) -> None:
    edged = start(
        {"kind": "fatal", "line": "model x: its checksum does not match; prepare it anew"}, ["exit", 1]
    )
    assert edged.process.wait(20) == 1
    assert edged.said().splitlines()[-1] == (
        "edged: error: model x: its checksum does not match; prepare it anew"
    )


def _run(
    folder: Path, *arguments: str, program: tuple[str, ...] = ("-m", "edge.daemon")
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env=os.environ | {"EDGE_DATA_DIR": str(folder / "data")},
    )


def test_a_good_configuration_is_checked_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text(CONFIG)
    done = _run(tmp_path, "--config", str(tmp_path / "edge.toml"), "--check")
    assert done.returncode == 0
    assert "is good" in done.stdout
    assert not (tmp_path / "data").exists()


def test_every_problem_of_a_configuration_is_one_line_and_nothing_starts(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text('[camera]\nrate = "fast"\n[doors]\nrelay = "none"\n')
    done = _run(tmp_path, "--config", str(tmp_path / "edge.toml"))
    assert done.returncode == 1
    assert [line.split(": ")[:2] for line in done.stderr.splitlines()] == [["edged", "error"]] * 2
    assert not (tmp_path / "data").exists()


def test_the_end_of_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text("")
    done = _run(tmp_path, "--config", str(tmp_path / "edge.toml"), "--until-end")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "camera.source: --until-end needs a film" in line
    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has GPIO lines")
def test_a_relay_on_gpio_that_is_not_there_is_refused_and_never_the_mock(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text('[door]\nrelay = "gpio"\npin = 17\n')
    (tmp_path / "play.json").write_text("[]")
    with_fake = (str(FAKE_EDGED), str(tmp_path / "play.json"), "--config", str(tmp_path / "edge.toml"))
    done = _run(tmp_path, program=with_fake)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("edged: error: GPIO: ")
    again = _run(tmp_path, program=with_fake)
    assert "error: GPIO: " in again.stderr  # and not that another daemon holds the database


def test_an_unknown_argument_is_a_usage_error(tmp_path: Path) -> None:
    assert _run(tmp_path, "--nonsense").returncode == 2
