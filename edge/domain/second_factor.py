"""The second factor: what came of a PIN. Hashes are an adapter's work; the domain sees the outcome."""

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
