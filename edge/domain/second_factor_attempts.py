"""How often a PIN may be tried, after NIST SP 800-63B-4.

Section 3.2.2 allows at most 100 consecutive failures, suggests waits that grow from 30 s to an hour, and lets
a success forget them; 3.2.10 disables a PIN that activates an authenticator after at most 10, until it is set
anew. A door's PIN is as short as those, so 10 is the default here.
"""

from dataclasses import dataclass

from edge.errors import RuleError

MOST_ALLOWED = 100  # SP 800-63B-4, 3.2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRules:
    """Limits on consecutive wrong PINs of one person.

    The first `free` wrong ones cost nothing, each further one doubles a wait that begins with `first_wait`
    seconds and ends with `longest_wait`; `most` lock the PIN until it is set anew or reset by an admin.
    Raises RuleError for limits looser than the standard's.
    """

    free: int = 2
    first_wait: float = 30.0
    longest_wait: float = 3600.0
    most: int = 10

    def __post_init__(self) -> None:
        if not 1 <= self.most <= MOST_ALLOWED:
            raise RuleError(
                f"PIN attempts: {self.most} wrong ones until it locks; allowed are 1 to {MOST_ALLOWED}"
            )
        if not (0 <= self.free <= self.most and 0 < self.first_wait <= self.longest_wait):
            raise RuleError("PIN attempts: free ones must be fewer than the most, and waits must grow")


@dataclass(frozen=True, slots=True)
class Failures:
    """Consecutive wrong PINs, and the monotonic second of the last."""

    count: int = 0
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whether a PIN may be tried now. `wait` is in seconds; `locked` ends by a new PIN or an admin only."""

    wait: float = 0.0
    locked: bool = False

    @property
    def allowed(self) -> bool:
        """Return whether to compare what was entered; if not, it must not be looked at."""
        return self.wait <= 0 and not self.locked


def attempt(failures: Failures, now: float, rules: AttemptRules, *, locks: bool = True) -> Attempt:
    """Return whether a PIN may be tried at monotonic second `now`.

    `locks` off is for what belongs to no person, such as visitor PINs: it waits, and never locks.
    """
    if locks and failures.count >= rules.most:
        return Attempt(locked=True)
    if failures.count <= rules.free:
        return Attempt()
    doublings = min(failures.count - rules.free - 1, 32)
    wait = min(rules.first_wait * 2.0**doublings, rules.longest_wait)
    return Attempt(wait=max(failures.at + wait - now, 0.0))
