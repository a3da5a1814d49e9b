"""Accounts of the pages: who may log in, and as what."""

import re
from dataclasses import dataclass
from enum import StrEnum

from edge.errors import ConflictError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}", re.ASCII)


class AccountRole(StrEnum):
    """What an account may do; each may do all that the ones before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class CodeKind(StrEnum):
    """What a one-time code is for.

    `setup` makes an admin, or takes over the account whose name is given with it; `invitation` makes the
    account it was offered for, or gives that a new password.
    """

    SETUP = "setup"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminAccount:
    """An account. `name` is what one logs in with and what events say; it is never given to another.

    `created` and `last_login` are ISO 8601 UTC; `second_factor` tells whether an authenticator is asked for.
    """

    id: str
    name: str
    role: AccountRole
    enabled: bool = True
    second_factor: bool = False
    created: str = ""
    last_login: str | None = None

    @property
    def actor(self) -> str:
        """Return the actor in events."""
        return f"admin:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What an account is known by: hashes, the authenticator's secret in base32, and its last step used."""

    account: AdminAccount
    password: str
    totp: str | None = None
    totp_step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOffer:
    """A code that waits to be used: what for, until when (UTC seconds), for whom and by whom."""

    kind: CodeKind
    role: AccountRole
    name: str | None
    expires: float
    actor: str


def clean_login_name(text: str) -> str:
    """Return a login name in small letters; raises ConflictError for one that cannot be."""
    name = text.strip().casefold()
    if not _NAME.fullmatch(name):
        raise ConflictError(
            "login name: it has 2 to 32 letters from a to z, digits, dots, hyphens or underscores, "
            "and begins with a letter or digit"
        )
    return name
