"""Where frames come from, as `[camera] source` writes it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

SourceKind: TypeAlias = Literal["none", "device", "index", "replay"]

MAX_INDEX = 63  # Linux numbers its /dev/video* devices from 0; more than a few is a typing error


@dataclass(frozen=True, slots=True)
class CameraSource:
    """A parsed source.

    `kind` none: no camera is configured; device: `target` is a path under /dev; index: `target` is the
    number of a /dev/video device; replay: `target` is the path of a film or of a folder of pictures.
    """

    kind: SourceKind
    target: str = ""


def parse_source(text: str) -> CameraSource:
    """Return the source that `text` names; raises ValueError with what is wrong and what would be right."""
    if not text:
        return CameraSource("none")
    if text.isascii() and text.isdigit():
        if int(text) > MAX_INDEX:
            raise ValueError(
                f"device number {text} is over {MAX_INDEX}; give one that `ls /dev/video*` shows"
            )
        return CameraSource("index", str(int(text)))
    if text.startswith("replay:"):
        if not text.removeprefix("replay:"):
            raise ValueError("replay: names no file; write replay:PATH, a film or a folder of pictures")
        return CameraSource("replay", text.removeprefix("replay:"))
    if text.startswith("/dev/"):
        return CameraSource("device", text)
    raise ValueError(
        "no such kind of source; write /dev/v4l/by-id/…, /dev/video0, a device number, or replay:PATH"
    )
