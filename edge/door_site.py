"""The doors of a terminal with everything that works on them, and whoever decides at the first of them."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from edge.domain.access_group import Group
from edge.domain.access_request import AccessRules
from edge.domain.access_state import AccessState
from edge.domain.door_input import Cause, Committed, Hold, Lockdown, Tick
from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType, NewEvent
from edge.door_hours import DoorHours
from edge.door_loop import DoorLoop
from edge.door_memory import AccessMemory
from edge.door_show import DoorShow
from edge.doorkeeper import Doorkeeper
from edge.errors import DoorError, NotFoundError, StoreError
from edge.guard import guarded, start_thread
from edge.job_queue import JobQueue
from edge.ports import EventQuery, Inputs, Journal, PeopleReader

log = structlog.get_logger("edge.door")

RETRY = 1.0  # s after which a journal that could not be read at the start is tried again
SLOW = 2.0  # s after which a job of the doorkeeper counts as held up by the journal
EVERY = 60.0  # s after which rules and journal are read on, also where nobody comes
LATEST = 200  # events looked at to find out what had come of the office hours before a start


class DoorWriter:
    """Writes what doors do into the journal, from the moment that the journal has begun."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._begun = False
        self.announce: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """Write from now on: the run's first event stands in the journal."""
        self._begun = True

    def __call__(self, event: NewEvent) -> int | None:
        """Return the row of an event once it is durable, None before the beginning. Raises StoreError."""
        if not self._begun:
            return None
        row = self._journal.append(event).seq
        with guarded("door journal"):
            self.announce()
        return row


@dataclass(frozen=True, slots=True, eq=False)
class Door:
    """A door in operation, and what works on it; `inputs` and `hours` are None where it has none."""

    name: str
    loop: DoorLoop
    shows: DoorShow
    inputs: Inputs | None = None
    hours: DoorHours | None = None
    lock_type: str = "fail-secure"


