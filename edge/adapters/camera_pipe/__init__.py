"""A camera that is a command: it writes Motion JPEG or raw frames to its standard output."""

from edge.adapters.camera_pipe.camera import CameraPipe
from edge.adapters.camera_pipe.raw_frames import RawLayout

__all__ = ["CameraPipe", "RawLayout"]
