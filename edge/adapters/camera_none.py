"""A terminal without a camera: it serves its pages and its gallery, and says what is missing."""

from edge.domain.face import Frame
from edge.errors import CameraError


class CameraNone:
    """No camera; each try to open it says how to get one."""

    def open(self) -> None:
        """Raise CameraError."""
        raise CameraError(
            "camera.source: no camera is named; write /dev/v4l/by-id/…, a device number, or replay:PATH"
        )

    def read(self, timeout: float) -> Frame | None:  # noqa: ARG002 - the port's signature
        """Raise CameraError."""
        raise CameraError("camera.source: no camera is named")

    def close(self) -> None:
        """Do nothing."""
