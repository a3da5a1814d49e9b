"""A page of events from a long journal, past those that are not worth showing."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.domain.event_filter import EventFilter
from edge.domain.events import Event
from edge.ports import EventQuery

PAGE = 50
READ, MOST_READS = 150, 20  # events read at once, and how often, to fill a page


@dataclass(frozen=True, slots=True)
class Page:
    """Events, the newest first; `older` and `newer` are the numbers to go on from, None where nothing is."""

    events: tuple[Event, ...]
    older: int | None
    newer: int | None


def page_before(
    query: EventQuery, which: EventFilter, before: int | None, worth: Callable[[Event], bool]
) -> Page:
    """Return the newest events before number `before`, None for the newest of all."""
    found, more, last = _fill(lambda edge: query.newest(which, before=edge, limit=READ), before, worth)
    newer = found[0].seq if found else before
    return Page(tuple(found), last if more else None, None if before is None else newer)


def page_after(query: EventQuery, which: EventFilter, after: int, worth: Callable[[Event], bool]) -> Page:
    """Return the first events after number `after`."""
    found, more, last = _fill(lambda edge: query.oldest(which, after=edge or 0, limit=READ), after, worth)
    older = found[0].seq if found else after + 1
    return Page(tuple(found[::-1]), older, last if more else None)


def _fill(
    read: Callable[[int | None], list[Event]], edge: int | None, worth: Callable[[Event], bool]
) -> tuple[list[Event], bool, int | None]:
    """Return events in the order of reading, whether there may be more, and the number of the last one."""
    found: list[Event] = []
    for _ in range(MOST_READS):
        batch = read(edge)
        for event in batch:
            if worth(event):
                if len(found) == PAGE:
                    return found, True, edge
                found.append(event)
            edge = event.seq
        if len(batch) < READ:
            return found, False, edge
    return found, True, edge
