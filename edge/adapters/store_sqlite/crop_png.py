"""Writes a picture as PNG, so that a stored crop can be shown as it is."""

import struct
import zlib

from edge.domain.face import Picture

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB_8_BIT = (8, 2, 0, 0, 0)  # bit depth, colour type, compression, filter, interlace


def png(picture: Picture) -> bytes:
    """Return the PNG file (RFC 2083) of an H×W×3 uint8 RGB picture, without loss."""
    height, width, _ = picture.shape
    lines = b"".join(b"\x00" + line.tobytes() for line in picture)  # each begins with its filter: none
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">II5B", width, height, *_RGB_8_BIT)),
            _chunk(b"IDAT", zlib.compress(lines)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
