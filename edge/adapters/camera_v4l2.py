"""USB and other Video4Linux cameras, by OpenCV."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import structlog

from edge.domain.face import Picture
from edge.errors import CameraError
from edge.live_camera import LiveCamera
from edge.ports import Clock
from edge.redact import one_line

BY_ID = Path("/dev/v4l/by-id")
MANUAL_EXPOSURE, AUTOMATIC_EXPOSURE = 1, 3  # V4L2_EXPOSURE_MANUAL, V4L2_EXPOSURE_APERTURE_PRIORITY
READ_SECONDS = 4  # OpenCV waits 10 s for a frame of its own accord

log = structlog.get_logger("edge.camera")


@dataclass(frozen=True, slots=True)
class V4l2Mode:
    """What is asked of the camera; what it then does is logged, and a hint it does not take is no error.

    `pixel_format` auto asks for MJPG, in which a USB 2 camera has room for any size at full rate, and takes
    what comes. `exposure` is in steps of 100 µs, None leaves it to the camera's automatic; `gain` is in the
    camera's own units, None leaves it as it stands.
    """

    width: int = 640
    height: int = 480
    rate: float = 15.0
    pixel_format: Literal["auto", "MJPG", "YUYV"] = "auto"
    exposure: int | None = None
    gain: int | None = None


class CameraV4l2(LiveCamera):
    """The camera at `device`: a path (of /dev/v4l/by-id, since /dev/video* move), or a number."""

    def __init__(self, device: str, mode: V4l2Mode, clock: Clock) -> None:
        path = f"/dev/video{device}" if device.isdecimal() else device
        super().__init__(one_line(path), lambda: _Capture(path, mode), clock)


class _Capture:
    """The device, open; used by one thread."""

    def __init__(self, path: str, mode: V4l2Mode) -> None:
        self._name = one_line(path)
        _check(path)
        os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(READ_SECONDS))
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        self._capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise CameraError(
                f"{self._name}: it gives no pictures: no camera, or in use by another program; {_cameras()}"
            )
        for name, value in _properties(mode):
            self._capture.set(name, value)  # what a driver makes of it is seen in the log
        self._tell()

    def read(self) -> Picture | None:
        """Return the next frame as RGB."""
        got, picture = self._capture.read()
        if not got:
            raise CameraError(f"{self._name}: it stopped giving pictures")
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)

    def interrupt(self) -> None:
        """Nothing ends a read of a driver from outside; it ends by its own timeout."""

    def close(self) -> None:
        """Release the device."""
        self._capture.release()

    def _tell(self) -> None:
        code = int(self._capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        log.info(
            "camera opened",
            camera=self._name,
            width=int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            height=int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            rate=self._capture.get(cv2.CAP_PROP_FPS),
            pixel_format=one_line(code.to_bytes(4, "little").decode("latin-1")),
            exposure=int(self._capture.get(cv2.CAP_PROP_EXPOSURE)),
            gain=int(self._capture.get(cv2.CAP_PROP_GAIN)),
        )


def _properties(mode: V4l2Mode) -> list[tuple[int, float]]:
    """Return what is set, in this order: the format decides which sizes there are, these which rates."""
    wanted = "MJPG" if mode.pixel_format == "auto" else mode.pixel_format
    properties: list[tuple[int, float]] = [
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*wanted)),
        (cv2.CAP_PROP_FRAME_WIDTH, mode.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, mode.height),
        (cv2.CAP_PROP_FPS, mode.rate),
        (cv2.CAP_PROP_AUTO_EXPOSURE, AUTOMATIC_EXPOSURE if mode.exposure is None else MANUAL_EXPOSURE),
    ]
    if mode.exposure is not None:
        properties.append((cv2.CAP_PROP_EXPOSURE, mode.exposure))
    if mode.gain is not None:
        properties.append((cv2.CAP_PROP_GAIN, mode.gain))
    return properties


def _check(path: str) -> None:
    """Refuse what is no device that this process may open; raises CameraError, saying which cameras are."""
    name = one_line(path)
    try:
        kind = os.stat(path).st_mode  # noqa: PTH116 - the path may hold a null byte, which Path hides
        if stat.S_ISCHR(kind):
            os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC))
            return
    except FileNotFoundError:
        raise CameraError(f"{name}: there is no such camera; {_cameras()}") from None
    except PermissionError:
        raise CameraError(f"{name}: Permission denied; its user has to be in the group video") from None
    except OSError as error:
        raise CameraError(f"{name}: {error.strerror}; {_cameras()}") from None
    except ValueError as error:
        raise CameraError(f"{name}: {error}") from None
    raise CameraError(f"{name}: it is no device; {_cameras()}")


def _cameras(by_id: Path = BY_ID) -> str:
    """Return which cameras there are, for the end of a sentence."""
    found = sorted(str(path) for path in by_id.glob("*-index0")) or sorted(
        str(path) for path in Path("/dev").glob("video*")
    )
    return f"there are: {one_line(', '.join(found))}" if found else "this machine sees no camera at all"
