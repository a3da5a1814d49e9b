"""How long somebody stays logged in. Times are of the monotonic clock: setting the other ends no session."""

from dataclasses import dataclass

from edge.domain.account import AdminAccount

IDLE = 15 * 60.0  # seconds without a request
LONGEST = 8 * 3600.0
FRESH = 5 * 60.0  # seconds for which a password counts as just entered
HALF_DONE = 5 * 60.0  # seconds to enter the second factor
NOTED = 30.0  # a request is noted durably this often, not each time


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """A browser that is logged in, or (not `complete`) that has still to give the second factor.

    `began`, `seen` and `proved` are seconds of the monotonic clock of this boot: when it began, when it was
    last used, and when a password was last given. `digest` is what its cookie is known by.
    """

    digest: str
    account: AdminAccount
    began: float
    seen: float
    proved: float
    complete: bool
    address: str
    agent: str
    created: str

    def holds(self, now: float) -> bool:
        """Return whether it is still good."""
        if not self.complete:
            return now - self.began < HALF_DONE
        return now - self.seen < IDLE and now - self.began < LONGEST and self.account.enabled

    def is_fresh(self, now: float) -> bool:
        """Return whether the password was given just now."""
        return self.complete and now - self.proved < FRESH
