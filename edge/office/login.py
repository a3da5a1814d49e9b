"""Logging in: a password, then perhaps a second factor, and a session that ends by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from edge.domain.account import AdminAccount, Credentials, clean_login_name
from edge.domain.events import EventType, NewEvent
from edge.domain.login_budget import Budget, login_budgets, second_budgets
from edge.domain.login_session import NOTED, LoginSession
from edge.domain.password_rules import clean_password
from edge.errors import ConflictError, TooManyTriesError
from edge.office.authenticator import matching_step
from edge.office.one_time import code_digest, digest, new_token
from edge.ports import Clock, Journal, SecretHasher
from edge.ports.accounts import Accounts, Budgets, LoginSessions

SAID = 600.0  # seconds for which it is not said again that guesses are not looked at
MOST_SAID = 1000


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who comes: the address, what the browser says it is, and its cookie of an earlier login."""

    address: str
    agent: str = ""
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that began: what its cookie holds, and the one by which the browser is known next time.

    `complete` is False where the second factor has still to come; then there is no `device` yet.
    """

    token: str
    account: AdminAccount
    complete: bool
    device: str | None = None


class LoginDesk:
    """Lets people log in, stay and leave; from any thread. All raises StoreError.

    What is tried too often raises TooManyTriesError, before anything is looked at.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: LoginSessions,
        budgets: Budgets,
        journal: Journal,
        hasher: SecretHasher,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._budgets = budgets
        self._journal = journal
        self._hasher = hasher
        self._clock = clock
        self._said: dict[str, float] = {}

    def log_in(self, name: str, password: str, visitor: Visitor) -> Opened | None:
        """Return a new session, None for a wrong name or password."""
        known = self._credentials(name)
        account = known.account if known else None
        device = self._device(visitor, account)
        budgets = login_budgets(account.name if account else digest(name), visitor.address, device)
        self._spend(budgets, account, visitor.address)
        given = _typed(password)
        right = self._hasher.matches(given, known.password if known else self._nobodys)
        if known is None or not right or not known.account.enabled:
            self._failed(account, visitor.address, "password")
            return None
        self._budgets.refill([key for key in budgets if key.startswith(("device:", "address:"))])
        return self.open(known.account, visitor, complete=known.totp is None)

    def second(self, session: LoginSession, code: str, visitor: Visitor) -> Opened | None:
        """Return a whole session for one that waits for the second factor, None for a wrong code."""
        if not self._is_second(session.account, code, visitor.address):
            return None
        self._sessions.close(session.digest)
        return self.open(session.account, visitor, complete=True)

    def prove(self, session: LoginSession, password: str, address: str) -> str | None:
        """Return the session's new token where the password is its account's, None where it is wrong.

        The password counts as just entered then, and the token of before is worth nothing any more.
        """
        known = self._credentials(session.account.name)
        self._spend(login_budgets(session.account.name, address, session.digest), session.account, address)
        if known is None or not self._hasher.matches(_typed(password), known.password):
            self._failed(session.account, address, "again")
            return None
        token = new_token()
        self._sessions.proved(session.digest, digest(token), self._clock.monotonic())
        return token

    def open(self, account: AdminAccount, visitor: Visitor, *, complete: bool) -> Opened:
        """Begin a session for somebody who is known to be who they say; a whole one is journaled."""
        now, monotonic = self._clock.now().wall, self._clock.monotonic()
        self._sessions.sweep(monotonic)
        opened = Opened(new_token(), account, complete, new_token() if complete else None)
        self._sessions.open(
            digest=digest(opened.token),
            account=account.id,
            monotonic=monotonic,
            complete=complete,
            address=visitor.address,
            agent=visitor.agent,
        )
        if opened.device is None:
            return opened
        before = self._device(visitor, account)
        kept = opened if before is None else Opened(opened.token, account, complete, visitor.device)
        self._sessions.know(digest(kept.device or ""), account.id, visitor.agent, now)
        self._sessions.logged_in(account.id)
        data = {"account": account.name, "address": visitor.address, "known_browser": before is not None}
        self._journal.append(NewEvent(EventType.ADMIN_LOGGED_IN, data=data))
        return kept

    def session(self, token: str, *, active: bool = True) -> LoginSession | None:
        """Return the session of a cookie while it holds; `active` says that a person did something."""
        found = self._sessions.session(digest(token))
        now = self._clock.monotonic()
        if found is None or not found.holds(now):
            return None
        if active and now - found.seen > NOTED:
            self._sessions.seen(found.digest, now)
        return found

    def is_fresh(self, session: LoginSession) -> bool:
        """Return whether the password was given just now."""
        return session.is_fresh(self._clock.monotonic())

    def forget(self, session: LoginSession) -> None:
        """End a session in whose place another one came."""
        self._sessions.close(session.digest)

    def log_out(self, session: LoginSession) -> None:
        """End a session."""
        self._sessions.close(session.digest)
        data = {"account": session.account.name, "actor": session.account.actor}
        self._journal.append(NewEvent(EventType.ADMIN_LOGGED_OUT, data=data))

    def _is_second(self, account: AdminAccount, code: str, address: str) -> bool:
        known = self._credentials(account.name)
        self._spend(second_budgets(account.id), account, address)
        if known is None or known.totp is None:
            return False
        step = matching_step(known.totp, code, self._clock.now().wall)
        if step is not None and self._accounts.use_step(account.id, step):
            return True
        if step is None and self._accounts.use_recovery(account.id, code_digest(code)):
            return True
        self._failed(account, address, "second")
        return False

    def _credentials(self, name: str) -> Credentials | None:
        try:
            return self._accounts.credentials(clean_login_name(name[:100]))
        except ConflictError:
            return None

    def _device(self, visitor: Visitor, account: AdminAccount | None) -> str | None:
        """Return the hash of the browser's cookie where this account logged in from it before."""
        if visitor.device is None or account is None:
            return None
        known = digest(visitor.device)
        return known if self._sessions.knows(known, account.id, self._clock.now().wall) else None

    def _spend(self, budgets: Mapping[str, Budget], account: AdminAccount | None, address: str) -> None:
        now = self._clock.now().wall
        wait = self._budgets.take(budgets, now)
        if not wait:
            return
        name = account.name if account else None
        told = f"{name} {address}"
        if now - self._said.get(told, -SAID) >= SAID or now < self._said[told]:
            if len(self._said) >= MOST_SAID:
                self._said.clear()
            self._said[told] = now
            data = {"account": name, "address": address}
            self._journal.append(NewEvent(EventType.ADMIN_LOGIN_DELAYED, data=data))
        raise TooManyTriesError(wait)

    def _failed(self, account: AdminAccount | None, address: str, step: str) -> None:
        data = {"account": account.name if account else None, "address": address, "step": step}
        self._journal.append(NewEvent(EventType.ADMIN_LOGIN_FAILED, data=data))

    @cached_property
    def _nobodys(self) -> str:
        """A hash that no password has: a name that nobody has takes as long as any other."""
        return self._hasher.hashed(new_token())


def _typed(password: str) -> str:
    try:
        return clean_password(password)
    except ConflictError:
        return ""
