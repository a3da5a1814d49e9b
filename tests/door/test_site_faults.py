"""Ten thousand injected exceptions over the wired site: nobody gets in without full proof, whatever fails.

Doorkeeper, loop, journal threads, office hours, contacts and lamps are those of the daemon, turned by hand in
one thread so that each course can be repeated. Every call of every collaborator may fail, with an error that
was foreseen or one that was not. A judge that shares no code with them holds the licences: a durable row that
was deserved, a press of the exit button, an active fire alarm.
"""

import contextlib
import os
import queue
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from edge.bootstrap.door_site import SiteParts, assemble
from edge.domain.access import AccessRules
from edge.domain.access_group import Group
from edge.domain.door_input import (
    AdminUnlock,
    Cause,
    Committed,
    ExitRequested,
    FireInput,
    Hold,
    Input,
    Lockdown,
    LockNow,
    Release,
    ScheduleWants,
)
from edge.domain.door_lamps import Lamps
from edge.domain.door_signal import Signal
from edge.domain.door_state import LockRules
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.domain.passback import PassbackMode, PassbackRules
from edge.domain.person import Person
from edge.domain.second_factor import PinCheck
from edge.door_contacts import Contact, Contacts
from edge.door_hours import HoursRules
from edge.errors import DeviceError, DoorError, NotFoundError, StoreError
from edge.guard import guarded
from tests.door.wired import recognised

