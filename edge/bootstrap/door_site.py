"""The door and whoever decides about it, put together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from edge.bootstrap.desks import punch_taker
from edge.bootstrap.door_parts import DoorParts, Tell
from edge.bootstrap.door_rules import access_rules, direction, hours_rules, lock_rules
from edge.config import Settings
from edge.domain.access_reason import Mode
from edge.domain.access_request import AccessRules
from edge.domain.attendance_punch import PunchKind
from edge.domain.door_lamps import Cue
from edge.domain.door_state import LockRules
from edge.domain.passback import Direction
from edge.door_hours import DoorHours, HoursRules
from edge.door_judge import Judge, Pins, Verdict
from edge.door_loop import DoorLoop
from edge.door_memory import AccessMemory
from edge.door_show import DoorShow
from edge.door_site import Door, DoorSite, DoorWriter, recalled, stuck
from edge.doorkeeper import Doorkeeper, KeeperRules
from edge.job_queue import JobQueue
from edge.office.current_rules import CurrentRules
from edge.office.pins import PinDesk
from edge.office.punch_taker import PunchTaker
from edge.ports import Clock, EventQuery, Indicator, Inputs, Lock, PeopleReader, SinkJournal

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore

MAX_WAITING = 256  # jobs for the doorkeeper; more means that the journal has been stuck for long
STALE = 5.0  # s after which a recognition says nothing about who stands at the door now


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteParts:
    """What a site is made of. Without a `lock` there is no door, and what is wired to one is left aside."""

    people: PeopleReader
    journal: SinkJournal
    query: EventQuery
    clock: Clock
    boot_id: str
    rules: Callable[[], AccessRules]
    indicator: Indicator
    lock: Lock | None = None
    inputs: Callable[[Tell], Inputs | None] = lambda _: None
    pins: Pins | None = None
    keeper: KeeperRules = field(default_factory=KeeperRules)
    door: LockRules = field(default_factory=LockRules)
    hours: HoursRules | None = None
    direction: Direction = Direction.IN
    lock_type: str = "fail-secure"
    stale: float = STALE
    punches: PunchTaker | None = None


def build_site(
    settings: Settings,
    store: "SqliteStore",
    clock: Clock,
    wired: DoorParts,
    *,
    key: Callable[[], PunchKind | None] = lambda: None,
) -> DoorSite:
    """Return the site of a terminal, not started yet; `key` gives the punch key that was pressed, once.

    Raises DeviceError where the line of a contact is missing.
    """
    from edge.adapters.clock_system import boot_id
    from edge.adapters.hasher_argon2 import HasherArgon2

    return assemble(
        SiteParts(
            people=store.people,
            journal=store.journal,
            query=store.query,
            clock=clock,
            boot_id=boot_id(),
            rules=CurrentRules(store.access, access_rules(settings)).rules,
            pins=PinDesk(store.access, HasherArgon2()),
            lock=wired.lock,
            inputs=wired.inputs,
            indicator=wired.indicator,
            keeper=KeeperRules(mode=Mode(settings.access.mode)),
            door=lock_rules(settings),
            hours=hours_rules(settings),
            direction=direction(settings),
            lock_type=settings.door.lock_type,
            punches=punch_taker(settings, store.access, store.query, boot_id(), key),
        )
    )


def assemble(parts: SiteParts) -> DoorSite:
    """Return a site of these parts, not started yet. Raises DeviceError where a contact cannot be had."""
    clock = parts.clock
    writer = DoorWriter(parts.journal)
    jobs = JobQueue("doorkeeper", MAX_WAITING, clock.monotonic)
    shows: list[DoorShow] = []
    hours: list[DoorHours] = []
    loops: list[DoorLoop] = []

    def changed() -> None:
        for one in shows:
            one.changed()

    def cue(told: Cue | None) -> None:
        for one in shows:
            one.cue(told)

    def let_in(verdict: Verdict) -> None:
        for one in hours:
            one.let_in(verdict.groups)

    if parts.lock is not None:
        loops.append(DoorLoop(parts.door, parts.lock, writer, clock, changed=changed))
    memory = AccessMemory(
        parts.journal,
        clock,
        parts.boot_id,
        lambda: [event for loop in loops for event in loop.pending],
        kept=parts.journal,
    )
    keeper = Doorkeeper(
        judge=Judge(
            people=parts.people,
            clock=clock,
            rules=parts.rules,
            state=lambda: recalled(memory, loops, jobs),
            pins=parts.pins,
            direction=parts.direction,
            stale=parts.stale,
        ),
        journal=parts.journal,
        clock=clock,
        rules=parts.keeper,
        door=loops[0] if loops else None,
        cue=cue,
        let_in=let_in if parts.direction is Direction.IN else lambda _: None,
        punches=parts.punches.let_in if parts.punches is not None else lambda _, __: (),
        later=jobs.post,
    )
    site = DoorSite(
        keeper=keeper,
        jobs=jobs,
        memory=memory,
        rules=parts.rules,
        people=parts.people,
        query=parts.query,
        writer=writer,
        missed=parts.punches.missed if parts.punches is not None else lambda: (),
    )
    for loop in loops:
        show = DoorShow(
            parts.indicator,
            state=partial(getattr, loop, "state"),
            stuck=partial(stuck, loop, keeper, jobs),
            clock=clock.monotonic,
        )
        shows.append(show)
        if parts.hours is not None:
            hours.append(DoorHours(parts.hours, tell=loop.post, clock=clock, refresh=site.refresh))
        site.add(
            Door(
                name=parts.door.door,
                loop=loop,
                shows=show,
                inputs=parts.inputs(loop.post),
                hours=hours[-1] if hours else None,
                lock_type=parts.lock_type,
            )
        )
    return site
