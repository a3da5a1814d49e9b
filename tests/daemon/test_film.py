"""The whole daemon on films of real photographs: what it decides, and what is left when it is killed."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.demo.cut_out import Pose
from deploy.demo.films import ENROLLED, FILMS, SAME_PERSON, Film, make_film
from edge.adapters.store_sqlite import open_reader
from edge.domain.events import Event
from tests.daemon.conftest import wait_for

KILLS = int(os.environ.get("EDGE_TEST_KILLS", "6"))
ENOUGH = 5  # seconds in which the daemon must have ended


def _look_in(at: float) -> Pose | None:
    """Somebody stands close for a moment; then nobody is there until the track has ended."""
    return Pose(320, 150, 150) if at < 0.8 else None


LOOK_IN = Film("look-in", "he looks in", SAME_PERSON, _look_in, 2.4, 1 / 120)


def prepare(folder: Path, presidents: Path, dlib_models: Path, films: Sequence[Film]) -> Path:
    """Make a terminal in `folder` with models, one president enrolled from one picture, and films."""
    for words in (
        ["init"],
        ["models", "prepare", "--from", str(dlib_models)],
        ["people", "add", "Barack Obama", str(presidents / ENROLLED.file)],
    ):
        subprocess.run(
            [Path(sys.executable).with_name("edgectl"), *words],
            env=os.environ | {"EDGE_DATA_DIR": str(folder / "data")},
            check=True,
            capture_output=True,
        )
    for film in films:
        make_film(film, presidents, folder)
    return folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, presidents: Path, dlib_models: Path) -> Path:
    """Return a terminal's folder with all films."""
    return prepare(tmp_path_factory.mktemp("terminal"), presidents, dlib_models, (*FILMS, LOOK_IN))


@dataclass
class Terminal:
    """A terminal of one test, with all that its daemons printed."""

    folder: Path
    printed: list[dict[str, Any]] = field(default_factory=list)
    torn: list[bytes] = field(default_factory=list)  # lines that a kill cut off
    process: "subprocess.Popen[bytes] | None" = None
    reader: threading.Thread | None = None

    def start(
        self, film: str, *arguments: str, pace: str = "clock", also: str = ""
    ) -> "subprocess.Popen[bytes]":
        config = self.folder / "edge.toml"
        config.write_text(
            f'[camera]\nsource = "replay:{self.folder}/{film}.avi"\npace = "{pace}"\n'
            '[door]\nrelay = "recording"\n[web]\nenabled = false\n'
            f"[recognition]\ncooldown_seconds = 0\n{also}"
        )
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "edge.daemon", "--config", config, "--print-events", *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"EDGE_DATA_DIR": str(self.folder / "data")},
            )
        self.process = process
        self.reader = threading.Thread(target=self._read, args=[process])
        self.reader.start()
        return process

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith(b"\n"):
                self.printed.append(json.loads(line))
            else:
                self.torn.append(line)

    def wait(self, seconds: float) -> int:
        assert self.process is not None
        assert self.reader is not None
        status = self.process.wait(seconds)
        self.reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status

    def kinds(self) -> list[str]:
        return [event["type"].removeprefix("edge.") for event in self.printed]

    def journal(self) -> list[Event]:
        reader = open_reader(self.folder / "data" / "edge.db")
        try:
            return reader.journal.events(limit=100_000)
        finally:
            reader.close()

    def relay(self) -> list[dict[str, Any]]:
        path = self.folder / "data" / "relay.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        return list(psutil.Process(self.process.pid).children())

    def said(self) -> str:
        return (self.folder / "log").read_text()

    def edgectl(self, *words: str) -> str:
        done = subprocess.run(
            [Path(sys.executable).with_name("edgectl"), "--config", self.folder / "edge.toml", *words],
            env=os.environ | {"EDGE_DATA_DIR": str(self.folder / "data")},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr


@pytest.fixture
def terminal(prepared: Path, tmp_path: Path) -> Iterator[Terminal]:
    shutil.copytree(prepared, tmp_path / "terminal")
    made = Terminal(tmp_path / "terminal")
    yield made
    if made.process is not None and made.process.poll() is None:  # the test failed
        made.process.kill()
        made.wait(ENOUGH)


def test_he_is_let_in_once_and_the_grant_was_durable_before_the_relay_moved(terminal: Terminal) -> None:
    terminal.start("walk-up", "--until-end")
    assert terminal.wait(60) == 0
    assert terminal.kinds()[:2] == ["system.started", "access.granted"]
    assert terminal.kinds()[-1] == "system.stopped"
    assert [kind for kind in terminal.kinds() if kind.startswith("door")] == ["door.unlocked", "door.locked"]
    (granted,) = [event for event in terminal.journal() if event.type == "access.granted"]
    on = terminal.relay()[0]
    assert on["level"] == 1
    assert granted.monotonic_ns / 1e9 <= on["monotonic"]
    assert granted.data["frames"] == 3
    assert terminal.said().count("yunet is not installed: it finds faces") == 1
    assert granted.data["fpir"] <= 0.01


@pytest.mark.parametrize(("film", "reasons"), [("stranger", ["unknown"]), ("empty", []), ("blurred", None)])
def test_nobody_else_is(terminal: Terminal, film: str, reasons: list[str] | None) -> None:
    terminal.start(film, "--until-end", pace="every")
    assert terminal.wait(60) == 0
    assert "access.granted" not in terminal.kinds()
    assert terminal.relay() == []
    said = [event["data"]["reason"] for event in terminal.printed if event["type"] == "edge.access.denied"]
    assert reasons is None or said == reasons


def _truncate(folder: Path) -> None:
    for model in folder.glob("*.onnx"):  # whichever form is in use on this machine
        model.write_bytes(model.read_bytes()[:-1])


def _unlink(folder: Path) -> None:
    for model in folder.glob("*.onnx"):
        model.unlink()


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        (_truncate, "onnx: its SHA-256 is "),
        (_unlink, "onnx: No such file"),
        (shutil.rmtree, "dlib-resnet29"),
    ],
    ids=["changed", "missing", "not prepared"],
)
def test_a_model_that_is_not_as_it_should_be_ends_the_daemon_with_one_line_before_anything_is_written(
    terminal: Terminal, harm: Callable[[Path], object], line: str
) -> None:
    data = terminal.folder / "data"
    harm(data / "models" / "dlib-resnet29")
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    terminal.start("walk-up")
    assert terminal.wait(30) == 1
    (told,) = terminal.said().splitlines()
    assert told.startswith("edged: error: ")
    assert line in told
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
    assert terminal.printed == []