class DoorSite:
    """The doors, and the doorkeeper's queue and thread; started and stopped with the daemon.

    `rules` reads the current rules of access and may raise StoreError. What was decided before the last stop,
    a lockdown or an evacuation, is taken up from the journal; `missed` gives the punches that were not
    journaled then.
    """

    def __init__(
        self,
        *,
        keeper: Doorkeeper,
        jobs: JobQueue,
        memory: AccessMemory,
        rules: Callable[[], AccessRules],
        people: PeopleReader,
        query: EventQuery,
        writer: DoorWriter,
        missed: Callable[[], Sequence[NewEvent]] = lambda: (),
    ) -> None:
        self.doors: tuple[Door, ...] = ()
        self.keeper = keeper
        self.jobs = jobs
        self._memory = memory
        self._rules = rules
        self._people = people
        self._query = query
        self._writer = writer
        self._missed = missed
        self._ready = False
        self._stopping = threading.Event()
        self._stopped = False

    def add(self, door: Door) -> None:
        """Add a door, before the start; the doorkeeper decides at the first."""
        self.doors = (*self.doors, door)

    def announce_to(self, announce: Callable[[], None]) -> None:
        """Call `announce` after each durable event."""
        self._writer.announce = announce
        self.keeper.announce_to(announce)

    @property
    def ready(self) -> bool:
        """Return whether it is known what was decided before the start; from any thread."""
        return self._ready

    def start(self) -> None:
        """Start the doors: from now on exit buttons and fire alarms open them."""
        for door in self.doors:
            door.loop.start()
            door.shows.start()
            if door.inputs is not None:
                door.inputs.start()
        start_thread("door rules", self._read_on)

    def begin(self) -> None:
        """Let the doors' events into the journal, whose first event of this run stands."""
        self._writer.begin()

    def settle(self) -> None:
        """Wait until the doors have taken what they were told so far, for a few seconds at most."""
        for door in self.doors:
            with contextlib.suppress(DoorError):
                door.loop.ask(Tick())

    @property
    def begun(self) -> float | None:
        """Return the monotonic second since which a door works on one thing, None while all wait."""
        return min((at for door in self.doors if (at := door.loop.begun) is not None), default=None)

    def work(self) -> None:
        """Decide, on the thread that calls this, until the queue ends."""
        while not self._ready and not self._stopping.is_set():
            with guarded("doorkeeper"):
                self._take_up()
            if not self._ready:
                self._stopping.wait(RETRY)
        self.jobs.work()

    def refresh(self) -> None:
        """Have the rules read anew, soon."""
        self.jobs.post(self._refresh)

    def retire(self) -> None:
        """Open nothing any more and drive every lock idle soon; from any thread, without waiting."""
        self._stopping.set()
        self.keeper.retire()
        for door in self.doors:
            door.loop.retire()

    def stop(self) -> None:
        """Retire, and wait a while for all threads to end; may be called twice."""
        self.retire()
        if self._stopped:
            return
        self._stopped = True
        for door in self.doors:
            with guarded("door"):
                door.loop.stop()
            with guarded("door inputs"):
                if door.inputs is not None:
                    door.inputs.close()
            with guarded("door hours"):
                if door.hours is not None:
                    door.hours.stop()
            door.shows.stop()

    def _read_on(self) -> None:
        while not self._stopping.wait(EVERY):
            if self._ready:  # before that nobody works on the queue
                self.refresh()

    def _take_up(self) -> None:
        try:
            self._resume()
        except StoreError as error:
            log.warning("what was decided before cannot be read, nobody is let in", error=str(error))

    def _resume(self) -> None:
        self._memory.begin()
        while not self._memory.read_on():
            pass
        state, rules = self._memory.state(), self._rules()
        for door in self.doors:
            if state.lockdown:
                door.loop.post(Lockdown(active=True))
            if self._memory.evacuated is not None:
                door.loop.post(Committed(Hold(Cause.EVACUATION), self._memory.evacuated))
        hours = [door.hours for door in self.doors if door.hours is not None]
        for one in hours:
            self._resume_hours(one, rules)
        for event in self._missed():  # the last that can fail; all from here on is done once
            self.keeper.record(event)
        for one in hours:
            one.start()
        self._memory.keep()
        self._ready = True

    def _resume_hours(self, hours: DoorHours, rules: AccessRules) -> None:
        hours.use(rules)
        released, locked, passed = (
            self._query.newest(EventFilter(types=frozenset(kinds)), limit=LATEST)
            for kinds in (
                {EventType.DOOR_RELEASED},
                {EventType.DOOR_LOCKED},
                {EventType.ACCESS_GRANTED, EventType.PASSBACK_FORGIVEN},
            )
        )

        def groups(person_id: str) -> tuple[Group, ...]:
            try:
                return rules.groups_of(self._people.find(person_id))
            except NotFoundError:
                return ()

        hours.resume([*released, *locked], passed, groups)

    def _refresh(self) -> None:
        try:
            rules = self._rules()
            self._memory.state()
        except StoreError as error:
            log.warning("rules of access cannot be read; those read last hold", error=str(error))
            return
        for door in self.doors:
            if door.hours is not None:
                door.hours.use(rules)
        self._memory.keep()


def recalled(memory: AccessMemory, loops: Sequence[DoorLoop], jobs: JobQueue) -> AccessState:
    """Return what is `known`, for a decision, after which it is kept where that is due. Raises StoreError."""
    state = known(memory, loops)
    if memory.due:
        jobs.post(memory.keep)  # behind the decision, so that nobody at the door waits for it
    return state


def known(memory: AccessMemory, loops: Sequence[DoorLoop]) -> AccessState:
    """Return what the policy remembers, as strict as the doors themselves are. Raises StoreError.

    A lockdown holds from the moment at which a door is told of it, and an evacuation only while one is held
    open for it, also where the events of either were lost.
    """
    state = memory.state()
    states = [loop.state for loop in loops]
    if any(one.lockdown for one in states) and not state.lockdown:
        state = replace(state, lockdown=True)
    if state.evacuation and states and not any(Cause.EVACUATION in one.holds for one in states):
        state = replace(state, evacuation=False)
    return state


def stuck(loop: DoorLoop, keeper: Doorkeeper, jobs: JobQueue) -> bool:
    """Return whether the journal takes nothing, or takes very long; from any thread."""
    return loop.journal_down or keeper.unwritten > 0 or jobs.age() > SLOW
