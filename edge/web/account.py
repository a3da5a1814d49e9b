"""Whoever asks, as the views know them."""

from dataclasses import dataclass

from edge.domain.api_token import Scope
from edge.web.roles import Role


@dataclass(frozen=True, slots=True)
class Account:
    """Who is logged in: `actor` is what events say. A program (`kind` token) has scopes and no role."""

    name: str
    role: Role
    kind: str = "admin"
    scopes: frozenset[Scope] = frozenset()

    @property
    def actor(self) -> str:
        """Return the actor in events."""
        return f"{self.kind}:{self.name}"


NOBODY = Account("", Role.PUBLIC)
SCREEN = Account("screen", Role.KIOSK)
