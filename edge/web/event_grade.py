"""How grave an event is: by the names of the stylesheet."""

from typing import Literal, TypeAlias

Grade: TypeAlias = Literal["ok", "warn", "bad", "info", "idle"]
"""Good, to be looked at, grave, done by somebody, without meaning of its own."""
