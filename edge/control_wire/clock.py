"""The clock on the control socket."""

from typing import Literal

from edge.control_wire.base import Body


class ClockBody(Body):
    """How the daemon's clock stands: UTC seconds, and who vouches for it (`ntp`, `hardware`, `admin`)."""

    wall: float
    trusted: bool
    witnesses: list[Literal["ntp", "hardware", "admin"]]


class VouchBody(Body):
    """An admin vouches for the wall clock as it is now, `set` where they have just set it."""

    set: bool = False
