"""A camera whose driver blocks, as the port wants it: read in a thread of its own, the newest frame only."""

import threading
from collections.abc import Callable
from typing import Protocol

from edge.domain.face import Frame, Picture
from edge.errors import CameraError
from edge.guard import start_thread
from edge.ports import Clock

OPEN_SECONDS = 5.0  # a USB camera takes up to 3 s, and who supervises the reader of frames waits no longer
CLOSE_SECONDS = 2.0


class FrameSource(Protocol):
    """An open camera, used by one thread but for `interrupt`."""

    def read(self) -> Picture | None:
        """Block for the next RGB picture; None for one that is of no use. Raises CameraError at its end."""
        ...

    def interrupt(self) -> None:
        """Let a `read` that blocks in another thread end soon, where that is possible."""
        ...

    def close(self) -> None:
        """Release the camera."""
        ...


class LiveCamera:
    """The camera that `open_source` opens; `name` is what errors call it, without credentials.

    A thread opens it and reads it all the time, so that no frame waits in a driver's queue and gets old, and
    so that a driver that hangs does not hang who reads. Numbers count every picture the source produced. A
    thread that hangs cannot be ended: as long as it does, `open` raises CameraError, and only the end of the
    process helps.
    """

    def __init__(
        self,
        name: str,
        open_source: Callable[[], FrameSource],
        clock: Clock,
        *,
        open_seconds: float = OPEN_SECONDS,
    ) -> None:
        self._name = name
        self._open_source = open_source
        self._clock = clock
        self._open_seconds = open_seconds
        self._reader: _Reader | None = None
        self._hanging: _Reader | None = None

    @property
    def hangs(self) -> bool:
        """Return whether a thread that should have ended is still inside of the driver."""
        if self._hanging is not None and not self._hanging.thread.is_alive():
            self._hanging = None
        return self._hanging is not None

    def open(self) -> None:
        """Open the camera, anew where it is open; raises CameraError, also where it takes too long."""
        self.close()
        if self.hangs:
            raise CameraError(f"{self._name}: its driver still hangs; vision has to be started again")
        self._reader = _Reader(self._name, self._open_source, self._clock)
        try:
            self._reader.wait_open(self._open_seconds)
        except CameraError:
            self.close()
            raise

    def read(self, timeout: float) -> Frame | None:
        """Return the newest frame not yet given, None where none comes within `timeout` seconds.

        Raises CameraError where the camera is lost or not open.
        """
        if self._reader is None:
            raise CameraError(f"{self._name}: it is not open")
        return self._reader.take(timeout)

    def close(self) -> None:
        """Release the camera; may be called twice. Waits for its driver, but not for ever."""
        if self._reader is None:
            return
        if not self._reader.stop(CLOSE_SECONDS):
            self._hanging = self._reader
        self._reader = None


class _Reader:
    """The thread and what it hands over, under one condition."""

    def __init__(self, name: str, open_source: Callable[[], FrameSource], clock: Clock) -> None:
        self._name = name
        self._open_source = open_source
        self._clock = clock
        self._change = threading.Condition()
        self._source: FrameSource | None = None
        self._newest: Frame | None = None
        self._failure: str | None = None
        self._stopped = False
        self.thread = start_thread("camera", self._run, self._unforeseen)

    def wait_open(self, seconds: float) -> None:
        with self._change:
            self._change.wait_for(lambda: self._source is not None or self._failure is not None, seconds)
            if self._source is None:
                reason = self._failure or f"{self._name}: it did not open within {seconds:g} s"
                raise CameraError(reason)

    def take(self, timeout: float) -> Frame | None:
        with self._change:
            self._change.wait_for(lambda: self._newest is not None or self._failure is not None, timeout)
            newest, self._newest = self._newest, None
            if newest is None and self._failure is not None:
                raise CameraError(self._failure)
            return newest

    def stop(self, seconds: float) -> bool:
        """Return whether the thread ended within `seconds`."""
        with self._change:
            self._stopped = True
            source = self._source
        if source is not None:
            source.interrupt()
        self.thread.join(seconds)
        return not self.thread.is_alive()

    def _run(self) -> None:
        try:
            source = self._open_source()
        except CameraError as error:
            self._fail(str(error))
            return
        try:
            with self._change:
                self._source = source
                self._change.notify_all()
            self._read_all(source)
        except CameraError as error:
            self._fail(str(error))
        finally:
            source.close()

    def _read_all(self, source: FrameSource) -> None:
        number = 0
        while not self._stopped:
            picture = source.read()
            if picture is not None:
                frame = Frame(picture, number, self._clock.monotonic())
                with self._change:
                    self._newest = frame
                    self._change.notify_all()
            number += 1

    def _fail(self, reason: str) -> None:
        with self._change:
            self._failure = reason
            self._change.notify_all()

    def _unforeseen(self, error: BaseException) -> None:
        self._fail(f"{self._name}: unexpected {type(error).__name__}")
