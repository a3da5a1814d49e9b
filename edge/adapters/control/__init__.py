"""What `edgectl` asks of a running daemon, over its control socket."""

from edge.adapters.control.access import AccessOverControl
from edge.adapters.control.client import ControlClient, UnixConnection
from edge.adapters.control.office import AttendanceOverControl, ClockOverControl, DoorsOverControl
from edge.adapters.control.people import PeopleOverControl
from edge.adapters.control.screens import ScreensOverControl

__all__ = [
    "AccessOverControl",
    "AttendanceOverControl",
    "ClockOverControl",
    "ControlClient",
    "DoorsOverControl",
    "PeopleOverControl",
    "ScreensOverControl",
    "UnixConnection",
]
