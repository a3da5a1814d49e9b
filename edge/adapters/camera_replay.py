"""Frames from a film, or from a folder of pictures, at the pace of a camera or of whoever reads them."""

import math
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import cv2
import numpy as np
import structlog

from edge.domain.face import Frame, Picture
from edge.errors import CameraError, ImageError
from edge.ports import Clock, EndOfFilm
from edge.redact import one_line

Pace: TypeAlias = Literal["clock", "every"]
Decode: TypeAlias = Callable[[], Picture]  # of one frame, called only for a frame that is wanted

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"})
FOLDER_RATE = 5.0  # pictures a second where nobody says otherwise
FASTEST = 1000.0  # frames a second; containers without a rate state such figures

log = structlog.get_logger("edge.camera")


class CameraReplay:
    """Replays `path` at `rate` frames a second; None takes the film's own, or 5 for a folder.

    Time starts with the first read. Pace `clock` is a camera: a frame is there when its time has come, only
    the newest is given, late ones are passed over and show as gaps in the numbers. Pace `every` gives each
    frame as fast as it is asked for. Either way `Frame.at` is the start plus number ÷ rate: the time in the
    film, on the monotonic clock. With `loop` numbers and times go on through the laps.

    A folder's pictures come in natural order (`2.png` before `10.png`), each decoded by `read_picture`, which
    raises ImageError. One that cannot be read is logged and passed over like a frame that a camera lost: its
    number is spent, `skipped` counts it. Where a whole lap has nothing usable, `read` raises CameraError.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        read_picture: Callable[[Path], Picture],
        rate: float | None = None,
        pace: Pace = "clock",
        loop: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = path
        self._clock = clock
        self._read_picture = read_picture
        self._wanted_rate = rate
        self._pace = pace
        self._loop = loop
        self._sleep = sleep
        self._reel: _Reel | None = None
        self._frames: Iterator[Decode] = iter(())
        self._rate = 0.0
        self._start: float | None = None
        self._number = 0  # of the next frame
        self._usable = False  # a frame of this lap was
        self.skipped = 0

    def open(self) -> None:
        """Open the film or list the folder; raises CameraError. Opening again starts from the beginning."""
        self.close()
        reel = _open_reel(self._path, self._read_picture)
        rate = self._wanted_rate or reel.rate
        if not 0 < rate <= FASTEST:
            reel.close()
            raise CameraError(f"{_name(self._path)}: the film states no frame rate; set camera.rate")
        self._reel, self._rate, self._frames = reel, rate, self._laps(reel)
        self._start, self._number, self.skipped = None, 0, 0

    def read(self, timeout: float) -> Frame | None:
        """Return the next frame, or None where its time does not come within `timeout` seconds.

        Raises EndOfFilm after the last frame, CameraError where there is nothing usable.
        """
        if self._reel is None:
            raise CameraError(f"{_name(self._path)}: it is not open")
        if self._start is None:
            self._start = self._clock.monotonic()
        if self._pace == "clock" and not self._wait_for_newest(self._start, timeout):
            return None
        picture = self._next_picture()
        number = self._number - 1
        return Frame(picture, number, self._start + number / self._rate)

    def close(self) -> None:
        """Release the film; may be called twice."""
        if self._reel is not None:
            self._reel.close()
            self._reel = None

    def _wait_for_newest(self, start: float, timeout: float) -> bool:
        """Wait until the next frame is due and pass over all that are older than the newest."""
        ahead = start + self._number / self._rate - self._clock.monotonic()
        if ahead > 0:
            self._sleep(min(ahead, timeout))
            if ahead > timeout:
                return False
        due = math.floor((self._clock.monotonic() - start) * self._rate)
        while self._number < due:
            self._take()
            self._usable = True  # being late is no fault of the film
        return True

    def _next_picture(self) -> Picture:
        while True:
            decode = self._take()
            try:
                picture = decode()
            except ImageError as error:
                self.skipped += 1
                log.warning("picture passed over", reason=str(error))
            else:
                self._usable = True
                return picture

    def _take(self) -> Decode:
        decode = next(self._frames, None)
        if decode is None:
            raise EndOfFilm
        self._number += 1
        return decode

    def _laps(self, reel: "_Reel") -> Iterator[Decode]:
        while True:
            self._usable = False
            yield from reel.frames()
            if not self._usable:
                raise CameraError(f"{_name(self._path)}: not one frame of it can be read")
            if not self._loop:
                return


class _Reel(Protocol):
    """What is replayed: `frames` starts from the beginning each time."""

    @property
    def rate(self) -> float: ...

    def frames(self) -> Iterator[Decode]: ...

    def close(self) -> None: ...


class _Film:
    def __init__(self, path: Path) -> None:
        # why a film cannot be read is told by an error, not by FFmpeg and OpenCV on stderr as well
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        self._path = path.absolute()  # an absolute path is no address of another protocol of FFmpeg's
        self._capture = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise CameraError(f"{_name(path)}: it is no film that FFmpeg can read, nor a folder of pictures")
        self.rate = float(self._capture.get(cv2.CAP_PROP_FPS))

    def frames(self) -> Iterator[Decode]:
        if not self._capture.isOpened():
            self._capture.open(str(self._path), cv2.CAP_FFMPEG)
        while self._capture.grab():
            yield self._retrieve
        self._capture.release()  # the next lap opens it anew: seeking is not exact in every container

    def close(self) -> None:
        self._capture.release()

    def _retrieve(self) -> Picture:
        got, picture = self._capture.retrieve()
        if not got:
            raise ImageError(f"{_name(self._path)}: a frame cannot be decoded")
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


class _Folder:
    rate = FOLDER_RATE

    def __init__(self, path: Path, read_picture: Callable[[Path], Picture]) -> None:
        found = (one for one in path.iterdir() if one.suffix.lower() in SUFFIXES and one.name[0] != ".")
        self._paths = sorted(found, key=_natural)
        self._read_picture = read_picture
        if not self._paths:
            raise CameraError(f"{_name(path)}: the folder holds no picture ({', '.join(sorted(SUFFIXES))})")

    def frames(self) -> Iterator[Decode]:
        for path in self._paths:
            yield partial(self._read_picture, path)

    def close(self) -> None:
        """Hold nothing open."""


def _open_reel(path: Path, read_picture: Callable[[Path], Picture]) -> _Reel:
    try:
        mode = path.stat().st_mode
        readable = os.access(path, os.R_OK)
    except FileNotFoundError:
        raise CameraError(f"{_name(path)}: there is no such film or folder") from None
    except OSError as error:
        raise CameraError(f"{_name(path)}: {error.strerror}") from None
    except ValueError as error:  # a null byte in the name
        raise CameraError(f"{_name(path)}: {error}") from None
    if not readable:
        raise CameraError(f"{_name(path)}: Permission denied")
    if stat.S_ISDIR(mode):
        return _Folder(path, read_picture)
    if not stat.S_ISREG(mode):
        raise CameraError(f"{_name(path)}: it is neither a film nor a folder of pictures")
    return _Film(path)


def _natural(path: Path) -> list[tuple[int, str]]:
    """Return a sort key by which digits count as numbers."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", path.name)]


def _name(path: Path) -> str:
    return one_line(str(path))
