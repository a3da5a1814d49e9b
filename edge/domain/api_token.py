"""What programs may do that come with a token instead of a person."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from edge.errors import ConflictError

MAX_TOKEN_NAME = 64


class Scope(StrEnum):
    """What a token is good for; none includes another."""

    READ = "read"  # people without pictures, events, attendance, how the terminal stands
    ENROL = "enrol"  # add, change and remove people
    DOOR = "door"  # unlock and lock
    ADMIN = "admin"  # settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token, without itself: that is shown once.

    `created` and `used` are ISO 8601 UTC, `used` the last day and hour it was seen; `expires` UTC seconds or
    None; `actor` is who made it.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    created: str
    actor: str
    expires: float | None = None
    used: str | None = None

    @property
    def as_actor(self) -> str:
        """Return the actor in events."""
        return f"token:{self.name}"


def clean_token_name(text: str) -> str:
    """Return what a token is called; raises ConflictError for a name that cannot be."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > MAX_TOKEN_NAME:
        raise ConflictError(f"token: its name has 1 to {MAX_TOKEN_NAME} letters")
    if not name.isprintable() or ":" in name:
        raise ConflictError("token: its name holds a colon or a letter that cannot be shown")
    return name
