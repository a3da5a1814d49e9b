"""The pages' accounts on the control socket."""

from edge.control_wire.body import Body


class CodeBody(Body):
    """A set-up code is wanted; `again` although there is an admin already."""

    again: bool = False
