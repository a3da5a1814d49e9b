"""What the pages work with, put together."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from edge.bootstrap.kiosk import build_kiosk
from edge.bootstrap.live import LiveParts
from edge.bootstrap.office_parts import office_parts
from edge.bootstrap.people_parts import people_parts
from edge.bootstrap.time_zone import site_zone
from edge.config import Settings
from edge.domain.door_view import DoorView
from edge.errors import DoorError
from edge.ports import DoorControl, VouchedClock
from edge.punch_key import PunchKey

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore
    from edge.web.parts import WebParts
    from edge.web.security_parts import SecurityParts


def web_parts(
    settings: Settings,
    store: "SqliteStore",
    clock: VouchedClock,
    health: Callable[[], Mapping[str, Any]],
    live: LiveParts,
    *,
    camera: Callable[[], str],
    doors: DoorControl | None = None,
    keys: PunchKey | None = None,
    restart: Callable[[], str] | None = None,
    security: "SecurityParts | None" = None,
) -> "WebParts":
    """Return what the pages of a running daemon work with; `camera` gives the camera's state in a word."""
    from edge.adapters.box_psutil import BoxPsutil
    from edge.web.parts import WebParts

    wired = doors or NoDoors()
    screen = build_kiosk(
        settings,
        screens=store.screens,
        people=store.people,
        clock=clock,
        camera=camera,
        live=live.window,
        feed=live.events,
        doors=wired,
        keys=keys or PunchKey(clock.monotonic),
    )
    return WebParts(
        device=settings.device.name,
        language=settings.device.language,
        people=store.people,
        events=store.journal,
        clock=clock,
        health=health,
        live=live.window,
        feed=live.events,
        examiner=live.examiner,
        zone=site_zone(settings),
        query=store.query,
        doors=wired,
        kiosk=screen,
        box=BoxPsutil(settings.data_dir),
        roll=people_parts(settings, store, live.examiner, clock),
        office=office_parts(settings, store, clock, restart),
        security=security,
    )


class NoDoors:
    """Stands where no door is wired: shows none, and refuses what would move one."""

    def status(self) -> tuple[DoorView, ...]:
        """Return no door."""
        return ()

    def _refuse(self, *_given: object, **_named: object) -> NoReturn:
        raise DoorError("this terminal has no door")

    unlock = lock = hold = release = lockdown = evacuation = forgive = enter_pin = cancel_pin = _refuse
