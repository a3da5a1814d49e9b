"""The accounts of the pages, put together: for the pages, the control socket and `edgectl`."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from edge.bootstrap.storage import actor, daemon_that_holds_it, open_store
from edge.config import Settings
from edge.errors import StoreBusyError
from edge.office.accounts import AccountDesk
from edge.office.api_tokens import TokenDesk
from edge.office.login import LoginDesk
from edge.ports import Clock

if TYPE_CHECKING:
    from edge.adapters.control import ControlClient
    from edge.adapters.store_sqlite import SqliteStore
    from edge.ports import SecretHasher
    from edge.web.security_parts import SecurityParts

# Twice what OWASP's password storage cheat sheet asks for at least: 0.25 s on a Raspberry Pi 4.
MEMORY_KIB = 46 * 1024
PASSES = 2


def password_hasher() -> "SecretHasher":
    """Return what hashes the passwords of accounts, one at a time."""
    from edge.adapters.hasher_argon2 import HasherArgon2
    from edge.web.login_hasher import OneAtATime

    return OneAtATime(HasherArgon2(memory_kib=MEMORY_KIB, passes=PASSES))


def account_desk(
    settings: Settings, store: "SqliteStore", clock: Clock, hasher: "SecretHasher"
) -> AccountDesk:
    """Return what makes and changes accounts."""
    return AccountDesk(
        accounts=store.admins,
        sessions=store.sessions,
        budgets=store.budgets,
        hasher=hasher,
        clock=clock,
        device=settings.device.name,
    )


def security_parts(
    settings: Settings, store: "SqliteStore", clock: Clock, accounts: AccountDesk, hasher: "SecretHasher"
) -> "SecurityParts":
    """Return what the pages let people in by."""
    from edge.adapters.certificate_machine import own_names
    from edge.web.security_known import KnownClients
    from edge.web.security_parts import SecurityParts

    login = LoginDesk(
        accounts=store.admins,
        sessions=store.sessions,
        budgets=store.budgets,
        journal=store.journal,
        hasher=hasher,
        clock=clock,
    )
    tokens = TokenDesk(tokens=store.tokens, budgets=store.budgets, clock=clock)
    return SecurityParts(
        login=login,
        accounts=accounts,
        tokens=tokens,
        known=KnownClients([*tokens.digests(), *live_sessions(store, clock)]),
        key=store.pages_key(),
        hosts=frozenset(own_names(settings.device.name, settings.web.names)),
        vouched=bool(settings.web.cert_file),
    )


def live_sessions(store: "SqliteStore", clock: Clock) -> list[str]:
    """Return the hashes of the sessions that hold, the one that began last at the end. Raises StoreError.

    They outlive the process, not the boot: an open page sends its pictures to the next process at once.
    """
    now = clock.monotonic()
    opened = [one for account in store.admins.accounts() for one in store.sessions.sessions(account.id)]
    return [one.digest for one in sorted(opened, key=lambda one: one.began) if one.holds(now)]


@dataclass(frozen=True, slots=True)
class AccountsAtHand:
    """Accounts for a command: through the daemon where one runs, else in the database itself."""

    desk: AccountDesk | None
    client: "ControlClient | None"

    def setup_code(self, *, again: bool) -> str:
        """Return a new set-up code; raises ConflictError as `AccountDesk.setup_code` does."""
        if self.desk is not None:
            return self.desk.setup_code(actor=actor(), again=again)
        return str(self._ask("POST", "/v1/accounts/code", again=again)["code"])

    def accounts(self) -> list[dict[str, Any]]:
        """Return all accounts as JSON."""
        if self.desk is not None:
            return [asdict(account) for account in self.desk.accounts()]
        found: list[dict[str, Any]] = self._ask("GET", "/v1/accounts")
        return found

    def _ask(self, method: str, route: str, **said: bool) -> Any:
        from edge.control_wire.accounts import CodeBody

        if self.client is None:
            raise AssertionError("neither a desk nor a daemon")
        return self.client.ask(method, route, CodeBody(**said) if said else None)


@contextmanager
def accounts(settings: Settings) -> Iterator[AccountsAtHand]:
    """Give the accounts, whoever holds the database.

    Raises StoreError, and StoreBusyError where the database is held by something that does not answer.
    """
    from edge.adapters.clock_system import ClockSystem

    clock = ClockSystem()
    try:
        store = open_store(settings, clock=clock)
    except StoreBusyError as busy:
        yield AccountsAtHand(None, daemon_that_holds_it(settings, busy))
        return
    with closing(store):
        yield AccountsAtHand(account_desk(settings, store, clock, password_hasher()), None)
