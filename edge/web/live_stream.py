"""The moment as server-sent events: the faces in view, and what is journaled, as it happens."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from edge.domain.events import Event
from edge.domain.live_picture import FaceState, Glance, LiveFace
from edge.errors import StoreError
from edge.ports import Clock, EventFeed, LiveView

LONGEST = (
    60.0  # seconds of one stream; the browser comes back by itself, and so the session is looked at anew
)
TURN = 0.25  # seconds between two looks at the journal while pictures come
QUIET = 5.0  # seconds without news after which a sign of life is sent, which keeps the connection open
RETRY = 300  # milliseconds until the browser comes back

Words: TypeAlias = Callable[[str], str]
Happened: TypeAlias = Callable[[Event], Mapping[str, Any] | None]
"""Takes an event; returns what the page is told of it, None for what this viewer is not told."""

STATES = {
    FaceState.FOLLOWED: "warn",
    FaceState.RECOGNISED: "ok",
    FaceState.NOT_RECOGNISED: "bad",
}


class LiveStream:
    """Tells one viewer, for LONGEST seconds, what is behind event number `after`; in the viewer's thread.

    With `pictures` the live picture is kept coming as well: each number told is there to be fetched.
    `gone` tells whether the viewer has hung up.
    """

    def __init__(
        self,
        *,
        live: LiveView | None,
        feed: EventFeed | None,
        clock: Clock,
        words: Words,
        happened: Happened,
        after: int,
        pictures: bool = True,
        gone: Callable[[], bool] = lambda: False,
    ) -> None:
        self._live = live
        self._feed = feed
        self._clock = clock
        self._words = words
        self._happened = happened
        self._after = after
        self._pictures = pictures
        self._gone = gone
        self._number = 0

    def run(self) -> Iterator[str]:
        """Yield server-sent events; end soon after the viewer has gone."""
        began = said = self._clock.monotonic()
        yield f"retry: {RETRY}\n\n"
        while (now := self._clock.monotonic()) - began < LONGEST and not self._gone():
            told = [*self._look(), *self._events()]
            yield from told
            if told:
                said = now
            elif now - said > QUIET:
                said = now
                yield ": still here\n\n"

    def _look(self) -> Iterator[str]:
        if self._live is None:
            return
        if self._pictures:
            picture = self._live.picture(after=self._number, timeout=TURN)
            glance = self._live.glance(after=picture.number - 1) if picture is not None else None
        else:
            glance = self._live.glance(after=self._number, timeout=TURN)
        if glance is not None:
            self._number = glance.number
            yield _event("look", look_body(glance, self._words))

    def _events(self) -> Iterator[str]:
        """Where the journal cannot be read the page says so by its health; the picture goes on."""
        if self._feed is None:
            return
        try:
            events = self._feed.wait(after=self._after, timeout=0.0 if self._live is not None else TURN)
        except StoreError:
            return
        for event in events:
            self._after = event.seq
            body = self._happened(event)
            if body is not None:
                yield _event("happened", body, number=event.seq)


def look_body(glance: Glance, words: Words) -> dict[str, Any]:
    """Return what a page draws over the picture, in the words of its language."""
    return {
        "number": glance.number,
        "width": glance.width,
        "height": glance.height,
        "faces": [_face(face, words) for face in glance.faces],
    }


def _face(face: LiveFace, words: Words) -> dict[str, Any]:
    box = face.box
    good = face.hint is None and face.state is FaceState.FOLLOWED
    return {
        "track": face.track,
        "box": [round(side, 1) for side in (box.left, box.top, box.width, box.height)],
        "kind": STATES[face.state],
        "hint": face.hint.value if face.hint is not None else None,
        "good": good or face.state is not FaceState.FOLLOWED,
        "text": _text(face, words),
    }


def _text(face: LiveFace, words: Words) -> str:
    match face.state:
        case FaceState.RECOGNISED:
            return face.name or words("Recognised")
        case FaceState.NOT_RECOGNISED:
            return words("Not recognised")
        case FaceState.FOLLOWED:
            text = words(face.sentence) if face.sentence else words("Hold still for a moment")
            return text[:1].upper() + text[1:]


def _event(name: str, body: Mapping[str, Any], number: int | None = None) -> str:
    head = f"event: {name}\n" if number is None else f"event: {name}\nid: {number}\n"
    return f"{head}data: {json.dumps(body, ensure_ascii=False)}\n\n"
