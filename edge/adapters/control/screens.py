from typing import Any
from urllib.parse import quote

from edge.adapters.control.client import ControlClient


class ScreensOverControl:
    """The screens beside the door of the running daemon, which names the actor. All raise ControlError."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def offer(self) -> str:
        """Return a new code that pairs one screen."""
        return str(self._client.ask("POST", "/v1/screens/code")["code"])

    def screens(self) -> list[dict[str, Any]]:
        """Return the paired screens as JSON."""
        found: list[dict[str, Any]] = self._client.ask("GET", "/v1/screens")
        return found

    def revoke(self, screen: str) -> None:
        """Forget a screen; raises NotFoundError."""
        self._client.ask("DELETE", f"/v1/screens/{quote(screen, safe='')}")
