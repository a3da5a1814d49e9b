import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.camera_pipe import CameraPipe, RawLayout
from edge.domain.face import Frame
from edge.errors import CameraError

from .conftest import HandClock

Scene = NDArray[np.uint8]
HEAD = "import os, signal, sys, time\nout = sys.stdout.buffer\n"
Open = Callable[..., CameraPipe]


@pytest.fixture
def pipe(clock: HandClock) -> Iterator[Open]:
    """Return a function that opens a Python program as a camera; it is closed after the test."""
    cameras: list[CameraPipe] = []

    def start(program: str, *arguments: str, layout: RawLayout | None = None) -> CameraPipe:
        command = [sys.executable, "-c", HEAD + program, *arguments]
        camera = CameraPipe(command, layout or "mjpeg", clock)
        cameras.append(camera)
        camera.open()
        return camera

    yield start
    for camera in cameras:
        camera.close()


@pytest.fixture
def picture_file(tmp_path: Path, scene: Scene) -> Path:
    path = tmp_path / "scene.jpg"
    assert cv2.imwrite(str(path), scene[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    return path


def frame_of(camera: CameraPipe) -> Frame:
    frame = camera.read(20)
    assert frame is not None
    return frame


def read_to_the_end(camera: CameraPipe) -> list[Frame]:
    frames: list[Frame] = []
    try:
        while True:
            frames.append(frame_of(camera))
    except CameraError:
        if not frames:
            raise
        return frames


def loss_of(camera: CameraPipe) -> str:
    with pytest.raises(CameraError) as caught:
        read_to_the_end(camera)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"command {Path(sys.executable).name}: ")


def children() -> set[int]:
    """Return the processes that are ours or our children's, zombies included, by parent."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_motion_jpeg_comes_in_rgb(pipe: Open, picture_file: Path, scene: Scene) -> None:
    camera = pipe(
        "data = open(sys.argv[1], 'rb').read()\n"
        "while True:\n out.write(b'--boundary\\r\\n\\r\\n' + data); out.flush(); time.sleep(0.02)",
        str(picture_file),
    )
    frames = [frame_of(camera) for _ in range(5)]
    assert [frame.number for frame in frames] == sorted({frame.number for frame in frames})
    for frame in frames:
        assert np.abs(frame.picture.astype(int) - scene)[4:20, 4:28].max() < 12


def test_raw_frames_are_cut_by_their_size(pipe: Open) -> None:
    layout = RawLayout(640, 360, "rgb24")
    program = f"for n in range(9):\n out.write(bytes([n]) * {layout.size}); out.flush(); time.sleep(0.02)"
    camera = pipe(program, layout=layout)
    frames = read_to_the_end(camera)
    assert frames[-1].number == 8
    for frame in frames:
        assert frame.picture.shape == (360, 640, 3)
        assert np.unique(frame.picture).tolist() == [frame.number]


def test_a_slow_reader_gets_the_newest_frame(pipe: Open, tmp_path: Path) -> None:
    layout = RawLayout(64, 48, "gray")
    camera = pipe(
        f"for n in range(60):\n out.write(bytes([n]) * {layout.size})\n"
        "out.flush(); open(sys.argv[1], 'w'); time.sleep(60)",
        str(tmp_path / "written"),
        layout=layout,
    )
    while not (tmp_path / "written").exists():
        time.sleep(0.01)
    frame = frame_of(camera)
    while frame.number < 59:
        frame = frame_of(camera)
    assert frame.picture[0, 0, 0] == 59
    assert camera.read(0.05) is None


def test_garbage_gives_nothing_and_does_not_end_the_camera(pipe: Open) -> None:
    camera = pipe("while True:\n out.write(os.urandom(9999).replace(b'\\xff', b'')); time.sleep(0.001)")
    assert camera.read(0.3) is None


def test_a_broken_picture_is_passed_over(pipe: Open, picture_file: Path) -> None:
    camera = pipe(
        "data = open(sys.argv[1], 'rb').read()\n"
        "out.write(data[:len(data) // 2] + data[:30] + data * 3); out.flush(); time.sleep(60)",
        str(picture_file),
    )
    assert frame_of(camera).picture.shape == (48, 64, 3)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("sys.exit(3)", "it ended with status 3"),
        ("sys.stderr.write('first\\nno camera here\\n\\n'); sys.exit(1)", "no camera here"),
        ("sys.stderr.write('rtsp://me:secret@host refused'); sys.exit(1)", "rtsp://***@host refused"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "it was ended by signal 9"),
        ("sys.stderr.write('x' * 10**6); sys.exit(1)", "it ended with status 1: xxx"),
        ("os.close(2); time.sleep(0.3); sys.exit(5)", "it ended with status 5"),
        ("os.close(1); time.sleep(60)", "it closed its output"),
    ],
)
def test_the_end_of_a_command_is_told_in_one_line(pipe: Open, program: str, said: str) -> None:
    loss = loss_of(pipe(program))
    assert said in loss
    assert "secret" not in loss
    assert len(loss) < 300


@pytest.mark.parametrize("command", [["no-such-program-anywhere", "secret"], ["/etc/passwd", "secret"], []])
def test_a_command_that_cannot_be_started_is_refused(command: list[str], clock: HandClock) -> None:
    camera = CameraPipe(command, "mjpeg", clock)
    with pytest.raises(CameraError, match="cannot be started: there is no such program") as caught:
        camera.open()
    assert "secret" not in str(caught.value) + repr(camera)


def test_closing_ends_the_command_and_what_it_started(pipe: Open, tmp_path: Path) -> None:
    note = tmp_path / "pids"
    camera = pipe(
        "import subprocess\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "deaf = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)'\n"
        "child = subprocess.Popen([sys.executable, '-c', deaf])\n"
        "open(sys.argv[1] + '~', 'w').write(f'{os.getpid()} {child.pid}')\n"
        "os.rename(sys.argv[1] + '~', sys.argv[1])\n"
        "time.sleep(600)",
        str(note),
    )
    while not note.exists():
        time.sleep(0.01)
    pids = [int(pid) for pid in note.read_text().split()]
    assert all(alive(pid) for pid in pids)
    camera.close()
    assert not Path(f"/proc/{pids[0]}").exists()
    limit = time.monotonic() + 5
    while alive(pids[1]):  # it was sent SIGKILL, which takes its moment
        assert time.monotonic() < limit


def test_nothing_is_left_after_many_cycles(pipe: Open, picture_file: Path) -> None:
    program = (
        "data = open(sys.argv[1], 'rb').read()\nwhile True:\n out.write(data); out.flush(); time.sleep(0.01)"
    )
    camera = pipe(program, str(picture_file))
    camera.close()
    descriptors, threads, processes = open_descriptors(), threading.active_count(), children()
    for cycle in range(10):
        camera.open()
        if cycle % 2:
            frame_of(camera)
        camera.close()
    with pytest.raises(CameraError):
        CameraPipe(["no-such-program"], "mjpeg", HandClock()).open()
    assert open_descriptors() == descriptors
    assert threading.active_count() == threads
    assert children() <= processes


def test_the_command_dies_with_a_vision_process_that_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    command = [
        sys.executable,
        "-c",
        f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)",
    ]
    program = (
        "import time\nfrom edge.adapters.camera_pipe import CameraPipe\n"
        "from edge.adapters.clock_system import ClockSystem\n"
        f"CameraPipe({command!r}, 'mjpeg', ClockSystem()).open()\ntime.sleep(600)"
    )
    vision = os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ)
    limit = time.monotonic() + 60
    while not (note.exists() and note.read_text()):
        assert time.monotonic() < limit
        time.sleep(0.02)
    os.kill(vision, signal.SIGKILL)
    os.waitpid(vision, 0)
    while alive(int(note.read_text())):
        assert time.monotonic() < limit
        time.sleep(0.02)
