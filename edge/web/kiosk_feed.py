"""The stream of states to a screen beside the door."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from edge.domain.door_view import DoorView
from edge.domain.events import Event
from edge.domain.live_picture import Glance
from edge.errors import StoreError
from edge.web.kiosk_moment import ASKED, PIN, moment
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

    The id of each is the number of the last event that went into it; there is none until the journal could be
    read. `after` is the one that a screen which comes back had last: it is told what it missed of the last
    seconds. `gone` tells whether the screen has hung up, after which it ends soon.
    """
    yield f"retry: {RETRY}\n\n"
    screen = KioskScreen(words, parts.name_of)
    began = parts.clock.monotonic()
    seq: int | None = None
    told: dict[str, Any] = {}
    told_at = began
    while (now := parts.clock.monotonic()) - began < LONGEST and not gone():
        if seq is None:
            seq = _begun(parts, screen, after, now)
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
            number = f"id: {seq}\n" if seq is not None else ""
            yield f"{number}data: {json.dumps({**state, **clock}, ensure_ascii=False)}\n\n"
        seq = _take(parts, screen, seq)


def _begun(parts: KioskParts, screen: KioskScreen, after: int | None, now: float) -> int | None:
    """Return the number of the newest event, up to which the screen knows; None where none can be read."""
    try:
        last = parts.feed.last()
        if after is not None:
            recent = parts.feed.wait(after=max(last - LOOKED_AT, 0), timeout=0.0, limit=LOOKED_AT)
            _catch_up(parts, screen, after, [event for event in recent if event.seq <= last], now)
    except StoreError:
        return None
    return last


def _catch_up(
    parts: KioskParts, screen: KioskScreen, after: int, recent: Sequence[Event], now: float
) -> None:
    """Hand the last seconds to the screen: what it was showing goes on, what it missed is shown from now."""
    instant, door = parts.clock.now(), _door(parts)
    for event in recent:
        if event.boot_id != recent[-1].boot_id:
            continue  # its time is counted from another beginning
        age = (instant.monotonic_ns - event.monotonic_ns) / 1e9
        if event.seq > after and 0 <= age < MISSED:
            screen.happened(event, now)
        elif event.seq <= after and 0 <= age < ASKED:
            screen.happened(event, now - (ASKED if _given_up(event, door) else age))


def _given_up(event: Event, door: DoorView | None) -> bool:
    """Return whether an event asked for a PIN that nobody waits for: giving up leaves no event of its own."""
    found = moment(event)
    return found is not None and found.headline == PIN and (door is None or door.pin_for is None)


def _take(parts: KioskParts, screen: KioskScreen, seq: int | None) -> int | None:
    """Hand what happened meanwhile to the screen; where the journal cannot be read, nothing did."""
    if seq is None:
        time.sleep(TURN)
        return None
    try:
        events = parts.feed.wait(after=seq, timeout=TURN)
    except StoreError:
        time.sleep(TURN)
        return seq
    for event in events:
        screen.happened(event, parts.clock.monotonic())
        seq = event.seq
    return seq


def _glance(parts: KioskParts) -> Glance | None:
    return parts.live.glance()


def _door(parts: KioskParts) -> DoorView | None:
    return next(iter(parts.doors.status()), None)
