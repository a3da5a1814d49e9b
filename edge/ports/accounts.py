"""What is asked of whoever keeps the accounts of the pages, their sessions and tokens."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from edge.domain.account import AccountRole, AdminAccount, CodeKind, CodeOffer, Credentials
from edge.domain.api_token import ApiToken, Scope
from edge.domain.login_budget import Budget
from edge.domain.login_session import LoginSession


class Accounts(Protocol):
    """Who may log in; from any thread. Each change is one transaction with its event. All raise StoreError.

    Codes come as hashes only; times are UTC seconds.
    """

    def accounts(self) -> list[AdminAccount]:
        """Return all accounts, by name."""
        ...

    def has_admin(self) -> bool:
        """Return whether anybody may administer the terminal."""
        ...

    def credentials(self, name: str) -> Credentials | None:
        """Return what the account of this login name is known by."""
        ...

    def offer(
        self, *, digest: str, kind: CodeKind, role: AccountRole, name: str | None, expires: float, actor: str
    ) -> None:
        """Let a code be used once; it takes the place of an earlier one of its kind for the same name."""
        ...

    def offered(self, digest: str, now: float) -> CodeOffer | None:
        """Return what a code is for, None for one that is unknown, used up or too old."""
        ...

    def offers(self, now: float) -> list[CodeOffer]:
        """Return the invitations that wait, without the codes."""
        ...

    def withdraw(self, name: str, *, actor: str) -> None:
        """Take back the invitation for this login name; raises NotFoundError."""
        ...

    def redeem(self, digest: str, *, name: str, password: str, now: float) -> AdminAccount:
        """Use a code up: make the account, or give it this password (a hash), its role, and no second factor.

        Its sessions and known browsers end. Raises ConflictError for a code that is no good any more, is for
        another name, or would leave nobody who administers the terminal.
        """
        ...

    def set_password(self, account: str, password: str, *, keep: str | None = None, actor: str) -> None:
        """Write the hash of a new password; all sessions but `keep` (a hash) and all known browsers end."""
        ...

    def set_totp(
        self, account: str, secret: str | None, recovery: Sequence[str], *, keep: str | None, actor: str
    ) -> None:
        """Set or remove the authenticator and the hashes of its recovery codes; other sessions end."""
        ...

    def use_step(self, account: str, step: int) -> bool:
        """Use up a time step of the authenticator; False where it, or a later one, was used already."""
        ...

    def use_recovery(self, account: str, digest: str) -> bool:
        """Use up a recovery code; False where there is none such."""
        ...

    def recovery_left(self, account: str) -> int:
        """Return how many recovery codes are left."""
        ...

    def change(
        self, account: str, *, role: AccountRole | None = None, enabled: bool | None = None, actor: str
    ) -> AdminAccount:
        """Change a role, disable or enable; its sessions end, and a waiting code too unless it is enabled.

        Raises ConflictError for the last admin.
        """
        ...


class LoginSessions(Protocol):
    """Browsers that are logged in, and those that were here before; from any thread. All raise StoreError."""

    def open(
        self, *, digest: str, account: str, monotonic: float, complete: bool, address: str, agent: str
    ) -> None:
        """Remember a session that begins."""
        ...

    def session(self, digest: str) -> LoginSession | None:
        """Return a session of this boot, whether or not it still holds."""
        ...

    def sessions(self, account: str) -> list[LoginSession]:
        """Return the complete sessions of an account, the newest first."""
        ...

    def seen(self, digest: str, monotonic: float) -> None:
        """Note that a session was used."""
        ...

    def proved(self, digest: str, renewed: str, monotonic: float) -> None:
        """Note that the password was given again; the session is known as `renewed` from then on."""
        ...

    def close(self, digest: str) -> None:
        """Forget a session."""
        ...

    def close_all(self, account: str, *, keep: str | None = None) -> int:
        """Forget the sessions of an account but one, and return how many."""
        ...

    def sweep(self, monotonic: float) -> None:
        """Forget the sessions that hold no longer."""
        ...

    def know(self, digest: str, account: str, agent: str, now: float) -> None:
        """Remember a browser from which somebody logged in; of an account's, the newest few are kept."""
        ...

    def knows(self, digest: str, account: str, now: float) -> bool:
        """Return whether this browser was here before, for this account."""
        ...

    def forget(self, account: str) -> None:
        """Forget the browsers of an account."""
        ...

    def logged_in(self, account: str) -> None:
        """Note the time of a login."""
        ...


class Budgets(Protocol):
    """Budgets of guesses that survive a restart."""

    def take(self, wanted: Mapping[str, Budget], now: float) -> float:
        """Take one from each and return 0, or nothing and return the seconds to wait. Raises StoreError."""
        ...

    def give_back(self, keys: Sequence[str]) -> None:
        """Give one back to each budget: it was no guess. Raises StoreError."""
        ...

    def refill(self, keys: Sequence[str]) -> None:
        """Fill budgets up again. Raises StoreError."""
        ...


class ApiTokens(Protocol):
    """Tokens of programs; from any thread. All raise StoreError."""

    def make(
        self, *, name: str, digest: str, scopes: frozenset[Scope], expires: float | None, actor: str
    ) -> ApiToken:
        """Add a token; raises ConflictError for a name in use."""
        ...

    def tokens(self) -> list[ApiToken]:
        """Return all tokens, the oldest first."""
        ...

    def digests(self) -> frozenset[str]:
        """Return the hashes of all tokens."""
        ...

    def known(self, digest: str) -> ApiToken | None:
        """Return the token with this hash."""
        ...

    def used(self, token: str) -> None:
        """Note that a token, by its id, was used."""
        ...

    def revoke(self, token: str, *, actor: str) -> None:
        """Forget a token by its id; raises NotFoundError."""
        ...
