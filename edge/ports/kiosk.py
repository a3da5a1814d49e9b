"""What is asked of whoever remembers the paired screens."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedScreen:
    """A screen that was paired: when (ISO 8601 UTC) and from which address."""

    id: str
    paired: str
    address: str


class PairedScreens(Protocol):
    """Screens beside the door, paired once by a code; from any thread. All methods raise StoreError.

    Codes and tokens are kept as hashes only. Times are UTC seconds.
    """

    def offer(self, *, actor: str, now: float) -> str:
        """Return a new code for one screen; it takes the place of one that was offered before."""
        ...

    def pair(self, code: str, *, address: str, now: float) -> str | None:
        """Return the token of a screen newly paired by `code`, and use the code up; None for a wrong code.

        A code is worth nothing after ten minutes or five wrong tries.
        """
        ...

    def known(self, token: str) -> PairedScreen | None:
        """Return the screen with this token, None where it is not paired any more."""
        ...

    def screens(self) -> list[PairedScreen]:
        """Return all paired screens, the oldest first."""
        ...

    def revoke(self, screen: str, *, actor: str) -> None:
        """Forget a screen by its id; raises NotFoundError."""
        ...
