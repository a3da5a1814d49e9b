"""What may be asked of the doors from outside, in words: the port `DoorControl` over a site."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TypeVar

from edge.domain.door_input import (
    AdminUnlock,
    Cause,
    Committed,
    Hold,
    Input,
    Lockdown,
    LockNow,
    Release,
    Tick,
)
from edge.domain.door_state import LONGEST_PULSE, DoorState, phase
from edge.domain.door_view import DoorView, PinAnswer
from edge.domain.events import EventType, NewEvent
from edge.door_loop import ASKED
from edge.door_site import Door, DoorSite
from edge.errors import DoorError, EdgeError, NotFoundError
from edge.guard import guarded
from edge.ports import Clock

T = TypeVar("T")

LOOK, LOOKS = 0.02, 50  # s between two looks whether an event is journaled, and how many: a second in all
GRACE = 0.5  # s beyond its own deadline that a job of the doorkeeper is waited for
_NO_DOOR = "this terminal has no door; door.relay is none"
_STARTING = "the doors are starting; try again in a moment"
_STUCK = "the doorkeeper does not answer; the journal is slow or stuck"
_DEFECT = "it failed in a way that nobody foresaw; see the log"


class SiteControl:
    """The doors of a site for whoever may ask."""

    def __init__(self, site: DoorSite, clock: Clock) -> None:
        self._site = site
        self._clock = clock

    def status(self) -> tuple[DoorView, ...]:
        """Return every door as it stands."""
        return tuple(self._view(door) for door in self._site.doors)

    def unlock(
        self, *, actor: str, door: str | None = None, seconds: float | None = None, reason: str = ""
    ) -> str:
        """Unlock for a time."""
        asked = self._door(door)
        if seconds is not None and not 1 <= seconds <= LONGEST_PULSE:
            raise DoorError(f"{asked.name}: it unlocks for 1 to {LONGEST_PULSE:.0f} s, not {seconds:g}")
        asked.loop.ask(AdminUnlock(actor, seconds=seconds, reason=reason))
        return f"{asked.name}: unlocked for {seconds or asked.loop.rules.pulse:g} s"

    def lock(self, *, actor: str, door: str | None = None) -> str:
        """Lock, as far as software may; office hours that hold now are over until those of the next day."""
        asked = self._door(door)
        day: str | None = None
        with guarded("door hours"):  # whatever fails there, the door is locked
            day = asked.hours.close() if asked.hours is not None else None
        return _locked(asked.name, asked.loop.ask(LockNow(actor, day)))

    def hold(self, *, actor: str, door: str | None = None, reason: str = "") -> str:
        """Unlock until released or locked."""
        asked = self._door(door)
        asked.loop.ask(AdminUnlock(actor, hold=True, reason=reason))
        return f"{asked.name}: held unlocked until it is released or locked"

    def release(self, *, actor: str, door: str | None = None) -> str:
        """End a hold."""
        asked = self._door(door)
        return _locked(asked.name, asked.loop.ask(Release(Cause.ADMIN, actor)))

    def lockdown(self, on: bool, *, actor: str) -> str:
        """Begin the lockdown at once and journal it after, or end it once its end is journaled."""
        doors = self._doors()
        if on == all(door.loop.state.lockdown for door in doors):
            raise DoorError("the site is locked down already" if on else "the site is not locked down")
        if on:
            self._on_all(doors, Lockdown(active=True, actor=actor))
            doors[0].loop.record(_said(EventType.LOCKDOWN_STARTED, actor), self._clock.now())
            return "the site is locked down"
        ended, again = _said(EventType.LOCKDOWN_ENDED, actor), _said(EventType.LOCKDOWN_STARTED, actor)
        over = Lockdown(active=False, actor=actor)
        if _journaled(doors[0], EventType.LOCKDOWN_STARTED):
            self._first(ended, again, lambda _row: self._post_all(over))
        elif doors[0].loop.rules.open_unjournaled:
            doors[0].loop.record(ended, self._clock.now())  # behind its beginning, in the same ring
            self._post_all(over)
        else:
            raise DoorError("nothing was done; the lockdown's beginning is not journaled yet")
        if any(state.lockdown for state in self._on_all(doors, Tick())):
            raise DoorError("the end of the lockdown is journaled, and a door has not taken it; see the log")
        return "the lockdown is over"

    def evacuation(self, on: bool, *, actor: str) -> str:
        """Begin the evacuation once it is journaled, or end it at once and journal that after."""
        doors = self._doors()
        if on == all(Cause.EVACUATION in door.loop.state.holds for door in doors):
            raise DoorError("an evacuation goes on already" if on else "no evacuation goes on")
        started, ended = _said(EventType.EVACUATION_STARTED, actor), _said(EventType.EVACUATION_ENDED, actor)
        if not on:
            self._on_all(doors, Release(Cause.EVACUATION))
            doors[0].loop.record(ended, self._clock.now())
            return "the evacuation is over"
        _journaled(doors[0], EventType.EVACUATION_ENDED)  # nobody waits longer in a fire for the log's order
        self._first(started, ended, lambda row: self._post_all(Committed(Hold(Cause.EVACUATION), row)))
        if not all(state.unlocked for state in self._on_all(doors, Tick())):
            raise DoorError("the evacuation goes on, and a lock does not obey; see the log")
        return "all doors are open for the evacuation"

    def forgive(self, *, actor: str, person: str | None = None) -> str:
        """Forgive anti-passback once that is journaled."""
        self._first(_said(EventType.PASSBACK_FORGIVEN, actor, person), None, lambda _row: None)
        return "anti-passback is forgiven to " + ("everybody" if person is None else person)

    def enter_pin(self, digits: str, *, door: str | None = None) -> PinAnswer:
        """Decide by a PIN; a terminal without a door takes PINs as well."""
        if door is not None:
            self._door(door)
        by = self._clock.monotonic() + ASKED
        return self._on_keeper(lambda: self._site.keeper.enter_pin(digits, by))

    def cancel_pin(self, *, door: str | None = None) -> None:
        """Wait for nobody's PIN any more."""
        if door is not None:
            self._door(door)
        self._on_keeper(self._site.keeper.cancel_pin)

    def _doors(self) -> tuple[Door, ...]:
        if not self._site.doors:
            raise DoorError(_NO_DOOR)
        if not self._site.ready:
            raise DoorError(_STARTING)
        return self._site.doors

    def _door(self, name: str | None) -> Door:
        doors = {door.name: door for door in self._doors()}
        if name is None and len(doors) == 1:
            return self._site.doors[0]
        if name is None:
            raise DoorError(f"there are several doors; name one of {', '.join(doors)}")
        if name not in doors:
            raise NotFoundError(f'there is no door "{name}"; there is {", ".join(doors)}')
        return doors[name]

    def _on_all(self, doors: Sequence[Door], given: Input) -> list[DoorState]:
        """Tell every door, also where another does not answer, and return how they stand after it."""
        states, problems = [], []
        for door in doors:
            try:
                states.append(door.loop.ask(given))
            except DoorError as error:
                problems.append(str(error))
        if problems:
            raise DoorError("; ".join(problems))
        return states

    def _post_all(self, given: Input) -> None:
        stuck = [door.name for door in self._site.doors if not door.loop.post(given)]
        if stuck:
            raise DoorError(f"it is journaled, and {', '.join(stuck)} takes nothing; see the log")

    def _first(self, event: NewEvent, contrary: NewEvent | None, act: Callable[[int | None], None]) -> None:
        """Journal an event and then act on it, on the doorkeeper's thread."""
        self._doors()
        by = self._clock.monotonic() + ASKED
        self._on_keeper(lambda: act(self._site.keeper.journal_first(event, contrary, by)))

    def _on_keeper(self, work: Callable[[], T]) -> T:
        """Return what `work` returns on the doorkeeper's thread. Raises DoorError."""
        answer: Future[T] = Future()

        def job() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            with guarded("door control", lambda _: answer.set_exception(DoorError(_DEFECT))):
                try:
                    answer.set_result(work())
                except EdgeError as error:
                    answer.set_exception(error)

        if not self._site.jobs.post(job):
            raise DoorError(_STUCK)
        try:
            return answer.result(ASKED + GRACE)
        except TimeoutError:
            outcome = "nothing was done" if answer.cancel() else "look whether it was done"
            raise DoorError(f"{_STUCK}; {outcome}") from None

    def _view(self, door: Door) -> DoorView:
        state = door.loop.state
        until = None if state.relay is None else state.relay.until
        standing = state.standing or until is None
        first = self._site.doors[0] is door
        return DoorView(
            door=door.name,
            phase=phase(state),
            unlocked=state.unlocked,
            causes=state.causes if state.unlocked else (),
            seconds=None if standing or until is None else max(0.0, until - self._clock.monotonic()),
            contact=state.opened,
            forced=state.forced,
            held=state.held,
            fire=state.fire,
            tampered=state.tampered,
            lockdown=state.lockdown,
            evacuation=Cause.EVACUATION in state.holds,
            lock_type=door.lock_type,
            pin_for=self._site.keeper.pin_for if first else None,
            lost=door.loop.lost,
            trouble=tuple(_trouble(door)),
        )


def _journaled(door: Door, kind: EventType) -> bool:
    """Wait for a moment until no event of a kind waits in a door's ring; return whether none does.

    What is written directly would stand before it else, and a restart would read the two the wrong way round.
    """
    for _ in range(LOOKS):
        if all(event.type != kind for event in door.loop.pending):
            return True
        time.sleep(LOOK)
    return False


def _said(kind: EventType, actor: str, person: str | None = None) -> NewEvent:
    return NewEvent(kind, person, {"actor": actor})


def _locked(name: str, state: DoorState) -> str:
    if not state.unlocked:
        return f"{name}: locked"
    return f"{name}: no longer held, and still unlocked by {', '.join(state.causes)}"


def _trouble(door: Door) -> Iterator[str]:
    if door.loop.fails:
        yield f"{door.name}: the lock does not obey"
    if door.loop.journal_down:
        yield f"{door.name}: the journal takes no events, {len(door.loop.pending)} wait"
    if door.loop.lost:
        yield f"{door.name}: {door.loop.lost} events are lost"
    if door.inputs is not None:
        yield from (f"{door.name}: {signal} does not answer" for signal in door.inputs.silent)
    if door.hours is not None and door.hours.trouble is not None:
        yield f"{door.name}: {door.hours.trouble}"
