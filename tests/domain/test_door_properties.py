"""Door and policy together, over random courses of events: what must never happen, never does.

The site of the test decides, journals and moves as the doorkeeper does, with a journal that fails at times
and a wall clock that is stepped, carried through both changes of daylight saving, and not always trusted. It
is judged by licences that are kept apart from the machine: who or what had a right to unlock, for how long.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.domain.access import AccessRequest, AccessRules, decide
from edge.domain.access_checks import passes_lockdown
from edge.domain.access_event import access_events
from edge.domain.access_group import Group
from edge.domain.access_request import Credential
from edge.domain.access_state import EMPTY, apply
from edge.domain.access_two_person import TwoPersonRules
from edge.domain.door import step
from edge.domain.door_input import (
    AdminUnlock,
    Cause,
    Commit,
    Committed,
    ContactInput,
    Effect,
    Energise,
    ExitRequested,
    FireInput,
    Hold,
    Idle,
    Input,
    Lockdown,
    LockNow,
    Pulse,
    Record,
    Release,
    ScheduleWants,
    TamperInput,
    Tick,
)
from edge.domain.door_state import DoorState, LockRules
from edge.domain.events import EventType, Instant, NewEvent
from edge.domain.passback import Direction, PassbackMode, PassbackRules
from edge.domain.person import Person
from edge.domain.schedule_calendar import Calendar
from edge.domain.schedule_hours import OfficeHours, OfficeState, holds, let_in, tick
from edge.domain.schedule_text import parse_schedule
from edge.domain.second_factor import PinCheck

SEQUENCES = int(os.environ.get("EDGE_SEQUENCES", "10000"))
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = parse_schedule("office", "daily 01:30-03:15")  # across the hour that is skipped, or shown twice
YEARS = 10 * 365.25 * 86400
STARTS = [
    datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()
    for text in ("2026-03-29 01:20", "2026-10-25 01:20", "2026-10-25 02:50", "2026-03-02 01:00")
]
PAUSES = (0.0, 0.0, 0.0, 0.2, 1.0, 4.0, 4.0, 4.9, 5.0, 29.0, 61.0, 600.0)  # seconds between two events
PEOPLE = (
    Person(id="always", name="A"),
    Person(id="office", name="B", schedule="office"),
    Person(id="guard", name="C", groups=("guards",)),
    Person(id="gone", name="D", valid_until=STARTS[0] - 86400),
    Person(id="twin", name="E", second_factor=True),
    Person(id="visitor", name="F", valid_until=STARTS[1] + 30 * 86400, max_visits=2),
)
GUARDS = Group(name="guards", lockdown_pass=True)
RULES = AccessRules(
    zone=BERLIN,
    schedules={"office": OFFICE},
    groups={"guards": GUARDS},
    passback=PassbackRules(mode=PassbackMode.HARD),
)
LOCK = LockRules()


@dataclass(slots=True)
class Licence:
    """A right to be unlocked from `start` to before `end`; exit and fire need no journal row."""

    cause: Cause
    start: float
    end: float
    row: int | None
    capped: bool = False  # a pulse of software, which overlapping ones extend up to a cap


class Site:
    """One door with its policy, journal and relay."""

    def __init__(self, start: float, access: AccessRules) -> None:
        self.access, self.policy, self.door = access, EMPTY, DoorState()
        self.office = OfficeState()
        self.now, self.wall, self.trusted = 50.0, start, True
        self.rows: list[NewEvent] = []
        self.journal_works = True
        self.relay: Energise | None = None
        self.licences: list[Licence] = []
        self.inside: set[str] = set()
        self.fire = self.lockdown = self.evacuation = self.open = False
        self.hours_want = self.hours_ended = False
        self.on_since: float | None = None

    @property
    def at(self) -> Instant:
        return Instant(self.wall, round(self.now * 1e9), self.trusted)

    # --- what the runtime does

    def append(self, event: NewEvent) -> int | None:
        if not self.journal_works:
            return None
        self.rows.append(event)
        self.policy = apply(self.policy, event.type, event.person, event.data, self.at)
        return len(self.rows)

    def give(self, given: Input) -> None:
        self.door, effects = step(self.door, given, self.now, LOCK)
        for effect in effects:
            self.carry_out(effect, given)

    def carry_out(self, effect: Effect, given: Input) -> None:
        match effect:
            case Energise():
                self.relay = effect
                assert self.licensed(self.now), given
            case Idle():
                self.relay, self.on_since = None, None
            case Record(event):
                self.append(event)
            case Commit(event, act):
                assert act.cause is not Cause.SCHEDULE or not self.hours_ended, given
                row = self.append(event)
                if row is not None:
                    end = self.now + LOCK.pulse if isinstance(act, Pulse) else float("inf")
                    self.licences.append(Licence(act.cause, self.now, end, row, isinstance(act, Pulse)))
                    self.give(Committed(act, row))

    def end(self, *causes: Cause) -> None:
        for licence in self.licences:
            if licence.cause in causes and licence.end > self.now:
                licence.end = self.now

    # --- what is judged

    def energised(self, at: float) -> bool:
        return self.relay is not None and (self.relay.until is None or at < self.relay.until)

    def licensed(self, at: float) -> bool:
        return any(self.covers(licence, at) for licence in self.licences)

    def covers(self, licence: Licence, at: float) -> bool:
        if not licence.start <= at < licence.end:
            return False
        software = licence.cause not in {Cause.EXIT, Cause.FIRE}
        return not software or (licence.row is not None and licence.row <= len(self.rows))

    def check(self, at: float) -> None:
        if not self.energised(at):
            self.on_since = None
            return
        assert self.licensed(at)
        if self.on_since is None:
            self.on_since = at
        if all(one.capped for one in self.licences if one.end > self.on_since and one.start <= at):
            assert at - self.on_since < LOCK.longest

    # --- what happens

    def person(self, argument: int) -> None:
        person, pin = PEOPLE[argument % 6], tuple(PinCheck)[argument // 6 % 4]
        direction = Direction.OUT if argument // 24 % 3 == 0 else Direction.IN
        credential = Credential.VISITOR_PIN if person.id == "visitor" else Credential.FACE
        request = AccessRequest(
            person=person, at=self.at, fpir=0.0, pin=pin, direction=direction, credential=credential
        )
        decision = decide(request, self.access, self.policy)
        row = self.append(access_events(request, decision, self.access)[0])
        if not decision.granted:
            return
        if row is None:
            self.give(Committed(Pulse(), None))  # the machine must refuse
            return
        passes = passes_lockdown(request, self.access)
        self.judge(person, pin, direction)
        together = {person.id, decision.companion} - {None}
        self.walk_through({str(who) for who in together}, direction)
        self.office = let_in(self.office, self.access.groups_of(person))
        self.licences.append(Licence(Cause.GRANT, self.now, self.now + LOCK.pulse, row, capped=True))
        self.give(Committed(Pulse(through_lockdown=passes), row))

    def judge(self, person: Person, pin: PinCheck, direction: Direction) -> None:
        """Judge a grant by rules written anew."""
        if direction is Direction.OUT or self.evacuation:
            return
        assert not self.lockdown or person.id == "guard"
        if person.id == "office":
            self.judge_hours()
        if person.valid_until is not None:
            assert self.trusted
            assert self.wall < person.valid_until
        if person.second_factor or person.max_visits is not None:
            assert pin.proves

    def judge_hours(self) -> None:
        shown = datetime.fromtimestamp(int(self.wall // 1), BERLIN)
        assert self.trusted
        assert (1, 30) <= (shown.hour, shown.minute) < (3, 15)

    def walk_through(self, people: set[str], direction: Direction) -> None:
        if self.evacuation:
            return
        if direction is Direction.OUT:
            self.inside -= people
            return
        assert self.access.passback.mode is PassbackMode.OFF or not people & self.inside
        self.inside |= people

    def exit(self, _: int) -> None:
        self.licences.append(Licence(Cause.EXIT, self.now, self.now + LOCK.exit_pulse, None))
        self.give(ExitRequested())

    def fire_input(self, _: int) -> None:
        self.fire = not self.fire
        if self.fire:
            self.licences.append(Licence(Cause.FIRE, self.now, float("inf"), None))
        else:
            self.end(Cause.FIRE)
            if self.journal_works:
                self.inside.clear()
        self.give(FireInput(active=self.fire))

    def contact(self, _: int) -> None:
        self.open = not self.open
        self.give(ContactInput(opened=self.open))

    def hours(self, _: int) -> None:
        hours = OfficeHours(schedule=OFFICE)
        self.office = tick(self.office, hours, self.at, Calendar(), BERLIN)
        wanted = holds(self.office, hours)
        if wanted:
            self.judge_hours()
        else:
            self.end(Cause.SCHEDULE)
            self.hours_ended = False
        self.hours_want = wanted
        self.give(ScheduleWants(unlocked=wanted))

    def admin(self, argument: int) -> None:
        match argument % 4:
            case 0:
                self.give(AdminUnlock("anna"))
            case 1:
                self.give(AdminUnlock("anna", hold=True))
            case 2:
                for licence in self.licences:
                    if licence.cause is Cause.ADMIN and licence.end == float("inf"):
                        licence.end = self.now
                self.give(Release(Cause.ADMIN))
            case _:
                self.end(Cause.ADMIN, Cause.SCHEDULE, Cause.GRANT)
                self.hours_ended = self.hours_want
                self.give(LockNow())

    def site(self, argument: int) -> None:
        if argument % 2:
            started = not self.lockdown
            kind = EventType.LOCKDOWN_STARTED if started else EventType.LOCKDOWN_ENDED
            if self.append(NewEvent(kind)) is None:
                return
            self.lockdown = started
            if started:
                self.end(Cause.ADMIN, Cause.SCHEDULE, Cause.GRANT)
            self.give(Lockdown(active=started))
            return
        started = not self.evacuation
        kind = EventType.EVACUATION_STARTED if started else EventType.EVACUATION_ENDED
        row = self.append(NewEvent(kind))
        if row is None:
            return
        self.evacuation = started
        if started:
            self.licences.append(Licence(Cause.EVACUATION, self.now, float("inf"), row))
            self.give(Committed(Hold(Cause.EVACUATION), row))
        else:
            self.end(Cause.EVACUATION)
            self.inside.clear()
            self.give(Release(Cause.EVACUATION))

    def clock(self, argument: int) -> None:
        if argument % 7 == 6:
            self.trusted = not self.trusted
        else:
            self.wall += (1.0, -1.0, YEARS, -YEARS, 3600.0, -3600.0)[argument % 7]

    def journal(self, _: int) -> None:
        self.journal_works = not self.journal_works

    def forgive(self, argument: int) -> None:
        who = None if argument % 7 == 0 else PEOPLE[argument % 6].id
        if self.append(NewEvent(EventType.PASSBACK_FORGIVEN, who)) is not None:
            self.inside = set() if who is None else self.inside - {who}

    def tamper(self, argument: int) -> None:
        self.give(TamperInput(active=bool(argument % 2)))

    def pulse(self, _: int) -> None:
        self.give(AdminUnlock("anna"))

    def tick(self, _: int) -> None:
        self.give(Tick())

    def later(self, seconds: float) -> None:
        """Let time pass, looking at the relay on the way; nobody drives the machine meanwhile."""
        moments = [self.now + seconds * share for share in (0.25, 0.5, 0.75, 0.999)]
        if self.relay is not None and self.relay.until is not None:
            moments.append(min(max(self.relay.until, self.now), self.now + seconds))
        for moment in sorted(moments):
            self.check(moment)
        self.now += seconds
        self.wall += seconds


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of course: what happens in it, how fast, and by which rules."""

    operations: tuple[Callable[[Site, int], None], ...]
    pauses: tuple[float, ...]
    rules: AccessRules


