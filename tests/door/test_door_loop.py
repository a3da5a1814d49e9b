"""A door in operation: real threads, a lock that notes what it is told, journals that work or hang."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.domain.door_input import (
    AdminUnlock,
    Cause,
    Committed,
    ExitRequested,
    FireInput,
    Hold,
    Input,
    LockNow,
    Pulse,
    Release,
    ScheduleWants,
)
from edge.domain.door_state import LockRules
from edge.domain.events import EventType, NewEvent
from edge.door_loop import DoorLoop
from edge.errors import DeviceError, DoorError, StoreError

RULES = LockRules(pulse=5.0, exit_pulse=5.0)


class Trace:
    """A lock and a journal that write into one list what happened, in its order."""

    def __init__(self) -> None:
        self.acts: list[str] = []
        self.events: list[NewEvent] = []
        self.broken = False
        self.moved = threading.Event()

    def energise(self, seconds: float | None) -> None:
        if self.broken:
            raise DeviceError("no such line")
        self.acts.append(f"energise {seconds if seconds is None else round(seconds)}")
        self.moved.set()

    def idle(self) -> None:
        self.acts.append("idle")

    def write(self, event: NewEvent) -> int | None:
        self.acts.append(str(event.type))
        self.events.append(event)
        return len(self.events)

    def refuse(self, event: NewEvent) -> int | None:
        del event
        raise StoreError("the disk is full")


@pytest.fixture
def trace() -> Trace:
    return Trace()


@pytest.fixture
def running() -> Iterator[Callable[[DoorLoop], DoorLoop]]:
    loops = []

    def run(loop: DoorLoop) -> DoorLoop:
        loop.start()
        loops.append(loop)
        return loop

    yield run
    for loop in loops:
        loop.stop()


Running = Callable[[DoorLoop], DoorLoop]


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.005)
    return holds()


def test_the_journal_comes_before_the_relay_for_what_software_decides(trace: Trace, running: Running) -> None:
    loop = running(DoorLoop(RULES, trace, trace.write, ClockSystem()))
    loop.post(AdminUnlock("admin", seconds=7))
    assert eventually(trace.moved.is_set)
    assert trace.acts[:3] == ["idle", "door.unlocked", "energise 7"]


def test_the_relay_comes_before_the_journal_for_exit_and_fire(trace: Trace, running: Running) -> None:
    loop = running(DoorLoop(RULES, trace, trace.write, ClockSystem()))
    loop.post(ExitRequested())
    loop.post(FireInput(active=True))
    assert eventually(lambda: len(trace.events) == 3)
    assert trace.acts[:2] == ["idle", "energise 5"]
    assert [event.type for event in trace.events] == ["exit.requested", "door.unlocked", "fire.started"]
    assert "energise None" in trace.acts
    assert all(event.at is not None for event in trace.events)


def test_the_exit_button_moves_the_relay_at_once_while_the_journal_hangs_for_ever(
    trace: Trace, running: Running
) -> None:
    hanging = threading.Event()

    def hang(event: NewEvent) -> int | None:
        del event
        hanging.wait()
        return None

    loop = running(DoorLoop(RULES, trace, hang, ClockSystem()))
    took = []
    for _ in range(100):
        loop.post(LockNow())
        trace.moved.clear()
        began = time.monotonic()
        assert loop.post(ExitRequested())
        assert trace.moved.wait(5)
        took.append(time.monotonic() - began)
        loop.post(FireInput(active=True))
        loop.post(FireInput(active=False))
        assert eventually(lambda: not loop.state.fire)
    hanging.set()
    assert max(took) < 0.2  # what the terminal promises of each press, not a figure of speed


@pytest.mark.parametrize("given", [AdminUnlock("admin", hold=True), ScheduleWants(unlocked=True)])
def test_without_a_row_software_unlocks_nothing_and_says_so(
    trace: Trace, running: Running, given: Input
) -> None:
    loop = running(DoorLoop(RULES, trace, trace.refuse, ClockSystem()))
    loop.post(given)
    with pytest.raises(DoorError, match="journal cannot be written"):
        loop.ask(Committed(Pulse(Cause.GRANT), None))
    with pytest.raises(DoorError, match="journal cannot be written"):
        loop.ask(AdminUnlock("admin"))
    assert set(trace.acts) == {"idle"}
    assert loop.journal_down
    assert loop.pending == ()


def test_a_commit_that_hangs_is_refused_and_a_row_that_comes_late_unlocks_nothing(
    trace: Trace, running: Running
) -> None:
    hanging = threading.Event()

    def late(event: NewEvent) -> int | None:
        hanging.wait()
        return trace.write(event)

    loop = running(DoorLoop(RULES, trace, late, ClockSystem()))
    with pytest.raises(DoorError, match="journal cannot be written"):
        loop.ask(AdminUnlock("admin"))
    hanging.set()
    assert eventually(lambda: len(trace.events) == 2)
    assert [event.type for event in trace.events] == [EventType.DOOR_UNLOCKED, EventType.DOOR_LOCKED]
    assert not trace.moved.is_set()


def test_a_lock_that_fails_is_driven_idle_and_opens_for_fire_once_it_works(
    trace: Trace, running: Running
) -> None:
    loop = running(DoorLoop(RULES, trace, trace.write, ClockSystem()))
    trace.broken = True
    loop.post(FireInput(active=True))
    assert eventually(lambda: trace.acts.count("idle") >= 3)
    assert not trace.moved.is_set()
    trace.broken = False
    assert eventually(trace.moved.is_set)


def test_stopping_ends_in_an_idle_lock_and_takes_nothing_more(trace: Trace) -> None:
    loop = DoorLoop(RULES, trace, trace.write, ClockSystem())
    loop.start()
    loop.post(FireInput(active=True))
    assert eventually(trace.moved.is_set)
    loop.stop()
    assert [act for act in trace.acts if act.startswith(("idle", "energise"))][-1] == "idle"
    assert not loop.post(ExitRequested())


def test_a_flood_of_inputs_leaves_room_for_exit_and_fire(trace: Trace) -> None:
    loop = DoorLoop(RULES, trace, trace.write, ClockSystem())  # not started: nothing is taken out
    while loop.post(ScheduleWants(unlocked=True)):
        pass
    assert loop.post(ExitRequested())
    assert loop.post(FireInput(active=True))


def test_whoever_asks_gets_the_door_as_it_stands_after_it(trace: Trace, running: Running) -> None:
    loop = running(DoorLoop(RULES, trace, trace.write, ClockSystem()))
    assert loop.ask(AdminUnlock("admin", seconds=7)).unlocked
    assert trace.acts == ["idle", "door.unlocked", "energise 7"]
    assert not loop.ask(LockNow("admin")).unlocked
    assert eventually(lambda: len(trace.events) == 3)
    assert [event.data.get("actor") for event in trace.events] == ["admin"] * 3


def test_a_refusal_and_a_lock_that_does_not_obey_are_told_to_whoever_asks(
    trace: Trace, running: Running
) -> None:
    loop = running(DoorLoop(RULES, trace, trace.write, ClockSystem()))
    with pytest.raises(DoorError, match="door: nobody holds the door unlocked"):
        loop.ask(Release(Cause.ADMIN, "admin"))
    trace.broken = True
    with pytest.raises(DoorError, match="door: the lock does not obey; see the log"):
        loop.ask(AdminUnlock("admin"))
    assert not loop.state.unlocked


def test_what_was_not_begun_when_nobody_waits_any_more_never_is(trace: Trace, running: Running) -> None:
    stuck = threading.Event()

    class Stuck(Trace):
        def energise(self, seconds: float | None) -> None:
            stuck.wait()
            super().energise(seconds)

    lock = Stuck()
    loop = running(DoorLoop(RULES, lock, trace.write, ClockSystem()))
    loop.post(ExitRequested())
    assert eventually(lambda: loop.begun is not None)
    with pytest.raises(DoorError, match="nothing was done"):
        loop.ask(AdminUnlock("admin"), timeout=0.05)
    loop.post(LockNow("last"))
    loop.post(Committed(Hold(Cause.EVACUATION), 1))
    stuck.set()
    assert eventually(lambda: Cause.EVACUATION in loop.state.holds)
    assert [event.data.get("actor") for event in trace.events if event.data.get("by") == "admin"] == []


def test_a_grant_that_reaches_the_door_after_seconds_is_not_carried_out(trace: Trace) -> None:
    clock = Stepped()
    loop = DoorLoop(RULES, trace, trace.write, clock)
    for late, moved in ((2.1, False), (1.9, True)):
        loop.post(Committed(Pulse(), 7))
        clock.ahead += late
        loop._turn(0)
        assert trace.moved.is_set() is moved


def test_a_grant_that_reaches_the_door_too_late_is_taken_back(trace: Trace) -> None:
    clock = Stepped()
    loop = DoorLoop(RULES, trace, trace.write, clock)
    denied = NewEvent(EventType.ACCESS_DENIED, "P1", {"reason": "lockdown", "door": "door"})
    forgiven = NewEvent(EventType.PASSBACK_FORGIVEN, "P1", {"why": "not opened"})
    loop.post(Committed(Pulse(otherwise=(denied, forgiven)), 7))
    clock.ahead += 2.1
    loop._turn(0)
    loop._journal.flush()
    assert not trace.moved.is_set()
    told = [(event.type, event.person, event.data) for event in trace.events]
    assert told[-2:] == [
        (EventType.ACCESS_DENIED, "P1", {"reason": "stale", "door": "door"}),
        (EventType.PASSBACK_FORGIVEN, "P1", {"why": "not opened"}),
    ]
    assert all(event.at is not None for event in trace.events)


def test_office_hours_of_which_nobody_speaks_any_more_are_over(trace: Trace) -> None:
    clock = Stepped()
    loop = DoorLoop(RULES, trace, trace.write, clock)
    loop.post(ScheduleWants(unlocked=True))
    loop._turn(0)
    loop._journal.flush()
    loop._turn(0)
    assert Cause.SCHEDULE in loop.state.holds
    clock.ahead += 29
    loop._turn(0)
    assert loop.state.unlocked
    clock.ahead += 2
    loop._turn(0)
    assert not loop.state.unlocked


class Stepped(ClockSystem):
    """The system's clock, ahead by as much as a test says."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


