"""Network cameras by RTSP over TCP, by OpenCV and its FFmpeg."""

import os

import cv2
import numpy as np
import structlog

from edge.domain.face import Picture
from edge.errors import CameraError
from edge.live_camera import LiveCamera
from edge.ports import Clock
from edge.redact import one_line, redact

# TCP: a lost packet of UDP is a smeared picture, and a smeared face is a denied person.
OPTIONS = "rtsp_transport;tcp|max_delay;500000"
OPEN_SECONDS = 6.0
READ_SECONDS = 4.0

log = structlog.get_logger("edge.camera")


class CameraRtsp(LiveCamera):
    """The camera at `address`, `rtsp://USER:PASSWORD@HOST/PATH`; special characters written as %XX.

    User and password go to FFmpeg and nowhere else: errors and the log have `***` in their place.
    """

    def __init__(
        self,
        address: str,
        clock: Clock,
        *,
        open_seconds: float = OPEN_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        name = _shown(address)
        super().__init__(
            name,
            lambda: _Stream(address, name, open_seconds, read_seconds),
            clock,
            open_seconds=open_seconds + 1,  # FFmpeg keeps to its own limit, and knows better why
        )


class _Stream:
    """The stream, open; used by one thread."""

    def __init__(self, address: str, name: str, open_seconds: float, read_seconds: float) -> None:
        self._name = name
        # FFmpeg would write the address, with the password in it, to stderr
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = OPTIONS
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            round(open_seconds * 1000),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            round(read_seconds * 1000),
        ]
        self._capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
        if not self._capture.isOpened():
            raise CameraError(
                f"{name}: no stream from there within {open_seconds:g} s; check address, user and password"
            )
        width, height = (
            int(self._capture.get(one)) for one in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        log.info("camera opened", camera=name, width=width, height=height)

    def read(self) -> Picture | None:
        """Return the next frame as RGB."""
        got, picture = self._capture.read()
        if not got:
            raise CameraError(f"{self._name}: the stream broke off")
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)

    def interrupt(self) -> None:
        """Nothing ends a read of FFmpeg from outside; it ends by its own timeout."""

    def close(self) -> None:
        """Close the connection."""
        self._capture.release()


def _shown(address: str) -> str:
    """Return the address as it may be shown: without credentials, and without what a query may hide."""
    return one_line(redact(address).split("?", 1)[0])
