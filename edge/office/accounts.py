"""Making accounts by one-time codes, and changing them."""

from collections.abc import Sequence

from edge.domain.account import AccountRole, AdminAccount, CodeKind, CodeOffer, clean_login_name
from edge.domain.login_budget import code_budgets
from edge.domain.login_session import LoginSession
from edge.domain.password_rules import new_password
from edge.errors import ConflictError, NotFoundError, TooManyTriesError
from edge.office.authenticator import address_of, matching_step, new_secret
from edge.office.one_time import RECOVERY_CODES, RECOVERY_GROUPS, code_digest, digest, new_code
from edge.ports import Clock, SecretHasher
from edge.ports.accounts import Accounts, Budgets, LoginSessions

SETUP_HOURS = 24
INVITATION_DAYS = 3
_HOUR = 3600.0


class AccountDesk:
    """Makes and changes accounts; from any thread. All raises StoreError.

    `device` is the terminal's name. A password that would be guessed raises ConflictError.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: LoginSessions,
        budgets: Budgets,
        hasher: SecretHasher,
        clock: Clock,
        device: str,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._budgets = budgets
        self._hasher = hasher
        self._clock = clock
        self._device = device

    def accounts(self) -> list[AdminAccount]:
        """Return all accounts, by name."""
        return self._accounts.accounts()

    def account(self, name: str) -> AdminAccount:
        """Return the account of a login name; raises NotFoundError."""
        found = self._accounts.credentials(name)
        if found is None:
            raise NotFoundError(f"account {name}: there is none")
        return found.account

    def needs_setup(self) -> bool:
        """Return whether nobody may administer the terminal yet."""
        return not self._accounts.has_admin()

    def setup_code(self, *, actor: str, again: bool = False) -> str:
        """Return a new code that makes an admin; the last one is worth nothing any more.

        Raises ConflictError where there is an admin already, unless `again`.
        """
        if not again and not self.needs_setup():
            raise ConflictError(
                "there is an administrator already; `edgectl admin reset` makes a code all the same"
            )
        code = new_code()
        self._accounts.offer(
            digest=code_digest(code),
            kind=CodeKind.SETUP,
            role=AccountRole.ADMIN,
            name=None,
            expires=self._now() + SETUP_HOURS * _HOUR,
            actor=actor,
        )
        return code

    def invite(self, name: str, role: AccountRole, *, actor: str) -> str:
        """Return a code by which somebody makes an account of this name, or gives theirs a new password.

        Raises ConflictError where there is such an account already and it has another role.
        """
        name, code = clean_login_name(name), new_code()
        known = self._accounts.credentials(name)
        if known is not None and known.account.role is not role:
            raise ConflictError(f"account {name}: it is there already; its role is changed in the list")
        self._accounts.offer(
            digest=code_digest(code),
            kind=CodeKind.INVITATION,
            role=role,
            name=name,
            expires=self._now() + INVITATION_DAYS * 24 * _HOUR,
            actor=actor,
        )
        return code

    def invitations(self) -> list[CodeOffer]:
        """Return the invitations that wait."""
        return self._accounts.offers(self._now())

    def withdraw(self, name: str, *, actor: str) -> None:
        """Take an invitation back; raises NotFoundError."""
        self._accounts.withdraw(name, actor=actor)

    def offered(self, code: str, address: str) -> CodeOffer | None:
        """Return what a code is for, None for a wrong one; raises TooManyTriesError."""
        budgets = code_budgets(address)
        wait = self._budgets.take(budgets, self._now())
        if wait:
            raise TooManyTriesError(wait)
        offer = self._accounts.offered(code_digest(code), self._now())
        if offer is not None:
            self._budgets.give_back(list(budgets))
        return offer

    def join(self, code: str, name: str, password: str, address: str) -> AdminAccount:
        """Use a code up and return the account; raises ConflictError for what is wrong with any of the three.

        Raises TooManyTriesError as `offered` does.
        """
        if self.offered(code, address) is None:
            raise ConflictError("code: it is wrong, used up or too old")
        name = clean_login_name(name)
        hashed = self._hasher.hashed(new_password(password, (name, self._device)))
        return self._accounts.redeem(code_digest(code), name=name, password=hashed, now=self._now())

    def change_password(self, account: AdminAccount, password: str, *, keep: str) -> None:
        """Give an account a new password; all its sessions end but the one with the token `keep`."""
        hashed = self._hasher.hashed(new_password(password, (account.name, self._device)))
        self._accounts.set_password(account.id, hashed, keep=digest(keep), actor=account.actor)

    def change(
        self,
        name: str,
        *,
        role: AccountRole | None = None,
        enabled: bool | None = None,
        actor: str,
    ) -> AdminAccount:
        """Change a role, disable or enable; raises NotFoundError, and ConflictError for the last admin."""
        return self._accounts.change(self.account(name).id, role=role, enabled=enabled, actor=actor)

    def new_secret(self) -> str:
        """Return a new secret for an authenticator, not set yet."""
        return new_secret()

    def authenticator_address(self, account: AdminAccount, secret: str) -> str:
        """Return the address by which an app takes a secret."""
        return address_of(secret, name=account.name, device=self._device)

    def set_authenticator(self, session: LoginSession, secret: str, code: str) -> Sequence[str]:
        """Ask for a second factor from now on, once the app has shown that it knows the secret.

        Returns the recovery codes, which are not kept. Raises ConflictError for a wrong code.
        """
        step = matching_step(secret, code, self._now())
        if step is None:
            raise ConflictError(
                "second factor: the app shows another code; check the terminal's clock as well"
            )
        codes = [new_code(RECOVERY_GROUPS) for _ in range(RECOVERY_CODES)]
        account = session.account
        self._accounts.set_totp(
            account.id,
            secret,
            [code_digest(one) for one in codes],
            keep=session.digest,
            actor=account.actor,
        )
        self._accounts.use_step(account.id, step)
        return codes

    def remove_authenticator(self, session: LoginSession) -> None:
        """Ask for the password alone from now on."""
        account = session.account
        self._accounts.set_totp(account.id, None, [], keep=session.digest, actor=account.actor)

    def recovery_left(self, account: AdminAccount) -> int:
        """Return how many recovery codes are left."""
        return self._accounts.recovery_left(account.id)

    def sessions(self, account: AdminAccount) -> list[LoginSession]:
        """Return where somebody is logged in, the newest first."""
        return self._sessions.sessions(account.id)

    def end_sessions(self, account: AdminAccount, *, keep: str | None = None) -> int:
        """End the sessions of an account but one, forget its browsers, and return how many ended."""
        self._sessions.forget(account.id)
        return self._sessions.close_all(account.id, keep=keep)

    def _now(self) -> float:
        return self._clock.now().wall
