"""The event log, to be read and followed."""

from typing import Annotated, Any

from flask import Blueprint, g
from pydantic import Field

from edge.domain.api_token import Scope
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType
from edge.web.api.bodies import Moment, PersonId
from edge.web.api.operation import Answer, ApiBody, operation
from edge.web.parts import parts

events = Blueprint("api_events", __name__, url_prefix="/api/v1/events")


class EventQueryBody(ApiBody):
    """Events of any of `type` (all where none is named), about `person`, from `begin` up to but not at `end`.

    With `after` the first ones behind this sequence number, in their order; else the newest ones before
    `before`, the newest first.
    """

    type: tuple[EventType, ...] = ()
    person: PersonId | None = None
    begin: Moment | None = None
    end: Moment | None = None
    after: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class EventsBody(ApiBody):
    """CloudEvents 1.0 objects; `sequence` of the last is where to go on, by `after` or `before`."""

    events: list[dict[str, Any]]


@events.get("")
@operation(Scope.READ, "Look into the event log", query=EventQueryBody, answer=EventsBody)
def query(query: EventQueryBody) -> Answer:
    """As they are published, docs/mqtt.md tells the types; scores come as bands.

    A silent alarm is told to programs with the scope `admin` alone.
    """
    which = EventFilter(
        types=frozenset(query.type) or frozenset(EventType) - _secret(),
        person=query.person,
        begin=query.begin.timestamp() if query.begin else None,
        end=query.end.timestamp() if query.end else None,
    )
    if query.after is not None:
        found = parts().query.oldest(which, after=query.after, limit=query.limit)
    else:
        found = parts().query.newest(which, before=query.before, limit=query.limit)
    return EventsBody(events=[_told(event) for event in found if event.type not in _secret()])


def _secret() -> frozenset[EventType]:
    return frozenset() if Scope.ADMIN in g.account.scopes else frozenset({EventType.ACCESS_DURESS})


def _told(event: Event) -> dict[str, Any]:
    return event.published(parts().device)
