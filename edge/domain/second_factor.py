"""The second factor: what came of a PIN, and when one is asked for.

Hashes are an adapter's work; the domain sees the outcome.
"""

from dataclasses import dataclass
from enum import StrEnum


class PinCheck(StrEnum):
    """What the comparison of an entered PIN with the stored hashes said."""

    NONE = "none"  # nothing was entered
    MATCHED = "matched"
    DURESS = "duress"  # the person's other PIN: opens as the first does, and alarms silently
    WRONG = "wrong"

    @property
    def proves(self) -> bool:
        """Return whether it proves the person; a duress PIN does."""
        return self in (PinCheck.MATCHED, PinCheck.DURESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorRules:
    """When a face is not enough, beyond what groups, look-alikes and the gallery's risk ask for.

    `always`, or outside the schedule that `outside` names; where the time is not known, it counts as outside.
    """

    always: bool = False
    outside: str | None = None
