"""The camera on top of the command and its stream."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import cv2
import numpy as np
import structlog

from edge.adapters.camera_pipe.command import Command, command_name
from edge.adapters.camera_pipe.jpeg_stream import JpegStream
from edge.adapters.camera_pipe.raw_frames import RawLayout, RawStream
from edge.domain.face import Picture
from edge.live_camera import LiveCamera
from edge.ports import Clock

Layout: TypeAlias = RawLayout | Literal["mjpeg"]

log = structlog.get_logger("edge.camera")


class CameraPipe(LiveCamera):
    """What `arguments`, a program and its arguments, write to standard output: `mjpeg` or raw frames.

    JPEG pictures may have anything between them; a broken one is passed over. The command is ended with all
    that it started when the camera is closed. Of what it says on stderr the last line goes into the error
    that tells its end; its arguments are shown nowhere.
    """

    def __init__(self, arguments: Sequence[str], layout: Layout, clock: Clock) -> None:
        fixed = tuple(arguments)
        super().__init__(command_name(fixed), lambda: _Output(fixed, layout), clock)


class _Output:
    """The command, running; used by one thread but for `interrupt`."""

    def __init__(self, arguments: Sequence[str], layout: Layout) -> None:
        self._layout = layout
        self._stream = JpegStream() if layout == "mjpeg" else RawStream(layout.size)
        self._pending: list[bytes] = []
        self._command = Command(arguments)
        log.info("camera opened", camera=self._command.name)

    def read(self) -> Picture | None:
        """Return the newest picture as RGB; None for one that is broken or older than what came with it."""
        while not self._pending:
            data = self._command.read()
            if not data:
                return None
            self._pending = self._stream.feed(data)
        data = self._pending.pop(0)
        return None if self._pending else self._decode(data)

    def interrupt(self) -> None:
        """Let a read that waits for the command end."""
        self._command.interrupt()

    def close(self) -> None:
        """End the command."""
        self._command.end()

    def _decode(self, data: bytes) -> Picture | None:
        if isinstance(self._layout, RawLayout):
            return self._layout.picture(data)
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            return None
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)
