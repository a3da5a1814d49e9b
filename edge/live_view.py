"""The parent's side of the live picture: asks for it while somebody looks, and shows it to all who do."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import TypeAlias, TypeVar

import structlog

from edge.domain.live_picture import Glance, LiveFace, LivePicture
from edge.errors import StoreError
from edge.guard import start_thread
from edge.live_view_wire import MOST, FaceBody, Head, LiveWireError, Wanted, socket_pair, unpack

log = structlog.get_logger("edge.live_view")

LEASE = 3.0  # seconds that one look keeps pictures coming
RENEWAL = 1.0  # seconds between two requests for the same; a restarted child hears of it as soon
FRESH = 2.0  # seconds after which what was seen is no longer shown
KNOWN = 5.0  # seconds a name that was looked up may be shown: a removed person's goes by then
NAMES = 64  # of which not more are kept

NameOf: TypeAlias = Callable[[str], str | None]
"""Takes a person's id; returns the name, None where nobody has it. Raises StoreError."""

Shown = TypeVar("Shown", Glance, LivePicture)


class LiveWindow:
    """Implements `ports.LiveView` over `live_view_wire.socket_pair`.

    The pair is made by `open` and outlives the children. `name_of` may ask the disk; it is called while a
    face is recognised, at most once in some seconds for each person.
    """

    def __init__(self, clock: Callable[[], float], name_of: NameOf) -> None:
        self._clock = clock
        self._name_of = name_of
        self._names: dict[str, tuple[str | None, float]] = {}
        self._ours: socket.socket | None = None
        self._theirs: socket.socket | None = None
        self._news = threading.Condition()
        self._wanted = Wanted()
        self._asked = 0.0
        self._number = 0
        self._glance: tuple[Glance, float] | None = None
        self._screen: tuple[LivePicture, float] | None = None
        self._still: tuple[LivePicture, int] | None = None
        self._doubted = False

    def open(self) -> int:
        """Make the sockets, listen, and return the number of the end that children inherit."""
        self._ours, self._theirs = socket_pair()
        start_thread("live picture", self._listen)
        return self._theirs.fileno()

    def close(self) -> None:
        """Listen no more; may be called twice."""
        for end in (self._ours, self._theirs):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)  # wakes the thread, as closing would not
                end.close()

    def glance(self, *, after: int = 0, timeout: float = 0.0) -> Glance | None:
        """Return the newest faces over `after`; see `ports.LiveView.glance`."""
        return self._wait(lambda: self._newer(self._glance, after), timeout, pictures=False)

    def picture(self, *, after: int = 0, timeout: float = 0.0) -> LivePicture | None:
        """Return the newest picture over `after`; see `ports.LiveView.picture`."""
        return self._wait(lambda: self._newer(self._screen, after), timeout, pictures=True)

    def still(self, *, timeout: float = 2.0) -> LivePicture | None:
        """Return the next frame in full size; see `ports.LiveView.still`."""
        with self._news:
            number = self._wanted.still + 1
            self._ask(pictures=False, still=number)

        def taken() -> LivePicture | None:
            found = self._still
            return found[0] if found is not None and found[1] >= number else None

        return self._wait(taken, timeout, pictures=False)

    def _wait(self, newest: Callable[[], Shown | None], timeout: float, *, pictures: bool) -> Shown | None:
        end = self._clock() + timeout
        with self._news:
            while True:
                self._ask(pictures=pictures)
                found = newest()
                rest = end - self._clock()
                if found is not None or rest <= 0:
                    return found
                self._news.wait(min(rest, RENEWAL))

    def _newer(self, kept: tuple[Shown, float] | None, after: int) -> Shown | None:
        if kept is None or self._clock() - kept[1] > FRESH or kept[0].number <= after:
            return None
        return kept[0]

    def _ask(self, *, pictures: bool, still: int | None = None) -> None:
        """Ask the child for more, where it does not know yet that somebody looks."""
        now = self._clock()
        known = self._wanted
        fresh = now - self._asked < RENEWAL and (known.pictures > now or not pictures)
        if fresh and still is None:
            return
        self._asked = now
        self._wanted = Wanted(
            faces=now + LEASE,
            pictures=now + LEASE if pictures else known.pictures,
            still=known.still if still is None else still,
        )
        if self._ours is not None:
            with contextlib.suppress(OSError):  # no child reads at present, or this is the end
                self._ours.send(self._wanted.model_dump_json().encode(), socket.MSG_DONTWAIT)

    def _listen(self) -> None:
        end = self._ours
        while end is not None:
            try:
                data = end.recv(MOST)
            except OSError:
                return
            if not data:  # shut down
                return
            try:
                self._take(*unpack(data))
            except LiveWireError as error:
                self._doubt(str(error))

    def _doubt(self, why: str) -> None:
        if not self._doubted:
            log.warning("vision sent a live picture that is none", reason=why)
        self._doubted = True

    def _take(self, head: Head, jpeg: bytes) -> None:
        faces = tuple(self._face(body) for body in head.faces)
        now = self._clock()
        with self._news:
            self._number += 1
            self._glance = Glance(self._number, head.at, head.width, head.height, faces), now
            if head.shown is not None:
                picture = LivePicture(self._number, head.at, *head.shown, jpeg)
                if head.picture == "still":
                    self._still = picture, head.still
                else:
                    self._screen = picture, now
            self._news.notify_all()

    def _face(self, body: FaceBody) -> LiveFace:
        box, state, hint = body.told()
        name = None if body.person_id is None else self._name(body.person_id)
        return LiveFace(body.track, box, state, hint, body.person_id, name)

    def _name(self, person_id: str) -> str | None:
        now = self._clock()
        known = self._names.get(person_id)
        if known is None or now - known[1] > KNOWN:
            if len(self._names) >= NAMES:
                self._names.clear()
            known = self._names[person_id] = self._ask_name(person_id), now
        return known[0]

    def _ask_name(self, person_id: str) -> str | None:
        try:
            return self._name_of(person_id)
        except StoreError:
            return None  # a face without a name is still worth showing
