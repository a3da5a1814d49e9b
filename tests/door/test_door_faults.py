"""Ten thousand injected exceptions: whatever fails, the lock moves for nobody without a licence.

A judge that shares no code with the machine keeps the licences: a row that was written for what is asked, a
press of the exit button, an active fire input.
"""

import random
from collections.abc import Iterator

import pytest
import structlog

from edge.domain.door_input import (
    AdminUnlock,
    Cause,
    Committed,
    ContactInput,
    ExitRequested,
    FireInput,
    Input,
    Lockdown,
    LockNow,
    Pulse,
    Release,
    ScheduleWants,
    Tick,
)
from edge.domain.door_state import LockRules
from edge.domain.events import EventType, Instant, NewEvent
from edge.door_acts import DoorActs
from edge.door_journal import Answer, DoorJournal
from edge.errors import DeviceError, StoreError

FAULTS = 10_000
RULES = LockRules(pulse=5.0, exit_pulse=5.0, longest=5.0)
ERRORS = (DeviceError("no line"), StoreError("no disk"), RuntimeError("a defect"), ZeroDivisionError("/"))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep ten thousand tracebacks out of the report, and out of the time it takes."""

    def drop(_logger: object, _method: str, _event: object) -> str:
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[drop], cache_logger_on_first_use=False)
    yield
    structlog.configure(**before)


class Site:
    """Lock, journal and clock that fail by chance, and the judge that watches the lock."""

    def __init__(self, seed: int, chance: float) -> None:
        self.chance_of = random.Random(seed)  # noqa: S311 - a course of events to repeat, no secret
        self.chance = chance
        self.at = 100.0
        self.faults = 0
        self.moves = 0
        self.energised = False
        self.ends = float("inf")
        self.fire = False
        self.lockdown = False
        self.licences: list[tuple[Cause, float]] = []  # until when, by what
        self.offences: list[str] = []
        self.answers: list[Answer] = []
        self.journal = DoorJournal(self.write, self.answers.append, ring=20)
        self.acts = DoorActs(rules=RULES, lock=self, journal=self.journal, clock=self)

    def may_fail(self) -> None:
        if self.chance_of.random() < self.chance:
            self.faults += 1
            raise self.chance_of.choice(ERRORS)

    # --- clock

    def monotonic(self) -> float:
        self.may_fail()
        return self.at

    def now(self) -> Instant:
        self.may_fail()
        return Instant(1.8e9, int(self.at * 1e9), trusted=True)

    # --- journal

    def write(self, event: NewEvent) -> int | None:
        self.may_fail()
        if self.chance_of.random() < self.chance:
            return None
        by = event.data.get("by")
        if event.type is EventType.DOOR_UNLOCKED and by in ("admin", "schedule"):
            held = by == "schedule" or event.data["hold"]
            self.licences.append((Cause(by), float("inf") if held else self.at + RULES.pulse))
        return 1

    # --- lock

    def energise(self, seconds: float | None) -> None:
        if self.chance_of.random() < 0.5:  # it may fail before it moves, or after
            self.may_fail()
        self.moves += 1
        self.energised = True
        self.ends = float("inf") if seconds is None else self.at + seconds
        if not self.licensed():
            self.offences.append(f"energised for {seconds} at {self.at} without a licence")
        self.may_fail()

    def idle(self) -> None:
        if self.chance_of.random() < 0.5:
            self.may_fail()
        self.energised = False
        self.may_fail()

    def licensed(self) -> bool:
        return self.fire or any(until >= self.at for _, until in self.licences)

    # --- what happens

    def give(self, given: Input) -> None:
        match given:
            case ExitRequested():
                self.licences.append((Cause.EXIT, self.at + RULES.exit_pulse))
            case FireInput(active):
                self.fire = active
            case Committed(Pulse(through_lockdown=passes) as act, row) if row is not None:
                if passes or not self.lockdown:
                    self.licences.append((act.cause, self.at + RULES.pulse))
        self.acts.take(given)
        match given:  # what ends a licence ends it once the machine has been told
            case LockNow():
                self.revoke()
            case Lockdown(active):
                if active and not self.lockdown:  # grants within a lockdown are for those who may pass it
                    self.revoke()
                self.lockdown = active
            case Release(cause):
                self.end(cause)
            case ScheduleWants(False):
                self.end(Cause.SCHEDULE)

    def revoke(self) -> None:
        self.licences = [one for one in self.licences if one[0] is Cause.EXIT]

    def end(self, cause: Cause) -> None:
        self.licences = [one for one in self.licences if one[0] is not cause or one[1] != float("inf")]

    def pass_time(self) -> None:
        self.at += self.chance_of.choice([0.0, 0.01, 0.5, 3.0, 20.0])
        if self.at >= self.ends:
            self.energised = False  # the lock's own end
        self.licences = [one for one in self.licences if one[1] >= self.at]

    def turn(self) -> None:
        self.pass_time()
        self.give(self.chance_of.choice(INPUTS))
        if self.chance_of.random() < 0.7:
            self.journal.flush()
        while self.answers:
            self.acts.answered(self.answers.pop(0))


INPUTS: list[Input] = [
    *[Tick()] * 6,
    ExitRequested(),
    FireInput(active=True),
    *[FireInput(active=False)] * 4,
    ContactInput(opened=True),
    ContactInput(opened=False),
    AdminUnlock("admin"),
    AdminUnlock("admin", hold=True),
    ScheduleWants(unlocked=True),
    *[ScheduleWants(unlocked=False)] * 2,
    Release(Cause.ADMIN),
    LockNow(),
    Lockdown(active=True),
    *[Lockdown(active=False)] * 3,
    Committed(Pulse(Cause.GRANT), 7),
    Committed(Pulse(Cause.GRANT, through_lockdown=True), 7),
    *[Committed(Pulse(Cause.GRANT), None)] * 3,
]


def test_ten_thousand_exceptions_move_the_lock_for_nobody_without_a_licence() -> None:
    faults = moves = courses = 0
    while faults < FAULTS:
        site = Site(courses, chance=(0.02, 0.1, 0.3)[courses % 3])
        for _ in range(300):
            site.turn()
            assert site.offences == [], f"course {courses}"
        faults += site.faults
        moves += site.moves
        courses += 1
    assert moves > FAULTS / 100  # a lock that never moves would pass as well


def test_once_nothing_fails_any_more_the_lock_is_as_the_licences_say() -> None:
    for course in range(60):
        site = Site(course, chance=0.3)
        for _ in range(100):
            site.turn()
        site.chance = 0.0
        for given in (Lockdown(active=False), ScheduleWants(unlocked=False), Release(Cause.ADMIN)):
            site.give(given)
        for active in (True, False):
            site.give(FireInput(active))
            for _ in range(8):
                site.at += 10
                site.give(Tick())
                site.journal.flush()
                site.answers.clear()
            assert site.energised is active, f"course {course}"
