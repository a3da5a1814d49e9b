"""What the pages work with: ports and use cases, handed over by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from flask import current_app
from werkzeug.exceptions import ServiceUnavailable

from edge.ports import (
    BoxMeter,
    Clock,
    DoorControl,
    EventFeed,
    EventQuery,
    EventReader,
    LiveView,
    People,
    PictureExaminer,
)
from edge.web.kiosk_parts import KioskParts
from edge.web.language import Language
from edge.web.office_parts import OfficeParts
from edge.web.people_parts import PeopleParts
from edge.web.security_parts import SecurityParts


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """The collaborators of the pages. `health` is the JSON of the control socket's health, from any thread.

    `language` is the terminal's; a browser's own choice comes before it. `zone` is that of its clock.
    `office` is what only some pages need; without it they answer 503.
    """

    device: str
    language: Language
    people: People
    events: EventReader
    clock: Clock
    health: Callable[[], Mapping[str, Any]]
    live: LiveView | None = None
    feed: EventFeed | None = None
    examiner: PictureExaminer | None = None
    zone: tzinfo
    query: EventQuery
    doors: DoorControl
    box: BoxMeter
    security: SecurityParts | None = None
    office: OfficeParts | None = None
    roll: PeopleParts | None = None
    kiosk: KioskParts | None = None


def parts() -> WebParts:
    """Return the parts of the application that serves the present request."""
    found: WebParts = current_app.extensions["edge"]
    return found


def office() -> OfficeParts:
    """Return what the pages of the office work with; raises ServiceUnavailable where there is nothing."""
    found = parts().office
    if found is None:
        raise ServiceUnavailable
    return found


def people_parts() -> PeopleParts:
    """Return what the pages of people work with; raises ServiceUnavailable where there is nothing."""
    found = parts().roll
    if found is None:
        raise ServiceUnavailable
    return found