def test_a_film_that_is_not_there_is_an_error_where_its_end_is_awaited(terminal: Terminal) -> None:
    terminal.start("nothing", "--until-end")
    assert terminal.wait(30) == 1
    assert "nothing.avi" in terminal.said().splitlines()[-1]


def test_a_film_that_is_not_there_is_a_lost_camera_otherwise(terminal: Terminal) -> None:
    process = terminal.start("nothing")
    wait_for(lambda: "camera.lost" in terminal.kinds(), 30)
    shutil.copy(terminal.folder / "empty.avi", terminal.folder / "nothing.avi")
    wait_for(lambda: "camera.restored" in terminal.kinds(), 30)
    process.send_signal(signal.SIGTERM)
    assert terminal.wait(ENOUGH) == 0


def test_heat_and_a_lost_sensor_are_journaled_and_shown(terminal: Terminal) -> None:
    degrees = terminal.folder / "degrees"
    degrees.write_text("95\n")
    process = terminal.start("empty", also=f'[thermal]\nsensor = "file:{degrees}"\n')
    wait_for(lambda: "thermal.throttled" in terminal.kinds(), 60)
    wait_for(lambda: "95.0 °C, paused, 0% of full work" in terminal.edgectl("status"), 10)
    assert "recognition pauses for heat" in terminal.edgectl("status")
    told = terminal.edgectl("metrics")
    assert "\nedge_temperature_celsius 95.0\n" in told
    assert "\nedge_work_rate 0.0\n" in told
    degrees.unlink()
    wait_for(lambda: "thermal.sensor_lost" in terminal.kinds(), 30)
    assert "sensor cannot be read, paused, 0% of full work" in terminal.edgectl("status")
    assert "edge_temperature_celsius" not in terminal.edgectl("metrics")
    degrees.write_text("20\n")
    wait_for(lambda: "thermal.sensor_restored" in terminal.kinds(), 10)
    process.send_signal(signal.SIGTERM)
    assert terminal.wait(ENOUGH) == 0
    events = [event for event in terminal.journal() if event.type.startswith("thermal.")]
    assert [event.type for event in events] == [
        "thermal.throttled",
        "thermal.sensor_lost",
        "thermal.sensor_restored",
    ]
    assert events[0].data == {"temperature": 95.0, "rate": 0.0}
    assert "degrees: No such file" in events[1].data["detail"]


