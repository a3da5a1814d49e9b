"""What is asked of the doors on the control socket."""

from typing import Annotated

from pydantic import Field

from edge.control_wire.body import Body, Text


class DoorBody(Body):
    """A door by its name, None for the only one, and why."""

    door: Text | None = None
    reason: Text = ""


class UnlockBody(DoorBody):
    """For how many seconds, None for as long as a grant does."""

    seconds: Annotated[float, Field(gt=0, le=3600)] | None = None


class SiteBody(Body):
    """Whether something of the whole site begins or ends."""

    on: bool
