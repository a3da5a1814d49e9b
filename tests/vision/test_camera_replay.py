import os
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.camera_replay import CameraReplay, Pace
from edge.adapters.picture_file import read_picture
from edge.domain.face import Frame
from edge.errors import CameraError
from edge.ports import EndOfFilm

from .conftest import Film, HandClock

Scene = NDArray[np.uint8]


def numbered(count: int) -> list[Scene]:
    """Return pictures that say by their grey value which they are."""
    return [np.full((48, 64, 3), 10 * number, np.uint8) for number in range(count)]


def which(frame: Frame | None) -> int:
    assert frame is not None
    return round(int(frame.picture[20, 20, 0]) / 10)


@pytest.fixture
def film(tmp_path: Path, write_film: Film) -> Path:
    return write_film(tmp_path / "film.avi", numbered(20), 10)


Open = Callable[..., CameraReplay]


@pytest.fixture
def replay(clock: HandClock) -> Open:
    def start(
        path: Path, pace: Pace = "every", rate: float | None = None, *, loop: bool = False
    ) -> CameraReplay:
        camera = CameraReplay(
            path, clock=clock, read_picture=read_picture, pace=pace, rate=rate, loop=loop, sleep=clock.sleep
        )
        camera.open()
        return camera

    return start


def read_all(camera: CameraReplay) -> list[Frame]:
    frames: list[Frame] = []
    while True:
        try:
            frame = camera.read(1)
        except EndOfFilm:
            return frames
        if frame is not None:
            frames.append(frame)


def folder_of(folder: Path, names: Sequence[str]) -> Path:
    folder.mkdir()
    for number, name in enumerate(names):
        assert cv2.imwrite(str(folder / name), numbered(number + 1)[-1])
    return folder


def test_every_frame_is_offered_in_film_time_without_waiting(
    film: Path, replay: Open, clock: HandClock
) -> None:
    began = clock.time
    frames = read_all(replay(film))
    assert [which(frame) for frame in frames] == list(range(20))
    assert [frame.number for frame in frames] == list(range(20))
    assert [frame.at - began for frame in frames] == pytest.approx([number / 10 for number in range(20)])
    assert clock.time == began


def test_a_rate_may_be_given(film: Path, replay: Open) -> None:
    frames = read_all(replay(film, rate=40))
    assert frames[19].at - frames[0].at == pytest.approx(19 / 40)


def test_by_the_clock_a_fast_reader_gets_each_frame_at_its_time(
    film: Path, replay: Open, clock: HandClock
) -> None:
    began = clock.time
    camera = replay(film, "clock")
    for number in range(20):
        frame = camera.read(1)
        assert which(frame) == number
        assert clock.time == pytest.approx(began + number / 10)
    with pytest.raises(EndOfFilm):
        camera.read(1)


def test_by_the_clock_a_slow_reader_gets_the_newest_and_a_gap(
    film: Path, replay: Open, clock: HandClock
) -> None:
    camera = replay(film, "clock")
    first = camera.read(1)
    assert first is not None
    clock.pass_time(0.55)
    late = camera.read(1)
    assert late is not None
    assert (late.number, which(late)) == (5, 5)
    assert late.at - first.at == pytest.approx(0.5)
    clock.pass_time(10)
    with pytest.raises(EndOfFilm):
        camera.read(1)


def test_by_the_clock_nothing_comes_before_its_time(film: Path, replay: Open, clock: HandClock) -> None:
    camera = replay(film, "clock")
    camera.read(1)
    before = clock.time
    assert camera.read(0.04) is None
    assert clock.time - before == pytest.approx(0.04)
    assert which(camera.read(0.08)) == 1


def test_time_starts_with_the_first_read_not_with_opening(film: Path, replay: Open, clock: HandClock) -> None:
    camera = replay(film, "clock")
    clock.pass_time(30)
    assert which(camera.read(1)) == 0


