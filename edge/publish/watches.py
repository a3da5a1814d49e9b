"""Looks at what tells nothing by itself, a filling disk and a lost broker, and journals it once."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType, NewEvent
from edge.domain.standing import Standing
from edge.errors import StoreError
from edge.guard import guarded, start_thread
from edge.ports import EventQuery, Journal

log = structlog.get_logger("edge.watches")

EVERY = 10.0  # seconds between two looks
JOIN = 0.5  # seconds that stopping waits
ROOM_AGAIN = 1.1  # of the limit has to be free until the disk counts as having room again
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: whether something is wrong, and what the event is to say."""

    bad: bool
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Watch:
    """`look` is given whether it was told already; `lost` and `restored` are what is journaled."""

    look: Callable[[bool], Look]
    lost: EventType
    restored: EventType
    patience: float = 0.0


class Watches:
    """Looks on a thread of its own; `clock` gives monotonic seconds.

    What was told before a restart and is over after it is told as over then.
    """

    def __init__(
        self, watches: Sequence[Watch], *, journal: Journal, query: EventQuery, clock: Callable[[], float]
    ) -> None:
        self._watches = [(watch, Standing(watch.patience)) for watch in watches]
        self._journal = journal
        self._query = query
        self._clock = clock
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        if self._watches:
            self._thread = start_thread("watches", self._run)

    def stop(self) -> None:
        """End, without waiting long for a journal that is stuck."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(JOIN)

    def look(self) -> None:
        """Look at everything once. Raises StoreError, OSError."""
        for watch, standing in self._watches:
            found = watch.look(standing.told)
            now = self._clock()
            if not standing.look(now, bad=found.bad):
                continue
            minutes = {"minutes": round(standing.lasted(now) / 60)} if watch.patience and found.bad else {}
            kind = watch.lost if found.bad else watch.restored
            self._journal.append(NewEvent(kind, data={**found.data, **minutes}))
            standing.tell()
            log.warning("watched", what=str(kind), **found.data)

    def _run(self) -> None:
        with guarded("watches"):
            self._recall()
        while not self._over.wait(EVERY if self._looked() else EVERY / 2):
            pass

    def _looked(self) -> bool:
        with guarded("watches"):
            try:
                self.look()
            except (StoreError, OSError) as error:
                log.debug("watch cannot look or tell", error=str(error))
                return False
            return True
        return False

    def _recall(self) -> None:
        for watch, standing in self._watches:
            which = EventFilter(types=frozenset({watch.lost, watch.restored}))
            newest = self._query.newest(which, limit=1)
            standing.told = bool(newest) and newest[0].type is watch.lost


def disk_watch(limit_mib: int, free: Callable[[], int]) -> Watch:
    """Return the watch of a disk that should have `limit_mib` MiB free."""

    def look(told: bool) -> Look:
        mib = free() // MIB
        return Look(mib < limit_mib * (ROOM_AGAIN if told else 1), {"free_mib": mib})

    return Watch(look, EventType.SYSTEM_DISK_LOW, EventType.SYSTEM_DISK_RESTORED)


def broker_watch(minutes: float, health: Callable[[], Mapping[str, Any]]) -> Watch:
    """Return the watch of a publisher by its `health`: it is well where events arrive, or none waits."""
    acknowledged: list[object] = [None]

    def look(_told: bool) -> Look:
        found = health()
        before, acknowledged[0] = acknowledged[0], found.get("acknowledged")
        stuck = bool(found.get("waiting")) and before == found.get("acknowledged")
        bad = found.get("contact") != "connected" or stuck
        return Look(bad, {"problem": found["problem"]} if bad and found.get("problem") else {})

    return Watch(look, EventType.SYSTEM_BROKER_LOST, EventType.SYSTEM_BROKER_RESTORED, 60.0 * minutes)
