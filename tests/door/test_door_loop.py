"""A door in operation: real threads, a lock that notes what it is told, journals that work or hang."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.domain.door_input import (
    AdminUnlock,
    Cause,
    Committed,
    ExitRequested,
    FireInput,
    Input,
    LockNow,
    Pulse,
    ScheduleWants,
)
from edge.domain.door_state import LockRules
from edge.domain.events import EventType, NewEvent
from edge.door_loop import DoorLoop
from edge.errors import DeviceError, StoreError

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
    told: list[str] = []
    loop = running(DoorLoop(RULES, trace, trace.refuse, ClockSystem(), refused=told.append))
    loop.post(given)
    loop.post(Committed(Pulse(Cause.GRANT), None))
    assert eventually(lambda: len(told) == 2)
    assert set(trace.acts) == {"idle"}


def test_a_commit_that_hangs_is_refused_and_a_row_that_comes_late_unlocks_nothing(
    trace: Trace, running: Running
) -> None:
    hanging = threading.Event()

    def late(event: NewEvent) -> int | None:
        hanging.wait()
        return trace.write(event)

    told: list[str] = []
    loop = running(DoorLoop(RULES, trace, late, ClockSystem(), refused=told.append))
    loop.post(AdminUnlock("admin"))
    assert eventually(lambda: bool(told))
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