EVERYTHING = (
    *[Site.person] * 8,
    *[Site.hours] * 3,
    *[Site.contact] * 2,
    *[Site.tick, Site.exit, Site.fire_input, Site.admin, Site.site, Site.clock, Site.clock, Site.journal],
    *[Site.forgive, Site.tamper],
)
QUICK = (0.0, 1.0, 4.0, 4.9)
KINDS = (
    Kind(EVERYTHING, PAUSES, RULES),
    Kind(EVERYTHING, QUICK, replace(RULES, passback=PassbackRules())),
    Kind(
        (Site.pulse, Site.pulse, Site.pulse, Site.person),
        (1.0, 2.0, 4.0),
        replace(RULES, passback=PassbackRules()),
    ),
    Kind((Site.person, Site.person, Site.contact), QUICK, replace(RULES, two_person=TwoPersonRules())),
    Kind((Site.hours, Site.hours, Site.person, Site.clock, Site.tick), PAUSES, RULES),
)


@pytest.mark.slow
@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(KINDS), st.sampled_from(STARTS), st.binary(min_size=20, max_size=90))
def test_nothing_unlocks_without_a_right_to_it_and_its_row_and_nobody_enters_twice(
    kind: Kind, start: float, course: bytes
) -> None:
    site = Site(start, kind.rules)
    for first, argument in zip(course[::2], course[1::2], strict=False):
        pause, operation = divmod(first, len(kind.operations))
        site.later(kind.pauses[pause % len(kind.pauses)])
        kind.operations[operation](site, argument)
        site.check(site.now)
