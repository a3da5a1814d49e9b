"""The screen beside the door, put together."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge.bootstrap.time_zone import site_zone
from edge.config import Settings
from edge.errors import EdgeError
from edge.ports import Clock, DoorControl, EventFeed, LiveView, People
from edge.punch_key import PunchKey

if TYPE_CHECKING:
    from edge.adapters.control import ScreensOverControl
    from edge.ports.kiosk import PairedScreens
    from edge.web.kiosk_parts import KioskParts


def build_kiosk(
    settings: Settings,
    *,
    screens: "PairedScreens",
    people: People,
    clock: Clock,
    camera: Callable[[], str],
    live: LiveView,
    feed: EventFeed,
    doors: DoorControl,
    keys: PunchKey,
) -> "KioskParts":
    """Return what the screen works with; punch keys only where punches are taken and keys count.

    `camera` gives the camera's state in a word; it is asked five times a second by each screen.
    """
    from edge.web.kiosk_parts import KioskParts

    def name_of(person_id: str) -> str | None:
        try:
            return people.find(person_id).name
        except EdgeError:  # forgotten meanwhile, or the records cannot be read: nobody is named
            return None

    given = settings.attendance
    keyed = given.take_punches and "key" in given.order.split()
    return KioskParts(
        screens=screens,
        live=live,
        feed=feed,
        doors=doors,
        clock=clock,
        camera=camera,
        name_of=name_of if settings.kiosk.show_names else lambda _: None,
        zone=zone_name(settings),
        punch_keys=keys if keyed else None,
    )


def zone_name(settings: Settings) -> str:
    """Return the site's time zone as browsers know it."""
    return getattr(site_zone(settings), "key", None) or "UTC"


def screens(settings: Settings) -> "ScreensOverControl":
    """Return the screens of the running daemon."""
    from edge.adapters.control import ControlClient, ScreensOverControl

    return ScreensOverControl(ControlClient(settings.control_socket))
