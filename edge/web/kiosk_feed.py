"""The stream of states to a screen beside the door."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from edge.domain.door_view import DoorView
from edge.domain.events import Event
from edge.domain.live_picture import Glance
from edge.errors import StoreError
from edge.web.kiosk_moment import ASKED
from edge.web.kiosk_parts import KioskParts
from edge.web.kiosk_screen import KioskScreen

LONGEST = 300.0  # s of one stream: whoever is not paired any more is gone by then
TURN = 0.2  # s
SIGN = 4.0  # s without news after which the same state is told again, as a sign of life
RETRY = 300  # ms until the screen comes back
MISSED = 5.0  # s for which a word is still worth saying to a screen that was away
LOOKED_AT = 100  # events of the last seconds; no door has more


def kiosk_feed(
    parts: KioskParts,
    words: Callable[[str], str],
    gone: Callable[[], bool] = lambda: False,
    after: int | None = None,
) -> Iterator[str]:
    """Yield server-sent events, each a whole state, whenever it changes, until the stream is old.

    The id of each is the number of the last event that went into it. `after` is the one that a screen which
    comes back had last: it is told what it missed of the last seconds. `gone` tells whether the screen has
    hung up, after which it ends soon.
    """
    yield f"retry: {RETRY}\n\n"
    screen = KioskScreen(words, parts.name_of)
    began = parts.clock.monotonic()
    seq = _last(parts)
    if after is not None:
        _catch_up(parts, screen, after, seq)
    told: dict[str, Any] = {}
    told_at = began
    while (now := parts.clock.monotonic()) - began < LONGEST and not gone():
        state = screen.state(
            now,
            glance=_glance(parts),
            door=_door(parts),
            camera=parts.camera(),
            held=parts.punch_keys.held if parts.punch_keys is not None else None,
        )
        if state != told or now - told_at >= SIGN:
            told, told_at = state, now
            clock = {"now": round(parts.clock.now().wall * 1000), "zone": parts.zone}
            yield f"id: {seq}\ndata: {json.dumps({**state, **clock}, ensure_ascii=False)}\n\n"
        seq = _take(parts, screen, seq)


def _catch_up(parts: KioskParts, screen: KioskScreen, after: int, last: int) -> None:
    """Hand the last seconds to the screen: what it was showing goes on, what it missed is shown from now."""
    now, instant = parts.clock.monotonic(), parts.clock.now()
    for event in _events(parts, max(last - LOOKED_AT, 0)):
        age = (instant.monotonic_ns - event.monotonic_ns) / 1e9
        missed = event.seq > after
        if event.seq <= last and 0 <= age < (MISSED if missed else ASKED):
            screen.happened(event, now if missed else now - age)


def _take(parts: KioskParts, screen: KioskScreen, seq: int) -> int:
    """Hand what happened meanwhile to the screen; where the journal cannot be read, nothing did."""
    try:
        events = parts.feed.wait(after=seq, timeout=TURN)
    except StoreError:
        time.sleep(TURN)
        return seq
    for event in events:
        screen.happened(event, parts.clock.monotonic())
        seq = event.seq
    return seq


def _events(parts: KioskParts, after: int) -> list[Event]:
    try:
        return parts.feed.wait(after=after, timeout=0.0, limit=LOOKED_AT)
    except StoreError:
        return []


def _last(parts: KioskParts) -> int:
    try:
        return parts.feed.last()
    except StoreError:
        return 0


def _glance(parts: KioskParts) -> Glance | None:
    return parts.live.glance()


def _door(parts: KioskParts) -> DoorView | None:
    return next(iter(parts.doors.status()), None)
