"""What time does to a door: pulses end, holds are renewed, an open door is noticed."""

from dataclasses import replace

from edge.domain.door_input import Energise
from edge.domain.door_state import DoorState, Held, LockRules

RETRY = 5.0  # s after which a schedule's hold that could not be journaled is asked for again


def expire(state: DoorState, now: float) -> DoorState:
    """Return the state with every window closed that has ended by `now`; `idle_since` is the true end."""
    ends = [window.until for window in (state.pulse, state.exit) if window is not None]
    if not ends or min(ends) > now:
        return state
    left = replace(
        state,
        at=now,
        pulse=state.pulse if state.pulse is not None and state.pulse.until > now else None,
        exit=state.exit if state.exit is not None and state.exit.until > now else None,
    )
    if left.pulse is None and left.exit is None and not left.standing:
        left = replace(left, idle_since=max(ends))
    return left


def wanted(state: DoorState, now: float, rules: LockRules) -> Energise | None:
    """Return what the relay must have been told at `now`, None for idle."""
    if state.released:
        return Energise(None)
    ends = [window.until for window in (state.pulse, state.exit) if window is not None]
    if state.standing:
        told = None if state.relay is None else state.relay.until
        least, most = now + rules.lease / 2, now + rules.lease
        fresh = told is not None and least <= told <= most and told >= max(ends, default=told)
        return state.relay if fresh else Energise(max([most, *ends]))
    return Energise(max(ends)) if ends else None


def held(state: DoorState, now: float, rules: LockRules) -> Held:
    """Return how far an open door has come by `now`; one that was forced, or is held unlocked, has not."""
    if not state.opened or state.forced or state.standing:
        return Held.NO
    open_for = now - state.free_since
    if open_for >= rules.held:
        return Held.ALARM
    return Held.WARNED if open_for >= rules.held - rules.warning else Held.NO


def deadline(state: DoorState, rules: LockRules) -> float | None:
    """Return the monotonic second at which a Tick is due at the latest, None where nothing is."""
    due = [window.until for window in (state.pulse, state.exit) if window is not None]
    if state.standing and state.relay is not None and state.relay.until is not None:
        due.append(state.relay.until - rules.lease / 2)
    if state.opened and not state.forced and not state.standing:
        if state.held is Held.NO:
            due.append(state.free_since + rules.held - rules.warning)
        elif state.held is Held.WARNED:
            due.append(state.free_since + rules.held)
    if state.schedule_asked is not None:
        due.append(state.schedule_asked + RETRY)
    return min(due, default=None)
