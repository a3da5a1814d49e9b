"""Tokens by which programs use the terminal: shown once, kept as a hash."""

from collections.abc import Iterable

from edge.domain.api_token import ApiToken, Scope, clean_token_name
from edge.domain.login_budget import ADDRESS, EVERYBODY, network
from edge.errors import ConflictError, TooManyTriesError
from edge.office.one_time import digest, new_token
from edge.ports import Clock
from edge.ports.accounts import ApiTokens, Budgets

PREFIX = "edge_"  # by which scanners for leaked secrets know one
LONGEST = 100  # letters of what may be a token
MOST_DAYS = 3650
_DAY = 86400.0


class TokenDesk:
    """Makes tokens, knows and revokes them; from any thread. All raises StoreError."""

    def __init__(self, *, tokens: ApiTokens, budgets: Budgets, clock: Clock) -> None:
        self._tokens = tokens
        self._budgets = budgets
        self._clock = clock

    def make(
        self, name: str, scopes: Iterable[Scope], *, days: int | None = None, actor: str
    ) -> tuple[ApiToken, str]:
        """Return a new token and what it is, which cannot be had again.

        Raises ConflictError for a name in use, no scope, or a life of no or too many `days`.
        """
        wanted = frozenset(scopes)
        if not wanted:
            raise ConflictError("token: choose what it may do")
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise ConflictError(f"token: it lives 1 to {MOST_DAYS} days, or without an end")
        secret = PREFIX + new_token()
        expires = None if days is None else self._clock.now().wall + days * _DAY
        made = self._tokens.make(
            name=clean_token_name(name), digest=digest(secret), scopes=wanted, expires=expires, actor=actor
        )
        return made, secret

    def tokens(self) -> list[ApiToken]:
        """Return all tokens, the oldest first."""
        return self._tokens.tokens()

    def digests(self) -> frozenset[str]:
        """Return the hashes of all tokens, by which one that comes may be known."""
        return self._tokens.digests()

    def revoke(self, token: str, *, actor: str) -> None:
        """Forget a token by its id; raises NotFoundError."""
        self._tokens.revoke(token, actor=actor)

    def known(self, secret: str, address: str) -> ApiToken | None:
        """Return the token that `secret` is, None for one that is unknown or too old.

        Wrong ones are taken from a budget of their address; raises TooManyTriesError when that is used up.
        """
        now = self._clock.now().wall
        found = self._tokens.known(digest(secret)) if len(secret) <= LONGEST else None
        if found is None or (found.expires is not None and found.expires <= now):
            wait = self._budgets.take({f"token:{network(address)}": ADDRESS, "token": EVERYBODY}, now)
            if wait:
                raise TooManyTriesError(wait)
            return None
        self._tokens.used(found.id)
        return found
