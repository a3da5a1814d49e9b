"""Journals what the doorkeeper decides, at once and in order, and knows what became of each event.

A journal that does not answer in time leaves an event in doubt: whether it was written is known later. Until
then nothing is written after it, so that what takes it back stands before whatever is decided next.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import structlog

from edge.domain.events import EventType, NewEvent
from edge.errors import StoreBusyError, StoreError, StoreUncertainError
from edge.guard import guarded
from edge.ports import Journal

log = structlog.get_logger("edge.doorkeeper")

PATIENCE = 10.0  # s that an event waits for what became of the one before it: as the store waits for a disk
_UNKNOWN = "it is not known yet what became of an earlier event"

Contrary: TypeAlias = Callable[[], Sequence[NewEvent]]


@dataclass(frozen=True, slots=True)
class Row:
    """Where an event stands: its row, None where there is none; `doubtful` where that is not known yet."""

    number: int | None
    doubtful: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Doubt:
    """An event of which it is not known whether it was written, and what follows from either."""

    error: StoreUncertainError
    contrary: Contrary
    lost: Callable[[], None]


class KeeperJournal:
    """The journal of one thread that decides.

    `spare` takes an event that follows as soon as the journal works, None where nothing does that. `later`
    has that thread do a job soon; it is called from any thread. `announce` is called past each durable event.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        spare: Callable[[NewEvent], None] | None,
        later: Callable[[Callable[[], None]], object],
    ) -> None:
        self.announce: Callable[[], None] = lambda: None
        self._journal = journal
        self._spare = spare
        self._later = later
        self._unwritten = 0
        self._doubt: _Doubt | None = None

    @property
    def unwritten(self) -> int:
        """Return how many events found no place and are not told in the journal yet; from any thread."""
        return self._unwritten

    def append(
        self, event: NewEvent, contrary: Contrary = tuple, lost: Callable[[], None] = lambda: None
    ) -> int:
        """Write an event and return its row. Raises StoreError where it is not written.

        Raises StoreUncertainError where that is not known yet. Once it is, the events of `contrary` take back
        one that was written; `lost` is told of one that was not.
        """
        self.settle(PATIENCE)
        if self._doubt is not None:  # what took the last one back is in doubt itself
            raise StoreBusyError(_UNKNOWN)
        try:
            row = self._journal.append(event).seq
        except StoreUncertainError as error:
            self._doubt = _Doubt(error, contrary, lost)
            error.then(lambda: self._later(self.settle))
            raise
        with guarded("doorkeeper"):
            self.announce()
        return row

    def write(self, event: NewEvent, *, kept: bool = False, contrary: Contrary | None = None) -> Row:
        """Write an event, and do not forget one that cannot be written.

        One that is `kept` then follows by the spare way. All others are counted, and a `journal.gap` tells
        how many, once it can. `contrary` is as for `append`; what has one is not carried out while in doubt.
        """
        lost = partial(self._not_written, event, "it took too long", kept=kept and contrary is None)
        try:
            self._tell_gap()
            return Row(self.append(event, contrary or tuple, lost))
        except StoreUncertainError as error:
            log.warning("journal takes too long", error=str(error), type=event.type)
            return Row(None, doubtful=True)
        except StoreError as error:
            self._not_written(event, str(error), kept=kept)
            return Row(None)

    def settle(self, patience: float = 0.0) -> None:
        """Do what follows once it is known what became of an event.

        Raises StoreBusyError where that is not known within `patience` seconds.
        """
        doubt = self._doubt
        if doubt is None:
            return
        try:
            found = doubt.error.result(patience)
        except TimeoutError:
            raise StoreBusyError(_UNKNOWN) from None
        self._doubt = None
        if found is None:
            doubt.lost()
            return
        with guarded("doorkeeper"):
            self.announce()
        for event in doubt.contrary():
            self.write(event, kept=True)

    def _tell_gap(self) -> None:
        self.settle(PATIENCE)  # what takes the last one back may tell of the same loss
        lost = self._unwritten
        if not lost:
            return
        gap = NewEvent(EventType.JOURNAL_GAP, data={"lost": lost})
        try:
            self.append(gap, lost=partial(self._count, lost))
        except StoreUncertainError as error:
            self._count(-lost)  # told already, unless it turns out that it is not
            raise StoreBusyError(str(error)) from error  # what was to come after it is not written
        self._count(-lost)
        log.warning("journal works again", lost=lost)

    def _not_written(self, event: NewEvent, why: str, *, kept: bool) -> None:
        if kept and self._spare is not None:
            self._spare(event)
            log.error("journal cannot be written, an event waits", error=why)
            return
        self._count(1)
        if self._unwritten == 1:
            log.error("journal cannot be written, nobody is let in", error=why)

    def _count(self, lost: int) -> None:
        self._unwritten += lost
