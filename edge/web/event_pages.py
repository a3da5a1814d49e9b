"""A page of events from a long journal, past those that are not worth showing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from edge.domain.event_filter import EventFilter
from edge.domain.events import Event
from edge.ports import EventQuery

PAGE = 50
READ, MOST_READS = 150, 20  # events read at once, and how often, to fill a page

Worth: TypeAlias = Callable[[Event], bool]
"""Whether an event is worth a line of the page."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events, the newest first; `older` and `newer` are the numbers to go on from, None where nothing is."""

    events: tuple[Event, ...]
    older: int | None
    newer: int | None


def page_before(query: EventQuery, which: EventFilter, before: int | None, worth: Worth | None) -> Page:
    """Return the newest events before number `before`, None for the newest of all."""
    found, more, last = _fill(
        lambda edge, limit: query.newest(which, before=edge, limit=limit), before, worth
    )
    newer = None
    if before is not None:
        newer = found[0].seq if found else max(0, before - 1)
    return Page(tuple(found), last if more else None, newer)


def page_after(query: EventQuery, which: EventFilter, after: int, worth: Worth | None) -> Page:
    """Return the first events after number `after`."""
    found, more, last = _fill(
        lambda edge, limit: query.oldest(which, after=edge or 0, limit=limit), after, worth
    )
    older = found[0].seq if found else after + 1
    return Page(tuple(found[::-1]), older, last if more else None)


def _fill(
    read: Callable[[int | None, int], list[Event]], edge: int | None, worth: Worth | None
) -> tuple[list[Event], bool, int | None]:
    """Return events in the order of reading, whether there may be more, and the number of the last one."""
    found: list[Event] = []
    limit = PAGE + 1 if worth is None else READ
    for _ in range(MOST_READS):
        batch = read(edge, limit)
        for event in batch:
            if worth is None or worth(event):
                if len(found) == PAGE:
                    return found, True, edge
                found.append(event)
            edge = event.seq
        if len(batch) < limit:
            return found, False, edge
    return found, True, edge