FAULTS = int(os.environ.get("EDGE_FAULTS", "10000"))
ERRORS = (DeviceError("no line"), StoreError("no disk"), RuntimeError("a defect"), ZeroDivisionError("/"))
RULES = LockRules(pulse=5.0, exit_pulse=5.0, longest=5.0)
LATE = 2.0  # s that a grant may wait before it is carried out
RIGHT, WRONG = "481516", "000000"
PEOPLE = {
    "anna": Person("anna", "Anna"),
    "pinned": Person("pinned", "Bert", groups=("pinned",)),
    "never": Person("never", "Carl", schedule="never"),
    "expired": Person("expired", "Dora", valid_until=1.0),
    "twin": Person("twin", "Emil", second_factor=True),
}
ACCESS = AccessRules(
    groups={"pinned": Group(name="pinned", second_factor=True)},
    passback=PassbackRules(mode=PassbackMode.SOFT),
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep ten thousand tracebacks out of the report, and out of the time it takes."""

    def drop(_logger: object, _method: str, _event: object) -> str:
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[drop], cache_logger_on_first_use=False)
    yield
    structlog.configure(**before)


@dataclass
class Licence:
    """A right to be unlocked from now until `end`."""

    cause: Cause
    end: float


class World:
    """Everything around the site; each call of it may fail."""

    def __init__(self, seed: int, chance: float) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a course of events to repeat, no secret
        self.chance = chance
        self.at = 100.0
        self.faults: dict[str, int] = {}
        self.rows: list[Event] = []
        self.kept: tuple[int, dict[str, Any]] | None = None
        self.licences: list[Licence] = []
        self.deserving: set[str] = {"anna"}
        self.pin_of: str | None = None
        self.fire = False
        self.energised = False
        self.ends = float("inf")
        self.moves = 0
        self.offences: list[str] = []
        self.active: set[Signal] = set()
        self.somebody_came = False

    def may_fail(self, what: str) -> None:
        often = 10 if what == "clock.monotonic" else 1  # else it would be nearly all of them
        if self.random.random() < self.chance / often:
            self.faults[what] = self.faults.get(what, 0) + 1
            raise self.random.choice(ERRORS)

    # --- clock

    def monotonic(self) -> float:
        self.may_fail("clock.monotonic")
        return self.at

    def now(self) -> Instant:
        self.may_fail("clock.now")
        return self.instant()

    def instant(self) -> Instant:
        return Instant(1.8e9 + self.at, int(self.at * 1e9), trusted=True)

    # --- people, rules, pins

    def find(self, who: str) -> Person:
        self.may_fail("people.find")
        if who not in PEOPLE:
            raise NotFoundError("nobody")
        return PEOPLE[who]

    def rules(self) -> AccessRules:
        self.may_fail("rules")
        return ACCESS

    def check(self, person_id: str, digits: str) -> PinCheck:
        self.may_fail("pins.check")
        right = digits == RIGHT and person_id == self.pin_of
        return PinCheck.MATCHED if right else PinCheck.WRONG

    def visitor(self, digits: str) -> Person | None:
        self.may_fail("pins.visitor")
        return PEOPLE.get(digits)

    # --- journal

    def append(self, event: NewEvent) -> Event:
        if self.random.random() < 0.5:  # it may fail before the row is durable, or after
            self.may_fail("journal.append")
        at = event.at or self.instant()
        row = Event(
            seq=len(self.rows) + 1,
            id=f"j:{len(self.rows) + 1}",
            boot_id="boot",
            time="2027-01-15T08:00:00.000Z",
            monotonic_ns=at.monotonic_ns,
            clock_trusted=at.trusted,
            type=event.type,
            person=event.person,
            data=dict(event.data),
        )
        self.rows.append(row)
        self.grant(row)
        self.may_fail("journal.append")
        return row

    def grant(self, row: Event) -> None:
        """Give the licence of a durable row; one that was not deserved is an offence by itself."""
        by = row.data.get("by")
        if (
            row.data.get("reason") == "evacuation"
        ):  # only noted: it opens nothing, and holds for an evacuation
            if not any(one.cause is Cause.EVACUATION for one in self.licences):
                self.offences.append(f"an evacuation that is none at {self.at}")
        elif row.type is EventType.ACCESS_GRANTED:
            if row.person not in self.deserving:
                self.offences.append(f"granted to {row.person} at {self.at}")
            self.somebody_came = True
            self.licences.append(Licence(Cause.GRANT, self.at + LATE + RULES.pulse))
        elif row.type is EventType.DOOR_UNLOCKED and by in ("admin", "schedule"):
            if by == "schedule" and not self.somebody_came:
                self.offences.append(f"office hours without a first person at {self.at}")
            held = by == "schedule" or row.data["hold"]
            self.licences.append(Licence(Cause(by), float("inf") if held else self.at + LATE + RULES.pulse))
        elif row.type is EventType.EVACUATION_STARTED:
            self.licences.append(Licence(Cause.EVACUATION, float("inf")))

    def events(self, *, since_seq: int = 0, limit: int = 1000) -> list[Event]:
        self.may_fail("journal.events")
        return self.rows[since_seq : since_seq + limit]

    def last_seq(self) -> int:
        self.may_fail("journal.last_seq")
        return len(self.rows)

    def cursor(self, _sink: str) -> int:
        self.may_fail("journal.cursor")
        return self.kept[0] if self.kept else 0

    def memory(self, _sink: str) -> Mapping[str, Any] | None:
        self.may_fail("journal.memory")
        return self.kept[1] if self.kept else None

    def advance(self, _sink: str, seq: int, state: Mapping[str, Any] | None = None) -> None:
        self.may_fail("journal.advance")
        self.kept = (seq, dict(state or {}))

    def newest(self, which: EventFilter, *, before: int | None = None, limit: int = 100) -> Sequence[Event]:
        del before
        self.may_fail("query.newest")
        return [row for row in reversed(self.rows) if row.type in which.types][:limit]

    # --- lock, lamps, contacts

    def energise(self, seconds: float | None) -> None:
        if self.random.random() < 0.5:  # it may fail before it moves, or after
            self.may_fail("lock.energise")
        self.moves += 1
        self.energised = True
        self.ends = float("inf") if seconds is None else self.at + seconds
        if not self.licensed():
            self.offences.append(f"energised for {seconds} at {self.at} without a licence")
        self.may_fail("lock.energise")

    def idle(self) -> None:
        if self.random.random() < 0.5:
            self.may_fail("lock.idle")
        self.energised = False
        self.may_fail("lock.idle")

    def licensed(self) -> bool:
        return self.fire or any(licence.end >= self.at for licence in self.licences)

    def show(self, lamps: Lamps) -> None:
        self.may_fail("indicator.show")
        del lamps

    def close(self) -> None:
        """Nothing is held."""

    def reads(self, signal: Signal) -> bool:
        self.may_fail("inputs.read")
        return signal in self.active

    def end(self, *causes: Cause) -> None:
        self.licences = [one for one in self.licences if one.cause not in causes]


class Site:
    """The wired site in its world, turned by hand."""

    def __init__(self, seed: int, chance: float) -> None:
        self.world = world = World(seed, chance)
        self.chance_of = world.random
        self.site = assemble(
            SiteParts(
                people=world,  # type: ignore[arg-type]  # one fake for all that may fail
                journal=world,  # type: ignore[arg-type]
                query=world,  # type: ignore[arg-type]
                clock=world,
                boot_id="boot",
                rules=world.rules,
                indicator=world,
                lock=world,
                pins=world,
                door=RULES,
                hours=HoursRules(schedule="always"),
            )
        )
        (self.door,) = self.site.doors
        self.loop = self.door.loop
        contacts = [Contact(one, "a fake", lambda one=one: world.reads(one), 0.03) for one in Signal]  # type: ignore[misc]
        self.contacts = Contacts(contacts, tell=self.tell, clock=world.monotonic)
        assert self.door.hours is not None
        self.door.hours.start = lambda: None  # type: ignore[method-assign]  # turned by hand as well
        self.site.begin()
        self.taken_up = False

    def tell(self, given: Input) -> bool:
        """Take what the contacts mean, as the loop does, and note what follows for the licences."""
        self.world.may_fail("loop.post")
        match given:
            case ExitRequested():
                self.world.licences.append(Licence(Cause.EXIT, self.world.at + RULES.exit_pulse + 0.5))
            case FireInput(True):
                self.world.fire = True
        self.loop.post(given)
        self.turn_loop()
        if given == FireInput(active=False):
            self.world.fire = False
        return True

    def turn_loop(self) -> None:
        while self.loop._answers or self.loop._inputs:
            self.loop._turn(0)
        self.loop._turn(0)

    def settle(self) -> None:
        """Let every thread have its turn."""
        if not self.taken_up:
            with guarded("test"):
                self.site._take_up()
            self.taken_up = self.site.ready
        else:
            self.work()
        if self.chance_of.random() < 0.8:
            self.loop._journal.flush()
        self.turn_loop()
        with guarded("test"):
            self.contacts.look()
        with guarded("test"):
            self.door.shows.look()
        if self.door.hours is not None and self.chance_of.random() < 0.3:
            self.hours()

    def work(self) -> None:
        while True:
            try:
                waiting = self.site.jobs._jobs.get_nowait()
            except queue.Empty:
                return
            if waiting is not None:
                with guarded("test"):
                    waiting.job()

    def hours(self) -> None:
        told = list[Input]()
        assert self.door.hours is not None
        self.door.hours._tell = lambda given: told.append(given) or self.loop.post(given)  # type: ignore[func-returns-value]
        self.door.hours.turn()
        self.turn_loop()
        if told[-1] == ScheduleWants(unlocked=False):
            self.world.end(Cause.SCHEDULE)

    # --- what happens

    def post(self, job: Any) -> None:
        with guarded("test"):
            self.site.jobs.post(job)

    def face(self) -> None:
        who = self.chance_of.choice([*PEOPLE, "stranger", ""])
        fpir = self.chance_of.choice([0.001, 0.001, 0.5, None])
        at = self.world.at - self.chance_of.choice([0.0, 0.5, 60.0, -5.0])
        deserves = who == "anna" and fpir == 0.001 and 0 <= self.world.at - at < 5

        def job() -> None:
            self.world.deserving = {"anna"} if deserves else set()
            self.site.keeper.recognised(recognised(who, at, fpir=fpir))

        self.post(job)
        if self.taken_up:
            self.work()

    def face_and_pin(self) -> None:
        who = self.chance_of.choice(["pinned", "twin", "never", "expired"])
        digits, owner = self.chance_of.choice([(RIGHT, who), (WRONG, who), (RIGHT, "somebody else")])
        at = self.world.at

        def enter() -> None:
            self.world.pin_of = owner
            waited_for = self.site.keeper.pin_for
            proven = digits == RIGHT and owner == who == waited_for and who in ("pinned", "twin")
            self.world.deserving = {who} if proven else set()
            with contextlib.suppress(DoorError):
                self.site.keeper.enter_pin(digits, self.world.at + 3)

        def seen() -> None:
            self.world.deserving = set()
            self.site.keeper.recognised(recognised(who, at))

        self.post(seen)
        self.post(enter)
        if self.taken_up:
            self.work()

    def contact(self) -> None:
        signal = self.chance_of.choice(list(Signal))
        (self.world.active.discard if signal in self.world.active else self.world.active.add)(signal)

    def admin(self) -> None:
        wishes: list[Input] = [
            AdminUnlock("boss"),
            AdminUnlock("boss", hold=True),
            LockNow("boss"),
            Release(Cause.ADMIN, "boss"),
        ]
        given = self.chance_of.choice(wishes)
        self.loop.post(given)
        self.turn_loop()
        match given:
            case LockNow():
                self.world.end(Cause.ADMIN, Cause.SCHEDULE, Cause.GRANT)
            case Release():
                self.world.licences = [
                    one for one in self.world.licences if one.cause is not Cause.ADMIN or one.end < 1e9
                ]

    def modes(self) -> None:
        active = self.chance_of.random() < 0.3
        if self.chance_of.random() < 0.5:
            self.loop.post(Lockdown(active))
            self.turn_loop()
            if active:
                self.world.end(Cause.ADMIN, Cause.SCHEDULE, Cause.GRANT)
            return
        if not active:
            self.loop.post(Release(Cause.EVACUATION))
            self.turn_loop()
            self.world.end(Cause.EVACUATION)
            return

        def evacuate() -> None:
            row = self.site.keeper.journal_first(
                NewEvent(EventType.EVACUATION_STARTED), None, self.world.at + 3
            )
            self.loop.post(Committed(Hold(Cause.EVACUATION), row))

        self.post(evacuate)

    def pass_time(self) -> None:
        self.world.at += self.chance_of.choice([0.0, 0.01, 0.05, 0.5, 3.0, 20.0])
        if self.world.at >= self.world.ends:
            self.world.energised = False  # the lock's own end
        self.world.licences = [one for one in self.world.licences if one.end >= self.world.at]

    def turn(self) -> None:
        self.pass_time()
        happening = self.chance_of.choice(
            [self.face] * 4 + [self.face_and_pin] * 3 + [self.contact] * 2 + [self.admin, self.modes]
        )
        happening()
        self.settle()


def test_ten_thousand_exceptions_let_nobody_in_without_full_proof() -> None:
    faults: dict[str, int] = {}
    moves = courses = 0
    while sum(faults.values()) < FAULTS:
        site = Site(courses, chance=(0.01, 0.05, 0.2)[courses % 3])
        for _ in range(200):
            site.turn()
            assert site.world.offences == [], f"course {courses}"
        for what, count in site.world.faults.items():
            faults[what] = faults.get(what, 0) + count
        moves += site.world.moves
        courses += 1
    assert moves > FAULTS / 100  # a lock that never moves would pass as well
    assert len(faults) >= 16, sorted(faults)  # every call of every collaborator has failed
    assert min(faults.values()) >= 5, faults


def test_once_nothing_fails_any_more_whoever_may_pass_does() -> None:
    for course in range(20):
        site = Site(course, chance=0.2)
        for _ in range(60):
            site.turn()
        site.world.chance = 0.0
        site.world.active.clear()
        for given in (LockNow("boss"), Lockdown(active=False), Release(Cause.EVACUATION)):
            site.loop.post(given)
        for _ in range(20):
            site.world.at += 10
            site.settle()
            site.loop._journal.flush()
        site.hours()
        site.world.licences = [Licence(Cause.GRANT, float("inf"))]
        before = site.world.moves
        site.world.append(NewEvent(EventType.LOCKDOWN_ENDED))
        site.world.append(NewEvent(EventType.EVACUATION_ENDED))
        site.world.deserving = {"anna"}
        site.post(lambda site=site: site.site.keeper.recognised(recognised("anna", site.world.at)))
        site.work()
        site.turn_loop()
        assert site.world.moves > before or site.world.energised, f"course {course}"