def test_the_parent_stays_free_of_what_sees_while_the_child_works(terminal: Terminal) -> None:
    process = terminal.start("look-in")
    wait_for(lambda: "access.granted" in terminal.kinds(), 60)
    maps = Path(f"/proc/{process.pid}/maps").read_text()
    for library in ("cv2", "onnx", "dlib", "PIL/"):
        assert library not in maps
    (child,) = terminal.children()
    assert "onnxruntime" in Path(f"/proc/{child.pid}/maps").read_text()
    process.send_signal(signal.SIGTERM)
    assert terminal.wait(ENOUGH) == 0


def test_somebody_enrolled_while_it_runs_is_let_in_without_a_restart(
    terminal: Terminal, presidents: Path
) -> None:
    process = terminal.start("stranger")
    wait_for(lambda: "access.denied" in terminal.kinds(), 60)
    subprocess.run(
        [Path(sys.executable).with_name("edgectl"), "people", "add", "Joe Biden", presidents / "biden.jpg"],
        env=os.environ | {"EDGE_DATA_DIR": str(terminal.folder / "data")},
        check=True,
        capture_output=True,
    )
    wait_for(lambda: "person.enrolled" in terminal.kinds(), 10)
    before = terminal.kinds().index("person.enrolled")
    wait_for(lambda: {"access.granted", "access.denied"} & set(terminal.kinds()[before:]) != set(), 60)
    process.send_signal(signal.SIGTERM)
    assert terminal.wait(ENOUGH) == 0
    enrolled = terminal.printed[terminal.kinds().index("person.enrolled")]["subject"]
    after = terminal.printed[terminal.kinds().index("person.enrolled") + 1 :]
    assert enrolled in [event.get("subject") for event in after if event["type"].startswith("edge.access")]


@pytest.mark.slow
@pytest.mark.timeout(60 + 30 * KILLS)
def test_no_acknowledged_event_is_lost_however_it_is_killed(terminal: Terminal) -> None:
    dice = random.Random(20)  # noqa: S311 - the same kills in every run
    starts = 0
    left: list[int] = []
    for _ in range(KILLS):
        if terminal.process is None or terminal.process.poll() is not None:
            known = len(terminal.printed)
            terminal.start("look-in")
            starts += 1
            wait_for(lambda known=known: len(terminal.printed) > known, 20)  # type: ignore[misc]
        time.sleep(dice.uniform(0.0, 5.0))
        assert terminal.process is not None
        children = terminal.children()
        if dice.random() < 0.5 or not children:
            left += [child.pid for child in children]
            terminal.process.kill()
            assert terminal.wait(10) == -signal.SIGKILL
        else:
            children[0].kill()
    if terminal.process is None or terminal.process.poll() is not None:
        terminal.start("look-in")
        starts += 1
        wait_for(lambda: terminal.kinds()[-1:] != [], 20)
    grants = terminal.kinds().count("access.granted")
    wait_for(lambda: terminal.kinds().count("access.granted") > grants, 60)  # it still works
    assert terminal.process is not None
    terminal.process.terminate()
    assert terminal.wait(ENOUGH) == 0

    journal = terminal.journal()
    assert [event.seq for event in journal] == list(range(1, len(journal) + 1))
    assert len({event.id for event in journal}) == len(journal)
    known_events = {event.id: event for event in journal}
    for printed in terminal.printed:
        event = known_events[printed["id"]]
        assert printed == json.loads(json.dumps(event.cloud_event("terminal")))
    kinds = [str(event.type) for event in journal]
    assert kinds.count("system.started") == starts
    assert kinds.count("system.recovered") == starts - 1
    assert kinds[-1] == "system.stopped"
    moved = sum(entry["level"] for entry in terminal.relay())
    assert moved <= kinds.count("access.granted")
    assert "Traceback" not in terminal.said()
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in left), 10)
    print(f"{KILLS} kills, {starts} starts, {len(journal)} events, {len(terminal.printed)} acknowledged")  # noqa: T201
