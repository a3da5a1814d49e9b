"""Reads the primitives of dlib's serialisation from a stream, bounded, and says at which byte one is wrong.

The format is dlib's own (`dlib/serialize.h`, `dlib/cuda/tensor_tools.h`):
integer: one byte whose low 4 bits count the bytes that follow and whose bit 7 is the sign, then the
magnitude, little-endian; float: mantissa and exponent as integers (value = mantissa · 2^exponent); string:
length and bytes; bool: ASCII 0 or 1; tensor: the integer 2, four dimensions, raw little-endian float32.
"""

import math
from typing import BinaryIO, Never

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError

MAX_TEXT = 64  # characters of a layer name; dlib's longest here has 21
MAX_SKIPPED = 256 * 2**20  # bytes of a tensor that training left behind; a batch of the largest layer is less
TENSOR_VERSION = 2
ALIAS_VERSION = 1
_MAX_INTEGER_BYTES = 8
_EXPONENT_LIMIT = 2000  # dlib writes infinity and NaN as exponents of 32000 and more


class DlibStream:
    """A cursor over one serialised object; its methods raise ModelError naming file, byte and expectation."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._offset = 0

    def refuse(self, expected: str, found: object, at: int | None = None) -> Never:
        """Raise the ModelError of something that is not what it must be."""
        offset = self._offset if at is None else at
        raise ModelError(f"{self._name}: at byte {offset}: expected {expected}, found {found}")

    def integer(self, what: str, low: int = -(2**63), high: int = 2**63 - 1) -> int:
        """Return the next integer, which lies between `low` and `high`."""
        start = self._offset
        head = self._take(1, what)[0]
        count, negative = head & 0x0F, bool(head & 0x80)
        if not 1 <= count <= _MAX_INTEGER_BYTES or head & 0x70:
            self.refuse(f"{what} (an integer)", f"the byte 0x{head:02x}", start)
        value = int.from_bytes(self._take(count, what), "little")
        value = -value if negative else value
        if not low <= value <= high:
            wanted = f"{low}" if low == high else f"{low} to {high}"
            self.refuse(f"{what} = {wanted}", value, start)
        return value

    def number(self, what: str) -> float:
        """Return the next float, which is finite."""
        start = self._offset
        mantissa = self.integer(f"the mantissa of {what}")
        exponent = self.integer(f"the exponent of {what}")
        if abs(exponent) > _EXPONENT_LIMIT:
            self.refuse(f"{what} (a finite number)", f"exponent {exponent}", start)
        try:
            return math.ldexp(float(mantissa), exponent)
        except OverflowError:
            self.refuse(f"{what} (a finite number)", f"{mantissa}·2^{exponent}", start)

    def text(self, *allowed: str) -> str:
        """Return the next string, which is one of `allowed`."""
        start = self._offset
        wanted = " or ".join(repr(word) for word in allowed)
        length = self.integer(f"the length of {wanted}", 0, MAX_TEXT)
        found = self._take(length, wanted).decode("ascii", "backslashreplace")
        if found not in allowed:
            self.refuse(wanted, repr(found), start)
        return found

    def boolean(self, what: str) -> bool:
        """Return the next bool."""
        start = self._offset
        value = self._take(1, what)
        if value not in {b"0", b"1"}:
            self.refuse(f"{what} ('0' or '1')", repr(value)[1:], start)
        return value == b"1"

    def tensor(self, what: str, shape: tuple[int, int, int, int]) -> NDArray[np.float32]:
        """Return the next tensor, of exactly `shape` and all finite, as one flat array."""
        self._dimensions(what, shape)
        start = self._offset
        count = math.prod(shape)
        values = np.frombuffer(self._take(4 * count, what), dtype="<f4").astype(np.float32)
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            first = int(wrong[0])
            self.refuse(f"finite values in {what}", values[first], start + 4 * first)
        return values

    def skip_tensor(self, what: str) -> None:
        """Pass over a tensor of any shape: a state of training that recognition does not need."""
        start = self._offset
        self.integer(f"the version of {what}", TENSOR_VERSION, TENSOR_VERSION)
        left = 4
        for _ in range(4):
            left *= self.integer(f"a dimension of {what}", 0, MAX_SKIPPED)
        if left > MAX_SKIPPED:
            self.refuse(f"{what} of at most {MAX_SKIPPED} bytes", f"{left} bytes", start)
        while left:
            left -= len(self._take(min(left, 2**20), what))

    def alias(self, what: str, shape: tuple[int, int, int, int]) -> None:
        """Check the next alias tensor: a shape without values."""
        self.integer(f"the version of {what}", ALIAS_VERSION, ALIAS_VERSION)
        for size in shape:
            self.integer(f"a dimension of {what}", size, size)

    def end(self) -> None:
        """Check that nothing follows."""
        if self._stream.read(1):
            self.refuse("the end of the file", "more bytes")

    def _dimensions(self, what: str, shape: tuple[int, int, int, int]) -> None:
        self.integer(f"the version of {what}", TENSOR_VERSION, TENSOR_VERSION)
        for size in shape:
            self.integer(f"a dimension of {what}", size, size)

    def _take(self, count: int, what: str) -> bytes:
        taken = self._stream.read(count)
        if len(taken) != count:
            self.refuse(what, "the end of the file", self._offset + len(taken))
        self._offset += count
        return taken
