"""Office hours: a thread that tells a door, every few seconds, whether it is to stand open now.

It asks neither database nor disk, so that a door that stands open is locked in time whatever hangs; the rules
are those that the doorkeeper read last.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from edge.domain.access_group import Group
from edge.domain.access_reason import Grant
from edge.domain.access_request import AccessRules
from edge.domain.door_input import Cause, Input, ScheduleWants
from edge.domain.events import Event, EventType, Instant
from edge.domain.passback import NOT_OPENED
from edge.domain.schedule import Schedule, opened_on
from edge.domain.schedule_hours import OfficeHours, OfficeState, holds, let_in, tick
from edge.guard import guarded, start_thread
from edge.ports import Clock

PERIOD = 2.0  # s between two looks
LEAVE = 0.5  # s for the thread to end


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursRules:
    """The name of the schedule by which the door stands open, and whether somebody has to come first."""

    schedule: str
    first_person: bool = True


class DoorHours:
    """Tells a door by `tell` whether its office hours hold; `refresh` is called each time, to read rules."""

    def __init__(
        self,
        rules: HoursRules,
        *,
        tell: Callable[[Input], object],
        clock: Clock,
        refresh: Callable[[], object] = lambda: None,
    ) -> None:
        self._rules = rules
        self._tell = tell
        self._clock = clock
        self._refresh = refresh
        self._lock = threading.Lock()
        self._access: AccessRules | None = None
        self._office = OfficeState()
        self._vouched: date | None = None  # the day of the hours by the last look at a clock to rely on
        self._closed: set[date] = set()
        self._missing = False
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = start_thread("door hours", self._run)

    def stop(self) -> None:
        """End the thread; may be called twice."""
        self._end.set()
        if self._thread is not None:
            self._thread.join(LEAVE)

    def use(self, access: AccessRules) -> None:
        """Go by these rules from now on; from any thread. Until the first time the door is not held open."""
        with self._lock:
            self._access = access
            self._missing = access.schedule(self._rules.schedule) is None

    def let_in(self, groups: tuple[Group, ...]) -> None:
        """Tell that somebody of some groups was let in; from any thread."""
        with self._lock:
            self._office = let_in(self._office, groups)

    def close(self) -> str | None:
        """End the hours that hold now until those of the next day; from any thread.

        Return the day on which they began, in ISO form, None outside all hours. While nobody vouches for the
        clock they are those that held before.
        """
        with self._lock:
            if self._vouched is None:
                return None
            self._closed.add(self._vouched)
            return self._vouched.isoformat()

    def resume(
        self, locked: Iterable[Event], passed: Iterable[Event], groups: Callable[[str], tuple[Group, ...]]
    ) -> None:
        """Take up after a start what had come of the hours that hold now, from events, the newest first.

        Whether an admin had ended them, and whether somebody had come: `passed` are grants, and what was
        forgiven, which tells those that were taken back. `groups` are those of a person. The door is told
        nothing yet.
        """
        at = self._clock.now()
        with self._lock:
            self._wanted(at)
            self._closed |= {day for event in locked if (day := self._ended(event)) is not None}
            for event in _carried_out(passed):
                trusted = event.clock_trusted and self._office.day is not None
                if not trusted or self._day(event) != self._office.day:
                    return
                if event.person is not None and event.data.get("reason") != Grant.EVACUATION:
                    self._office = let_in(self._office, groups(event.person))

    def _ended(self, event: Event) -> date | None:
        """Return the day whose hours an admin ended by an event of the door.

        An event of before `hours` was written there tells it by its time, whoever vouched for that: at worst
        the door stays locked.
        """
        told = event.data.get("hours")
        if isinstance(told, str):
            return date.fromisoformat(told)
        locked = event.type is EventType.DOOR_LOCKED and event.data.get("why") == Cause.ADMIN
        return self._day(event) if locked and event.data.get("actor") else None

    def _day(self, event: Event) -> date | None:
        """Return the day of the hours within which an event lies."""
        schedule, access = self.schedule, self._access
        if schedule is None or access is None:
            return None
        wall = datetime.fromisoformat(event.time).timestamp()
        return opened_on(schedule, wall, access.calendar, access.zone)

    @property
    def trouble(self) -> str | None:
        """Return what is wrong with the hours, None where nothing is; from any thread."""
        return f'schedule "{self._rules.schedule}" does not exist' if self._missing else None

    def look(self) -> bool:
        """Return whether the door is to stand open now, and tell it."""
        at = self._clock.now()
        with self._lock:  # also while it is told, so that nothing from before `close` is told after it
            wanted = self._wanted(at)
            self._tell(ScheduleWants(wanted))
        return wanted

    def _wanted(self, at: Instant) -> bool:
        hours, access = self._hours(), self._access
        if hours is None or access is None:
            return False
        moment = replace(at, trusted=access.knows_time(at))
        self._office = tick(self._office, hours, moment, access.calendar, access.zone)
        if moment.trusted:
            self._vouched = self._office.day
        return holds(self._office, hours) and self._office.day not in self._closed

    @property
    def schedule(self) -> Schedule | None:
        """Return the schedule by the rules read last, None where there is none."""
        return None if self._access is None else self._access.schedule(self._rules.schedule)

    def _hours(self) -> OfficeHours | None:
        schedule = self.schedule
        if schedule is None:
            return None
        return OfficeHours(schedule=schedule, first_person=self._rules.first_person)

    def turn(self) -> None:
        """Look once; what fails counts as outside all hours. Raises nothing."""
        told = False
        with guarded("door hours"):
            self.look()
            told = True
        if not told:
            with guarded("door hours"):
                self._tell(ScheduleWants(unlocked=False))
        with guarded("door hours"):
            self._refresh()

    def _run(self) -> None:
        while not self._end.is_set():
            self.turn()
            self._end.wait(PERIOD)


def _carried_out(passed: Iterable[Event]) -> Iterator[Event]:
    """Yield the grants without those that were taken back, from grants and what was forgiven, newest first.

    What is forgiven because a door did not open belongs to the nearest earlier grant that names the person.
    """
    taken_back = Counter[str]()
    for event in passed:
        if event.type is EventType.PASSBACK_FORGIVEN:
            if event.person is not None and event.data.get("why") == NOT_OPENED:
                taken_back[event.person] += 1
            continue
        undone = {who for who in (event.person, event.data.get("with")) if taken_back[str(who)] > 0}
        taken_back.subtract(map(str, undone))
        if event.person not in undone:
            yield event
