"""Whether whoever is being told something still listens."""

from collections.abc import Callable
from typing import Any

from flask import request

DISCONNECTED = "waitress.client_disconnected"  # a function of no arguments, by which the server tells


def viewer_gone() -> Callable[[], bool]:
    """Return what tells, from any thread and after this request's context, that its client hung up.

    Where the server cannot tell it says no; such a viewer is found by the next word sent to it.
    """
    told: Any = request.environ.get(DISCONNECTED)
    return told if callable(told) else lambda: False
