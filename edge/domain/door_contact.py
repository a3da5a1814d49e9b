"""What the door's own contact means: opened, closed, forced, and locked again as soon as it has closed."""

from dataclasses import replace

from edge.domain.door_state import DoorState, LockRules, Window
from edge.domain.events import EventType, NewEvent


def contact(
    state: DoorState, now: float, rules: LockRules, *, opened: bool
) -> tuple[DoorState, tuple[NewEvent, ...]]:
    """Return the state and the events after the contact reported; a repeated report changes nothing."""
    if opened == bool(state.opened):
        return replace(state, opened=opened), ()
    return _opened(state, now, rules) if opened else _closed(state, now, rules)


def _opened(state: DoorState, now: float, rules: LockRules) -> tuple[DoorState, tuple[NewEvent, ...]]:
    first = state.opened is None  # it stood open when the machine started: nobody has forced it now
    forced = not (first or state.unlocked or now - state.idle_since <= rules.grace)
    after = replace(state, opened=True, opened_at=now, free_since=now, forced=forced)
    data = {"door": rules.door} | ({"at_start": True} if first else {})
    return after, (NewEvent(EventType.DOOR_FORCED if forced else EventType.DOOR_OPENED, data=data),)


def _closed(state: DoorState, now: float, rules: LockRules) -> tuple[DoorState, tuple[NewEvent, ...]]:
    after = replace(state, opened=False, forced=False)
    if rules.relock:
        after = replace(after, pulse=_unused(state.pulse, state), exit=_unused(state.exit, state))
    seconds = round(now - state.opened_at, 1)
    return after, (NewEvent(EventType.DOOR_CLOSED, data={"door": rules.door, "seconds": seconds}),)


def _unused(window: Window | None, state: DoorState) -> Window | None:
    """Return a window that was asked for after the door had opened: it is for somebody who comes next."""
    return window if window is not None and window.asked > state.opened_at else None
