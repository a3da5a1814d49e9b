"""When to try a broker again: a state machine over monotonic seconds that are handed in, as is the chance.

The waits double from one second to sixty, as the reference below counsels, and each is shortened by up to
half at random so that terminals which lost their broker together do not come back together
(https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
"""

from dataclasses import dataclass
from enum import StrEnum

FIRST = 1.0  # seconds
LONGEST = 60.0


class Contact(StrEnum):
    """How things stand with the broker."""

    WAITING = "waiting"
    TRYING = "trying"
    CONNECTED = "connected"


@dataclass(slots=True)
class Reconnect:
    """Begins with a first try that is due at once. Times never go back."""

    first: float = FIRST
    longest: float = LONGEST
    contact: Contact = Contact.WAITING
    due: float = 0.0
    failures: int = 0

    def wait(self, now: float) -> float:
        """Return the seconds until the next try; 0 where it is due, or where none is waited for."""
        return max(0.0, self.due - now) if self.contact is Contact.WAITING else 0.0

    def trying(self) -> None:
        """Note that a connection is being made."""
        self.contact = Contact.TRYING

    def connected(self) -> None:
        """Note that the broker let us in. That alone proves nothing: it may refuse all we publish."""
        self.contact = Contact.CONNECTED

    def proved(self) -> None:
        """Note that the connection did what it is for: the next loss begins with the shortest wait."""
        self.failures = 0

    def ended(self, now: float, chance: float) -> float:
        """Note that the try failed or the connection ended; return the seconds waited before the next.

        `chance`, from 0 to 1, decides the jitter.
        """
        whole = min(self.longest, self.first * 2.0 ** min(self.failures, 30))
        delay = whole * (1 - min(max(chance, 0.0), 1.0) / 2)
        self.failures += 1
        self.contact = Contact.WAITING
        self.due = now + delay
        return delay
