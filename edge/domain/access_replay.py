"""The policy's memory after a restart, from the journal."""

from collections.abc import Iterable
from datetime import datetime

from edge.domain.access_state import EMPTY, AccessState, apply
from edge.domain.events import Event, Instant


def restore(
    events: Iterable[Event], *, boot_id: str, now: Instant, state: AccessState = EMPTY
) -> AccessState:
    """Return the state after `state` and then `events`, in the order of the journal.

    `boot_id` and `now` are the present ones. An event of an earlier boot is dated on this boot's monotonic
    clock: by the wall clock where it was trusted then and is now, else at the moment of this boot, so that
    waits are too long, if anything.
    """
    for event in events:
        state = apply(state, event.type, event.person, event.data, _moment(event, boot_id, now))
    return state


def _moment(event: Event, boot_id: str, now: Instant) -> Instant:
    wall = datetime.fromisoformat(event.time).timestamp()
    if event.boot_id == boot_id:
        return Instant(wall, event.monotonic_ns, event.clock_trusted)
    if not (event.clock_trusted and now.trusted):
        return Instant(wall, 0, event.clock_trusted)
    ago = round((now.wall - wall) * 1e9)
    return Instant(wall, min(now.monotonic_ns - ago, 0), trusted=True)
