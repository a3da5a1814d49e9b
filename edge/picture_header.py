"""What a picture from outside claims to be, read from its first bytes without decoding anything.

In pure Python and in bounded time, so that the parent may look at what strangers send. Only three formats:
each further one would be one more that they can feed.
"""

import struct
from dataclasses import dataclass
from typing import Literal

from edge.errors import ImageError
from edge.redact import one_line

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 12_000_000
MAX_SIDE = 16_384  # pixels; no camera is longer, and a strip of one row is no portrait
SMALLEST = 32  # bytes of the shortest picture of any of the formats
MAX_SEGMENTS = 600  # of a JPEG before its size: an ICC profile has up to 255, and so has every other kind

READABLE = "choose a JPEG, PNG or WebP picture"

# JPEG (ITU-T T.81, table B.1): frames carry the size; the markers without a segment stand alone.
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
START_OF_SCAN, END = 0xDA, 0xD9
FILL = 0xFF  # begins each marker, and may be repeated

PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_KINDS = {
    0: {1, 2, 4, 8, 16},
    2: {8, 16},
    3: {1, 2, 4, 8},
    4: {8, 16},
    6: {8, 16},
}  # depths by colour type


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """A format and the size in pixels, as the header claims them."""

    kind: Literal["jpeg", "png", "webp"]
    width: int
    height: int


def check_header(data: bytes, name: str) -> PictureHeader:
    """Return what an encoded picture claims; raises ImageError, one line that begins with `name`.

    Refused are other formats, more than MAX_BYTES or MAX_PIXELS, and headers that make no sense.
    """
    name = one_line(name)
    if not data:
        raise ImageError(f"{name}: it is empty")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name}: it is over {MAX_BYTES / 2**20:g} MiB; give a smaller copy")
    try:
        header = _header(data)
    except (struct.error, IndexError):
        header = None
    if header is None:
        raise ImageError(f"{name}: it is no picture, or damaged from its first bytes on; {READABLE}")
    width, height = header.width, header.height
    if width < 1 or height < 1:
        raise ImageError(f"{name}: its header claims no pixels")
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        claim = f"its header claims {width}×{height} pixels"
        raise ImageError(f"{name}: {claim}, at most {MAX_PIXELS / 1e6:g} million are taken")
    return header


def _header(data: bytes) -> PictureHeader | None:
    if len(data) < SMALLEST:
        return None
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(PNG_START):
        return _png(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _jpeg(data: bytes) -> PictureHeader | None:
    place = 2
    for _ in range(MAX_SEGMENTS):
        if data[place] != FILL:
            return None
        marker = data[place + 1]
        if marker == FILL:
            place += 1
            continue
        place += 2
        if marker in ALONE:
            continue
        if marker in {START_OF_SCAN, END, 0x00, 0xD8}:
            return None
        (length,) = struct.unpack_from(">H", data, place)
        if length < 2:  # noqa: PLR2004 - it counts itself
            return None
        if marker in FRAMES:
            _, height, width, components = struct.unpack_from(">BHHB", data, place + 2)
            return PictureHeader("jpeg", width, height) if components in {1, 3, 4} else None
        place += length
    return None


def _png(data: bytes) -> PictureHeader | None:
    length, kind, width, height, depth, colour = struct.unpack_from(">I4sIIBB", data, 8)
    if (length, kind) != (13, b"IHDR") or depth not in PNG_KINDS.get(colour, ()):
        return None
    return PictureHeader("png", width, height)


def _webp(data: bytes) -> PictureHeader | None:
    chunk = data[12:16]
    if chunk == b"VP8X":  # RFC 9649, section 2.7: the canvas, less one, in 24 bits each
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return PictureHeader("webp", width, height)
    if chunk == b"VP8L" and data[20] == 0x2F:  # noqa: PLR2004 - section 3.4: its signature, then 14 bits each
        bits = int.from_bytes(data[21:25], "little")
        return PictureHeader("webp", (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":  # RFC 6386, section 9.1: 14 bits and a scale each
        width, height = struct.unpack_from("<HH", data, 26)
        return PictureHeader("webp", width & 0x3FFF, height & 0x3FFF)
    return None
