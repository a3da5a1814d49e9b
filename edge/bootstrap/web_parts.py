"""What the pages work with, put together."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from edge.bootstrap.live import LiveParts
from edge.bootstrap.time_zone import site_zone
from edge.config import Settings
from edge.domain.door_view import DoorView
from edge.errors import DoorError
from edge.ports import Clock

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore
    from edge.web.parts import WebParts


def web_parts(
    settings: Settings,
    store: "SqliteStore",
    clock: Clock,
    health: Callable[[], Mapping[str, Any]],
    live: LiveParts,
) -> "WebParts":
    """Return what the pages of a running daemon work with."""
    from edge.adapters.box_psutil import BoxPsutil
    from edge.web.parts import WebParts

    return WebParts(
        device=settings.device.name,
        language=settings.device.language,
        people=store.people,
        events=store.journal,
        clock=clock,
        health=health,
        live=live.window,
        feed=live.events,
        zone=site_zone(settings),
        query=store.query,
        doors=NoDoors(),
        box=BoxPsutil(settings.data_dir),
    )


class NoDoors:
    """Stands where no door is wired: shows none, and refuses what would move one."""

    def status(self) -> tuple[DoorView, ...]:
        """Return no door."""
        return ()

    def _refuse(self, *_given: object, **_named: object) -> NoReturn:
        raise DoorError("this terminal has no door")

    unlock = lock = hold = release = lockdown = evacuation = forgive = enter_pin = cancel_pin = _refuse
