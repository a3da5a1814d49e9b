"""Cuts a stream of JPEG pictures apart, whatever stands between them."""

import re
from enum import Enum, auto

MAX_BYTES = 8 * 1024 * 1024  # of one picture; more is a stream that lost its way
MAX_PIXELS = 3840 * 2160

START = b"\xff\xd8\xff"
# Markers of ITU-T T.81, table B.1. Those of SIZED are followed by the picture's height and width, those of
# BARE by no length.
MARK, STUFFED, AGAIN, END, SCAN = 0xFF, 0x00, 0xD8, 0xD9, 0xDA
SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BARE = frozenset({0x01, *range(0xD0, 0xD8)})
# What ends coded data: a marker that is neither a stuffed zero, nor a restart, nor a fill byte.
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class _Step(Enum):
    ON = auto()
    WAIT = auto()  # for more data
    END = auto()  # of a picture
    BROKEN = auto()


class JpegStream:
    """Takes bytes as they come and gives whole pictures.

    The segments of a picture are followed by their lengths, so that a preview inside of one does not end it.
    What is broken, longer than `max_bytes` or larger than `max_pixels` is dropped and counted in `lost`.
    """

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> None:
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._buffer = bytearray()
        self._at = 0  # where in the buffer to read on; 0 outside of a picture
        self._in_scan = False
        self.lost = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the pictures that `data` completes."""
        self._buffer += data
        pictures: list[bytes] = []
        while (step := self._step()) is not _Step.WAIT:
            if step is _Step.END:
                pictures.append(bytes(self._buffer[: self._at]))
                self._drop(self._at)
            elif step is _Step.BROKEN:
                self.lost += 1
                again = self._buffer[self._at : self._at + 2] == START[:2]
                self._drop(self._at if again else 2)
        return pictures

    def _step(self) -> _Step:
        if not self._at:
            return self._find_start()
        if self._at > self._max_bytes:
            return _Step.BROKEN
        if self._in_scan:
            return self._pass_scan()
        if len(self._buffer) < self._at + 2:
            return _Step.WAIT
        return self._pass_marker()

    def _find_start(self) -> _Step:
        start = self._buffer.find(START)
        if start < 0:
            self._drop(max(len(self._buffer) - len(START) + 1, 0))
            return _Step.WAIT
        self._drop(start)
        self._at, self._in_scan = 2, False
        return _Step.ON

    def _pass_scan(self) -> _Step:
        marker = AFTER_SCAN.search(self._buffer, self._at)
        if marker is None:
            self._at = max(self._at, len(self._buffer) - 1)
            return _Step.BROKEN if self._at > self._max_bytes else _Step.WAIT
        self._at, self._in_scan = marker.start(), False
        return _Step.ON

    def _pass_marker(self) -> _Step:
        if self._buffer[self._at] != MARK:
            return _Step.BROKEN
        marker = self._buffer[self._at + 1]
        if marker in {STUFFED, AGAIN}:
            return _Step.BROKEN
        if marker == END:
            self._at += 2
            return _Step.END
        if marker == MARK or marker in BARE:
            self._at += 1 if marker == MARK else 2
            return _Step.ON
        return self._pass_segment(marker)

    def _pass_segment(self, marker: int) -> _Step:
        head = self._buffer[self._at + 2 : self._at + 9]
        length = int.from_bytes(head[:2])
        if len(head) < 7:  # noqa: PLR2004 - length, precision, height, width
            return _Step.WAIT
        if length < 2:  # noqa: PLR2004 - the length counts its own two bytes
            return _Step.BROKEN
        if marker in SIZED:
            pixels = int.from_bytes(head[3:5]) * int.from_bytes(head[5:7])
            if not 0 < pixels <= self._max_pixels:
                return _Step.BROKEN
        self._at += 2 + length
        self._in_scan = marker == SCAN
        return _Step.ON

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._at = 0
