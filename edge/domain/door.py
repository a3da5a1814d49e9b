"""The door: a pure machine. `step` takes what happened and when, and returns what to do, in order.

What software decides (grant, admin, schedule, evacuation) reaches the relay only as a `Committed` act, which
carries the number of its journal row. The exit button and the fire input act at once; their records follow.
A fire or an evacuation outranks a lockdown, and a lockdown outranks everything but them, the exit button and
grants to those whom the policy lets through it.
"""

from dataclasses import dataclass, replace
from typing import Any

from edge.domain.door_contact import contact
from edge.domain.door_input import (
    Act,
    AdminUnlock,
    Cause,
    Commit,
    Committed,
    ContactInput,
    Effect,
    ExitRequested,
    FireInput,
    Hold,
    Idle,
    Input,
    Lockdown,
    LockNow,
    Pulse,
    Record,
    Refuse,
    Release,
    ScheduleWants,
    TamperInput,
)
from edge.domain.door_state import DoorState, Held, LockRules, Window
from edge.domain.door_timing import RETRY, expire, held, wanted
from edge.domain.events import EventType, NewEvent

_LOCKED_DOWN = "the site is locked down; end the lockdown first"
_NOT_HELD = "nobody holds the door unlocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What an input makes of a state: events that have happened, what is asked for, and why it locks if so.

    `actor` is who locks, where somebody does; `told` says that a journal row tells of the unlocking already.
    """

    state: DoorState
    events: tuple[NewEvent, ...] = ()
    asks: tuple[Effect, ...] = ()
    why: str = "time"
    actor: str = ""
    told: bool = False


def step(state: DoorState, given: Input, at: float, rules: LockRules) -> tuple[DoorState, tuple[Effect, ...]]:
    """Return the door's state after `given` at monotonic second `at`, and the effects in their order.

    Time that seems to go back counts as standing still. What has ended by `at` ends before the input counts.
    """
    now = max(at, state.at)
    aged, first = _settle(state, _Change(state=expire(state, now)), now, rules, aging=True)
    after, second = _settle(aged, _take(aged, given, now, rules), now, rules)
    return after, first + second


def _settle(
    before: DoorState, change: _Change, now: float, rules: LockRules, *, aging: bool = False
) -> tuple[DoorState, tuple[Effect, ...]]:
    """Bring relay and alarms in line with a changed state: first the relay, then records, then asking."""
    after = replace(change.state, at=now)
    if before.standing and not after.standing:
        after = replace(after, free_since=max(after.free_since, now))
    relay = wanted(after, now, rules)
    if aging and relay is not None:
        relay = after.relay  # age alone never energises: the input that comes with it may be what ends a hold
    effects: list[Effect] = []
    events = list(change.events)
    if relay != after.relay:
        effects.append(Idle() if relay is None else relay)
    if relay is None and before.unlocked:
        after = replace(after, idle_since=after.idle_since if after.idle_since > before.idle_since else now)
        events.append(_event(EventType.DOOR_LOCKED, rules, why=change.why, **_who(change.actor)))
    elif relay is not None and not before.unlocked and not change.told:
        events.append(_event(EventType.DOOR_UNLOCKED, rules, by=str(after.causes[0])))
    stage = held(after, now, rules)
    if stage is not after.held and stage is not Held.NO:
        events.append(_event(EventType.DOOR_HELD, rules, stage=str(stage)))
    effects += [Record(event) for event in events]
    return replace(after, relay=relay, held=stage), (*effects, *change.asks)


def _take(state: DoorState, given: Input, now: float, rules: LockRules) -> _Change:
    match given:
        case Committed():
            return _committed(state, given, now, rules)
        case ExitRequested():
            return _exit(state, now, rules)
        case FireInput(active):
            return _flag(state, rules, "fire", (EventType.FIRE_STARTED, EventType.FIRE_ENDED), active=active)
        case TamperInput(active):
            kinds = (EventType.DOOR_TAMPERED, EventType.DOOR_TAMPER_ENDED)
            return _flag(state, rules, "tampered", kinds, active=active)
        case ContactInput(opened):
            after, events = contact(state, now, rules, opened=opened)
            return _Change(state=after, events=events, why="closed")
        case _:
            return _wish(state, given, now, rules)


def _wish(state: DoorState, given: Input, now: float, rules: LockRules) -> _Change:
    match given:
        case AdminUnlock():
            return _admin(state, given, rules)
        case ScheduleWants(unlocked):
            return _schedule(state, now, rules, unlocked=unlocked)
        case Release():
            return _release(state, given, rules)
        case LockNow():
            return _lock(state, given, rules)
        case Lockdown():
            return _lockdown(state, given, now, rules)
        case _:
            return _ask_again(state, now, rules)


def _committed(state: DoorState, given: Committed, now: float, rules: LockRules) -> _Change:
    act = given.act
    if given.row is None and not rules.open_unjournaled:
        return _Change(state=state, asks=(Refuse("the journal cannot be written, so nothing is unlocked"),))
    unwanted = state.schedule_ended or not state.schedule_wanted
    ended = isinstance(act, Hold) and act.cause is Cause.SCHEDULE and unwanted
    if ended or (state.lockdown and not _passes_lockdown(act)):
        # The row says unlocked; what made it so has ended since, and the log must say so as well.
        again: tuple[NewEvent, ...] = (
            _event(EventType.DOOR_LOCKED, rules, why="schedule" if ended else "lockdown"),
        )
        if isinstance(act, Pulse) and act.cause is Cause.GRANT:
            again = act.otherwise
        return _Change(state=state, events=again, asks=() if ended else (Refuse(_LOCKED_DOWN),))
    if isinstance(act, Hold):
        asked = None if act.cause is Cause.SCHEDULE else state.schedule_asked
        after = replace(state, holds=state.holds | {act.cause}, schedule_asked=asked)
        return _Change(state=after, told=True)
    window = _window(state.pulse, act, now, rules)
    after = replace(state, pulse=window, free_since=now if state.opened else state.free_since)
    return _Change(state=after, told=act.cause is not Cause.GRANT)


def _passes_lockdown(act: Act) -> bool:
    if isinstance(act, Pulse):
        return act.cause is Cause.GRANT and act.through_lockdown
    return act.cause is Cause.EVACUATION


def _window(window: Window | None, act: Pulse, now: float, rules: LockRules) -> Window:
    """Return the window of grants, extended by one more up to the cap after its first."""
    seconds = act.seconds if act.seconds is not None and act.seconds > 0 else rules.pulse
    since, until = (now, now) if window is None else (window.since, window.until)
    return Window(since, min(max(until, now + seconds), since + rules.longest), now)


def _exit(state: DoorState, now: float, rules: LockRules) -> _Change:
    """The exit button has no cap: whoever wants out gets the whole time."""
    since = now if state.exit is None else state.exit.since
    after = replace(
        state,
        exit=Window(since, now + rules.exit_pulse, now),
        free_since=now if state.opened else state.free_since,
    )
    return _Change(state=after, events=(_event(EventType.EXIT_REQUESTED, rules),))


def _flag(
    state: DoorState, rules: LockRules, name: str, kinds: tuple[EventType, EventType], *, active: bool
) -> _Change:
    if getattr(state, name) == active:
        return _Change(state=state)
    fields: dict[str, Any] = {name: active}
    event = _event(kinds[0] if active else kinds[1], rules)
    return _Change(state=replace(state, **fields), events=(event,), why=name)


def _admin(state: DoorState, given: AdminUnlock, rules: LockRules) -> _Change:
    if state.lockdown:
        return _Change(state=state, asks=(Refuse(_LOCKED_DOWN),))
    act = Hold(Cause.ADMIN) if given.hold else Pulse(Cause.ADMIN, given.seconds)
    said = {"reason": given.reason} if given.reason else {}
    event = _event(
        EventType.DOOR_UNLOCKED, rules, by=str(Cause.ADMIN), actor=given.actor, hold=given.hold, **said
    )
    return _Change(state=state, asks=(Commit(event, act),))


def _release(state: DoorState, given: Release, rules: LockRules) -> _Change:
    """End a hold; one that somebody ends is told, also where something else keeps the door unlocked."""
    if given.cause not in state.holds:
        return _Change(state=state, asks=(Refuse(_NOT_HELD),) if given.actor else ())
    after = replace(state, holds=state.holds - {given.cause})
    why = "released" if given.cause is Cause.ADMIN else str(given.cause)
    return _Change(state=after, events=_released(given.actor, rules), why=why, actor=given.actor)


def _lock(state: DoorState, given: LockNow, rules: LockRules) -> _Change:
    """End what software had unlocked and the hours that want it; hours that end are told in any case."""
    after = replace(_shut(state), schedule_ended=state.schedule_wanted)
    told = given.hours is not None or after != replace(state, schedule_asked=None)
    return _Change(
        state=after,
        events=_released(given.actor, rules, given.hours) if told else (),
        why=str(Cause.ADMIN),
        actor=given.actor,
    )


def _released(actor: str, rules: LockRules, hours: str | None = None) -> tuple[NewEvent, ...]:
    ended = {"hours": hours} if hours else {}
    return (_event(EventType.DOOR_RELEASED, rules, actor=actor, **ended),) if actor else ()


def _schedule(state: DoorState, now: float, rules: LockRules, *, unlocked: bool) -> _Change:
    if not unlocked:
        after = replace(
            state,
            schedule_wanted=False,
            schedule_asked=None,
            schedule_ended=False,
            holds=state.holds - {Cause.SCHEDULE},
        )
        return _Change(state=after, why=str(Cause.SCHEDULE))
    if state.schedule_wanted:
        return _ask_again(state, now, rules)
    return _ask(replace(state, schedule_wanted=True), now, rules)


def _ask(state: DoorState, now: float, rules: LockRules) -> _Change:
    unwanted = state.schedule_ended or not state.schedule_wanted
    if state.lockdown or unwanted or Cause.SCHEDULE in state.holds:
        return _Change(state=state)
    event = _event(EventType.DOOR_UNLOCKED, rules, by=str(Cause.SCHEDULE))
    return _Change(state=replace(state, schedule_asked=now), asks=(Commit(event, Hold(Cause.SCHEDULE)),))


def _ask_again(state: DoorState, now: float, rules: LockRules) -> _Change:
    due = state.schedule_asked is not None and now - state.schedule_asked >= RETRY
    return _ask(state, now, rules) if due else _Change(state=state)


def _lockdown(state: DoorState, given: Lockdown, now: float, rules: LockRules) -> _Change:
    if given.active == state.lockdown:
        return _Change(state=state)
    if given.active:
        return _Change(state=replace(_shut(state), lockdown=True), why="lockdown", actor=given.actor)
    return _ask(replace(state, lockdown=False), now, rules)


def _shut(state: DoorState) -> DoorState:
    """End what software had unlocked; whoever pressed the exit button may still leave."""
    return replace(state, pulse=None, holds=state.holds & {Cause.EVACUATION}, schedule_asked=None)


def _who(actor: str) -> dict[str, str]:
    return {"actor": actor} if actor else {}


def _event(kind: EventType, rules: LockRules, **data: object) -> NewEvent:
    return NewEvent(kind, data={"door": rules.door, **data})