def test_where_the_site_opens_without_a_journal_the_event_follows_later(
    trace: Trace, running: Running
) -> None:
    rules = replace(RULES, open_unjournaled=True)
    works = threading.Event()
    loop = running(
        DoorLoop(rules, trace, lambda event: trace.write(event) if works.is_set() else None, ClockSystem())
    )
    assert loop.ask(AdminUnlock("admin")).unlocked
    assert [event.type for event in loop.pending] == [EventType.DOOR_UNLOCKED]
    works.set()
    assert eventually(lambda: len(trace.events) == 1)
    assert trace.events[0].at is not None
    assert not loop.journal_down


def test_where_the_site_opens_without_a_journal_one_that_hangs_holds_nobody_up_for_long(
    trace: Trace, running: Running
) -> None:
    rules = replace(RULES, open_unjournaled=True)
    hanging = threading.Event()

    def late(event: NewEvent) -> int | None:
        hanging.wait()
        return trace.write(event)

    loop = running(DoorLoop(rules, trace, late, ClockSystem()))
    assert loop.ask(AdminUnlock("admin")).unlocked
    hanging.set()
    assert eventually(lambda: len(trace.events) == 1)
    assert [event.type for event in trace.events] == [EventType.DOOR_UNLOCKED]


def test_stopping_tells_that_an_unlocked_door_is_locked(trace: Trace) -> None:
    loop = DoorLoop(RULES, trace, trace.write, ClockSystem())
    loop.start()
    loop.ask(AdminUnlock("admin"))
    loop.stop()
    assert [event.data.get("why") for event in trace.events] == [None, "stopped"]
    assert trace.acts[-2:] == ["idle", "door.locked"]
