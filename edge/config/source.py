"""Where frames come from, as `[camera] source` writes it."""

import re
import shlex
from dataclasses import dataclass
from typing import Literal, TypeAlias

from edge.redact import HIDDEN, redact

SourceKind: TypeAlias = Literal["none", "device", "index", "rtsp", "pipe", "replay"]

MAX_INDEX = 63  # Linux numbers its /dev/video* devices from 0; more than a few is a typing error

# RFC 3986 §3.2, as far as a mistake in it can be told: user and password are not looked into
_RTSP = re.compile(
    r"rtsps?://([^@/?#\s]*@)?(\[[0-9A-Fa-f:.]+\]|[^@/?#\s:\[\]]+)(:[0-9]{1,5})?([/?][^@\s]*)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class CameraSource:
    """A parsed source.

    `kind` none: no camera is configured; device: `target` is a path under /dev; index: `target` is the
    number of a /dev/video device; rtsp: `target` is the address, credentials included; pipe: `arguments` are
    a program and its arguments; replay: `target` is the path of a film or of a folder of pictures.
    """

    kind: SourceKind
    target: str = ""
    arguments: tuple[str, ...] = ()


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
    if text.startswith(("rtsp://", "rtsps://")):
        return _address(text)
    if text.startswith("pipe:"):
        return _command(text.removeprefix("pipe:"))
    if text.startswith("/dev/"):
        return CameraSource("device", text)
    raise ValueError(
        "no such kind of source; write /dev/v4l/by-id/…, /dev/video0, a device number, rtsp://…, "
        "pipe:COMMAND or replay:PATH"
    )


def shown_source(text: str) -> str:
    """Return a source, right or wrong, as it may be shown: without what may be a password.

    Of an address that is all before its last @ and its query, of a command its arguments.
    """
    if text.startswith("pipe:"):
        program, _, rest = text.removeprefix("pipe:").strip().partition(" ")
        return f"pipe:{redact(program)}{' …' if rest else ''}"
    if text.startswith(("rtsp://", "rtsps://")):
        scheme, _, rest = text.partition("://")
        user, _, place = rest.rpartition("@")
        return f"{scheme}://{f'{HIDDEN}@' if user else ''}{place.split('?', 1)[0]}"
    return redact(text)


def _address(text: str) -> CameraSource:
    if _RTSP.fullmatch(text) is None:
        raise ValueError(
            "no address of a stream; write rtsp://USER:PASSWORD@HOST:554/PATH, special characters as %XX"
        )
    return CameraSource("rtsp", text)


def _command(text: str) -> CameraSource:
    try:
        arguments = tuple(shlex.split(text))
    except ValueError:
        raise ValueError("a quotation in it is not closed; write its other end") from None
    if not arguments or not arguments[0]:
        raise ValueError("pipe: names no program; write pipe:COMMAND, a program and its arguments")
    return CameraSource("pipe", arguments=arguments)
