"""The child's side of the live picture: makes it while somebody looks, on a thread of its own."""

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edge.domain.face import Frame, Picture
from edge.domain.live_picture import FaceState
from edge.guard import start_thread
from edge.live import Watched
from edge.live_view_wire import MOST_FACES, MOST_JPEG, FaceBody, Head, LiveWireError, Wanted, pack, wanted

PERIOD = 0.2  # seconds between two pictures, however many look
SCREEN = 640  # pixels of a picture's longer side: enough for a page, and a seventh of the work of a full one
SEEN = 0.7  # seconds after which a face that was not found again is shown no more
READ_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Jpeg:
    """An encoded picture and its size in pixels."""

    data: bytes
    width: int
    height: int


Encode: TypeAlias = Callable[[Picture, int | None, int], Jpeg | None]
"""Takes an RGB picture, the longest side to shrink it to and the most bytes; None where it cannot be."""


@dataclass(frozen=True, slots=True)
class _Moment:
    frame: Frame
    at: float
    faces: tuple[FaceBody, ...]


class LiveViewSource:
    """Shows frames on `end`, the child's end of `live_view_wire.socket_pair`, while the parent wants them.

    `wants` and `show` are the camera loop's and never wait: while nobody looks the first one compares a
    number, and the thread sleeps. What the parent does not take at once is dropped.
    """

    def __init__(self, end: socket.socket, encode: Encode, clock: Callable[[], float]) -> None:
        self._end = end
        self._encode = encode
        self._clock = clock
        self._wanted = Wanted()
        self._until = 0.0
        self._next = 0.0
        self._still_done = 0
        self._news = threading.Condition()
        self._moment: _Moment | None = None

    def start(self) -> None:
        """Begin to listen for who looks."""
        start_thread("live picture", self._run)

    def wants(self, now: float) -> bool:
        """Return whether a frame at `now` should be shown."""
        return self._next <= now < self._until

    def show(self, frame: Frame, faces: Sequence[Watched], *, now: float, shift: float = 0.0) -> None:
        """Show a frame; `shift` seconds are added to its time."""
        self._next = now + PERIOD
        shown = tuple(_body(face) for face in faces if frame.at - face.seen <= SEEN)[:MOST_FACES]
        with self._news:
            self._moment = _Moment(frame, frame.at + shift, shown)
            self._news.notify()

    def _run(self) -> None:
        while self._listen(wait=True):
            while (now := self._clock()) < self._until:
                moment = self._take(min(self._until - now, PERIOD))
                self._listen(wait=False)
                if moment is not None:
                    self._send(moment)
        self._until = 0.0
        self._end.close()

    def _take(self, timeout: float) -> _Moment | None:
        with self._news:
            self._news.wait_for(lambda: self._moment is not None, timeout)
            moment, self._moment = self._moment, None
        return moment

    def _listen(self, *, wait: bool) -> bool:
        """Take what was asked last, the first request with `wait`; return whether there can be more."""
        try:
            self._end.setblocking(wait)
            while data := self._end.recv(READ_BYTES):
                self._ask(data)
                self._end.setblocking(False)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False  # the parent is gone

    def _ask(self, data: bytes) -> None:
        with contextlib.suppress(LiveWireError):
            self._wanted = wanted(data)
        if self._wanted.still != self._still_done:
            self._next = 0.0  # whoever enrols need not wait for the next picture
        self._until = max(self._wanted.faces, self._wanted.pictures)

    def _send(self, moment: _Moment) -> None:
        now, asked = self._clock(), self._wanted
        if asked.still != self._still_done:
            self._still_done = asked.still
            self._post(moment, "still", self._encode(moment.frame.picture, None, MOST_JPEG))
        elif now < asked.pictures:
            self._post(moment, "screen", self._encode(moment.frame.picture, SCREEN, MOST_JPEG))
        else:
            self._post(moment, "none", None)

    def _post(self, moment: _Moment, kind: str, jpeg: Jpeg | None) -> None:
        height, width = moment.frame.picture.shape[:2]
        head = Head(
            at=moment.at,
            width=width,
            height=height,
            faces=list(moment.faces),
            picture=kind if jpeg else "none",  # type: ignore[arg-type] # checked by the model
            shown=(jpeg.width, jpeg.height) if jpeg else None,
            still=self._still_done,
        )
        with contextlib.suppress(OSError):  # the parent is slow or gone; the next picture is newer anyway
            self._end.send(pack(head, jpeg.data if jpeg else b""))


def _body(face: Watched) -> FaceBody:
    state = FaceState.FOLLOWED
    if face.person_id is not None:
        state = FaceState.RECOGNISED
    elif face.decided:
        state = FaceState.NOT_RECOGNISED
    box = face.box
    return FaceBody(
        track=face.track,
        box=(float(box.left), float(box.top), float(box.width), float(box.height)),
        state=state.value,
        hint=face.hint.value if face.hint is not None else None,
        person_id=face.person_id,
    )
