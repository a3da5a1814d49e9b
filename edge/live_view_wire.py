"""What parent and vision child say to each other about the live picture: datagrams, dropped, not queued.

It is a socket of its own beside the wire, so that no picture delays a decision. The parent asks for what
somebody looks at until a moment, the child answers with the faces of a frame and, where asked for, the frame
as JPEG. As on the wire, the parent believes nothing of the child that it cannot check.
"""

import socket
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.domain.face import Box
from edge.domain.live_picture import FaceState
from edge.domain.quality import QualityReason
from edge.errors import EdgeError

BUFFER = 208 * 1024  # bytes asked of the kernel, Linux's usual most, of which it makes twice as much
MOST = 2 * BUFFER  # bytes of a datagram
ROOM = 64 * 1024  # bytes of a datagram that are not the picture's: its head, and the kernel's own
MOST_JPEG = MOST - ROOM
MOST_FACES = 16  # of one glance; more than are ever followed at once
JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"

Number = Annotated[int, Field(ge=0, lt=2**53)]
Side = Annotated[int, Field(gt=0, le=16384)]
Pixel = Annotated[float, Field(ge=-1e6, le=1e6)]


class LiveWireError(EdgeError, ValueError):
    """A datagram that is none of this socket."""


class Datagram(BaseModel):
    """The base of both: frozen, strict, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Wanted(Datagram):
    """Parent to child: monotonic seconds until which faces and pictures are wanted; replaces the last one.

    `still` is the number of the latest request for one frame in full size, 0 where there was none.
    """

    faces: float = 0.0
    pictures: float = 0.0
    still: Number = 0


class FaceBody(Datagram):
    """A face, as `domain.live_picture.LiveFace`; `box` is left, top, width, height."""

    track: Number
    box: tuple[Pixel, Pixel, Pixel, Pixel]
    state: Annotated[str, Field(max_length=20)]
    hint: Annotated[str, Field(max_length=40)] | None = None
    person_id: Annotated[str, Field(max_length=64)] | None = None

    def told(self) -> tuple[Box, FaceState, QualityReason | None]:
        """Return what it says in the words of the domain; raises ValueError for a word that is none."""
        hint = None if self.hint is None else QualityReason(self.hint)
        return Box(*self.box), FaceState(self.state), hint


class Head(Datagram):
    """Child to parent: a frame's faces and what the bytes behind it are.

    `width` and `height` are those of the frame. With `picture` `screen` or `still` a JPEG of `shown` pixels
    follows; `still` answers the request of that number.
    """

    at: float
    width: Side
    height: Side
    faces: Annotated[list[FaceBody], Field(max_length=MOST_FACES)]
    picture: Literal["none", "screen", "still"] = "none"
    shown: tuple[Side, Side] | None = None
    still: Number = 0


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """Return the parent's and the child's end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    return ours, theirs


def pack(head: Head, jpeg: bytes = b"") -> bytes:
    """Return the datagram of a frame."""
    return head.model_dump_json().encode() + b"\n" + jpeg


def unpack(data: bytes) -> tuple[Head, bytes]:
    """Return what a datagram of the child says; raises LiveWireError."""
    text, _, jpeg = data.partition(b"\n")
    try:
        head = Head.model_validate_json(text)
        for face in head.faces:
            face.told()
    except (ValidationError, ValueError) as error:
        raise LiveWireError(f"live picture: {str(error).splitlines()[0][:200]}") from None
    whole = jpeg.startswith(JPEG_START) and jpeg.endswith(JPEG_END) and head.shown is not None
    if (head.picture == "none") == bool(jpeg) or (jpeg and not whole):
        raise LiveWireError("live picture: what follows the head is no whole JPEG")
    return head, jpeg


def wanted(data: bytes) -> Wanted:
    """Return what a datagram of the parent asks for; raises LiveWireError."""
    try:
        return Wanted.model_validate_json(data)
    except ValidationError as error:
        raise LiveWireError(f"live picture: {str(error).splitlines()[0][:200]}") from None
