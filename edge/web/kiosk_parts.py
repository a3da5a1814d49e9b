"""What the screen beside the door works with."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app
from werkzeug.exceptions import NotFound

from edge.ports import Clock, DoorControl
from edge.ports.kiosk import PairedScreens
from edge.ports.live import EventFeed, LiveView
from edge.punch_key import PunchKey

MOST_SCREENS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskParts:
    """The collaborators of the screen.

    `camera` gives the camera's state in a word, `name_of` the name to show for a person id, None where none
    is to be shown. `punch_keys` is None where attendance is not by keys.
    """

    screens: PairedScreens
    live: LiveView
    feed: EventFeed
    doors: DoorControl
    clock: Clock
    camera: Callable[[], str]
    name_of: Callable[[str], str | None]
    zone: str = "UTC"
    punch_keys: PunchKey | None = None
    slots: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_SCREENS)
    )


def kiosk_parts() -> KioskParts:
    """Return the parts in a request; a terminal without a screen has no such pages."""
    found: KioskParts | None = current_app.extensions["edge"].kiosk
    if found is None:
        raise NotFound
    return found
