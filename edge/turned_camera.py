"""A camera that hangs on its side or shows a mirror image, seen upright."""

from dataclasses import replace

from edge.domain.face import Frame
from edge.domain.frame_view import Turn, upright
from edge.ports import Camera


class TurnedCamera:
    """`camera` with each frame turned clockwise by `turn` degrees, then mirrored left to right."""

    def __init__(self, camera: Camera, *, turn: Turn, mirror: bool) -> None:
        self._camera = camera
        self._turn: Turn = turn
        self._mirror = mirror

    def open(self) -> None:
        """Open the camera; raises CameraError."""
        self._camera.open()

    def read(self, timeout: float) -> Frame | None:
        """Return the camera's next frame, turned; otherwise as its own `read`."""
        frame = self._camera.read(timeout)
        if frame is None:
            return None
        return replace(frame, picture=upright(frame.picture, turn=self._turn, mirror=self._mirror))

    def close(self) -> None:
        """Close the camera."""
        self._camera.close()
