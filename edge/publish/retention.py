"""Keeps the journal within its bounds while sinks still need parts of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from edge.errors import StoreError
from edge.guard import guarded, start_thread
from edge.ports import Clock, Pruner

log = structlog.get_logger("edge.retention")

FIRST = 60.0  # seconds after the start: not while everything else begins
EVERY = 3600.0
DAY = 86400.0
JOIN = 0.5  # seconds that stopping waits: a prune works in short transactions, and one may be cut off


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Days and number of events kept, None for all; and the free bytes below which a disk is filling."""

    days: float | None
    events: int | None
    min_free: int


class Retention:
    """Prunes once an hour on a thread of its own; `free` gives the disk's free bytes.

    What a sink has not acknowledged is kept, unless the disk is filling; the journal then says what was lost.
    Nothing counts as old while nobody vouches for `clock`: one that is ahead would make everything old.
    """

    def __init__(
        self, *, journal: Pruner, rules: RetentionRules, clock: Clock, free: Callable[[], int]
    ) -> None:
        self._journal = journal
        self._rules = rules
        self._clock = clock
        self._free = free
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread = start_thread("retention", self._run)

    def stop(self) -> None:
        """End, without waiting long for a prune that is going on."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(JOIN)

    def prune(self) -> int:
        """Prune once and return how many events went. Raises StoreError, OSError."""
        rules = self._rules
        filling = self._free() < rules.min_free
        now = self._clock.now()
        before = now.wall - rules.days * DAY if rules.days is not None and now.trusted else None
        count = self._journal.prune(before=before, keep=rules.events, disk_is_filling=filling)
        if count:
            log.info("old events deleted", count=count, disk_is_filling=filling)
        return count

    def _run(self) -> None:
        wait = FIRST
        while not self._over.wait(wait):
            wait = EVERY
            with guarded("retention"):
                self._prune_or_tell()

    def _prune_or_tell(self) -> None:
        try:
            self.prune()
        except (StoreError, OSError) as error:
            log.warning("old events cannot be deleted", error=str(error))
