"""Pictures from files and uploads, decoded by Pillow: bounded, upright, RGB, and never a traceback.

The formats are those that cameras, telephones and office programs write and that decode without a helper
program; each further parser would be one more that strangers can feed.
"""

import io
import os
import stat
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.Image import Transpose

from edge.domain.face import Picture
from edge.errors import ImageError
from edge.redact import one_line

MAX_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 50_000_000  # the largest sensors of telephones and office cameras, decoded in some 200 MB
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
FROM_OUTSIDE = ("JPEG", "PNG", "WEBP")
READABLE = "JPEG, PNG, WebP, BMP and GIF are read"

ORIENTATION = 0x0112  # the Exif tag; the values are those of Exif 2.3, section 4.6.4
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}

# What Pillow's Python parsers raise on damaged data, found by mutating files of each format.
DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
)


def read_picture(path: Path, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return the picture in a file as H×W×3 uint8 RGB, upright as its Exif orientation says.

    Transparent parts lie on white, 16 bits a channel become 8, of an animation it is the first frame. Only a
    regular file is opened, so that no pipe or device can block. Raises ImageError, one line with the path.
    """
    return decode_picture(_bytes(path, max_bytes), str(path), max_pixels=max_pixels)


def decode_picture(data: bytes, name: str, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return an encoded picture as `read_picture` does; `name` is what an ImageError calls it.

    The number of pixels is taken from the header and refused before anything is decoded.
    """
    return _decode(data, name, max_pixels=max_pixels)


def _decode(
    data: bytes,
    name: str,
    *,
    max_pixels: int,
    formats: tuple[str, ...] = FORMATS,
    shrink: Callable[[Image.Image], None] = lambda _: None,
) -> Picture:
    name = one_line(name)
    if not data:
        raise ImageError(f"{name}: it is empty")
    # Pillow's remarks on odd files would stand between the lines of a listing; what matters is raised here.
    warnings.filterwarnings("ignore", module=r"PIL\b")
    try:
        with Image.open(io.BytesIO(data), formats=formats) as image:
            _check_size(image, name, max_pixels)
            shrink(image)
            image.load()
            return _rgb(_upright(image))
    except UnidentifiedImageError:
        raise ImageError(
            f"{name}: it is no picture, or damaged from its first bytes on; {READABLE}"
        ) from None
    except Image.DecompressionBombError:
        claim = f"its header claims more than the {max_pixels / 1e6:g} million pixels that are read at most"
        raise ImageError(f"{name}: {claim}") from None
    except ImageError:
        raise
    except MemoryError:
        raise ImageError(f"{name}: it needs more memory than there is for it; give a smaller copy") from None
    except DAMAGE as error:
        reason = one_line(str(error) or type(error).__name__)[:200]
        raise ImageError(f"{name}: it is damaged or cut off: {reason}") from None


def decode_shrunk(data: bytes, name: str, *, longest: int, max_pixels: int) -> tuple[Picture, int, int]:
    """Return an encoded picture as `decode_picture` does, no side longer than `longest`, and its own size.

    Of JPEG, PNG and WebP only, for pictures from outside: it is made smaller while it is decoded, where the
    format allows it, and before anything else is done with it. The size is that of the upright picture.
    """
    own = [0, 0]

    def shrink(image: Image.Image) -> None:
        own[:] = image.size
        if max(image.size) > longest:
            image.thumbnail((longest, longest), Image.Resampling.BICUBIC, reducing_gap=1.0)

    picture = _decode(data, name, max_pixels=max_pixels, formats=FROM_OUTSIDE, shrink=shrink)
    width, height = sorted(own) if picture.shape[0] > picture.shape[1] else sorted(own, reverse=True)
    return picture, width, height


def _no_folder(path: Path) -> None:
    if path.is_dir():
        raise ImageError(f"{one_line(str(path.absolute()))}: it is a folder; name the picture itself")


def _bytes(path: Path, max_bytes: int) -> bytes:
    name = one_line(str(path))
    try:
        _no_folder(path)
        _check_kind(path.stat().st_mode, name)  # opening alone can set a device to work
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with open(handle, "rb") as opened:  # noqa: PTH123 - a descriptor, opened so that it cannot block
            _check_kind(os.fstat(handle).st_mode, name)
            data = opened.read(max_bytes + 1)
    except ImageError:
        raise
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise ImageError(f"{name}: {reason or error}") from None
    except ValueError as error:  # a null byte in the name
        raise ImageError(f"{name}: {error}") from None
    if len(data) > max_bytes:
        raise ImageError(f"{name}: it is over {max_bytes / 2**20:g} MiB; give a smaller copy")
    return data


def _check_kind(mode: int, name: str) -> None:
    if not stat.S_ISREG(mode):
        raise ImageError(f"{name}: it is no regular file")


def _check_size(image: Image.Image, name: str, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        claim = f"its header claims {width}×{height} pixels"
        raise ImageError(f"{name}: {claim}, at most {max_pixels / 1e6:g} million are read")


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except DAMAGE:  # a picture with an unreadable note beside it is still a picture
        return image
    return image if turn is None else image.transpose(turn)


def _rgb(image: Image.Image) -> Picture:
    if image.mode.startswith("I;16"):
        grey = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.array(image.convert("RGB"))