def test_a_loop_goes_on_in_number_and_time(film: Path, replay: Open) -> None:
    camera = replay(film, loop=True)
    frames = [camera.read(1) for _ in range(50)]
    assert [which(frame) for frame in frames] == [number % 20 for number in range(50)]
    assert [frame.number for frame in frames if frame] == list(range(50))
    assert frames[49] is not None
    assert frames[0] is not None
    assert frames[49].at - frames[0].at == pytest.approx(4.9)


def test_a_loop_by_the_clock_passes_over_whole_laps(film: Path, replay: Open, clock: HandClock) -> None:
    camera = replay(film, "clock", loop=True)
    camera.read(1)
    clock.pass_time(7.31)
    frame = camera.read(1)
    assert frame is not None
    assert (frame.number, which(frame)) == (73, 13)


def test_opening_again_starts_anew(film: Path, replay: Open) -> None:
    camera = replay(film)
    read_all(camera)
    with pytest.raises(EndOfFilm):
        camera.read(1)
    camera.open()
    assert which(camera.read(1)) == 0
    camera.close()
    camera.close()
    with pytest.raises(CameraError, match="not open"):
        camera.read(1)


def test_a_film_comes_in_rgb(tmp_path: Path, scene: Scene, write_film: Film, replay: Open) -> None:
    frame = replay(write_film(tmp_path / "film.mkv", [scene], 5)).read(1)
    assert frame is not None
    np.testing.assert_array_equal(frame.picture, scene)


def test_a_folder_comes_in_natural_order_and_in_rgb(tmp_path: Path, scene: Scene, replay: Open) -> None:
    folder = folder_of(tmp_path / "folder", ["1.png", "2.png", "10.png", "a.PNG"])
    cv2.imwrite(str(folder / "b.png"), scene[:, :, ::-1])
    cv2.imwrite(str(folder / ".hidden.png"), scene)
    (folder / "notes.txt").write_text("no picture")
    frames = read_all(replay(folder, rate=2))
    assert [which(frame) for frame in frames[:4]] == [0, 1, 2, 3]
    np.testing.assert_array_equal(frames[4].picture, scene)
    assert len(frames) == 5
    assert frames[4].at - frames[0].at == pytest.approx(2)


def test_an_unreadable_picture_is_passed_over_and_leaves_a_gap(tmp_path: Path, replay: Open) -> None:
    folder = folder_of(tmp_path / "folder", ["1.png", "2.png", "3.png"])
    (folder / "2.png").write_bytes(b"damaged")
    camera = replay(folder)
    assert [(frame.number, which(frame)) for frame in read_all(camera)] == [(0, 0), (2, 2)]
    assert camera.skipped == 1


@pytest.mark.parametrize("pace", ["every", "clock"])
def test_a_folder_with_nothing_readable_is_an_error_even_in_a_loop(
    pace: Pace, tmp_path: Path, replay: Open
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "1.png").write_bytes(b"damaged")
    with pytest.raises(CameraError, match="not one frame"):
        replay(folder, pace, loop=True).read(1)


def test_a_bad_source_is_refused_in_one_line_that_names_it(
    tmp_path: Path, replay: Open, capfd: pytest.CaptureFixture[str], write_film: Film
) -> None:
    (tmp_path / "text.avi").write_text("no film\n" * 1000)
    (tmp_path / "empty.avi").touch()
    (tmp_path / "folder").mkdir()
    cut = write_film(tmp_path / "whole.avi", numbered(20), 10).read_bytes()[:300]
    (tmp_path / "cut.avi").write_bytes(cut)
    os.mkfifo(tmp_path / "pipe")
    reasons = {
        "missing.avi": "there is no such",
        "text.avi": "no film",
        "empty.avi": "no film",
        "folder": "holds no picture",
        "pipe": "neither a film nor a folder",
        "text.avi/x": "Not a directory",
        "a\0b": "null",
    }
    for name, reason in reasons.items():
        with pytest.raises(CameraError) as caught:
            replay(tmp_path / name)
        assert reason in str(caught.value)
        assert str(caught.value).count(str(tmp_path)) == 1
        assert "\n" not in str(caught.value)
    with pytest.raises(CameraError):
        replay(tmp_path / "cut.avi").read(1)
    assert capfd.readouterr() == ("", "")
