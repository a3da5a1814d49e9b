"""What is asked of whoever writes the office's decisions about punches and the clock into the journal."""

from typing import Protocol

from edge.domain.attendance_punch import PunchKind
from edge.domain.clock_trust import ClockStanding, Vouch
from edge.ports.machine import Clock


class VouchedClock(Clock, Protocol):
    """A clock that an admin can vouch for."""

    def standing(self) -> ClockStanding:
        """Return this instant with everybody who vouches for it."""
        ...

    def accept(self, vouch: Vouch | None) -> None:
        """Take an admin's word for the wall clock of this boot, in the place of an earlier one."""
        ...


class AttendanceChanges(Protocol):
    """Corrects punches by new events. Times are UTC seconds; all methods raise StoreError."""

    def add(self, person_id: str, kind: PunchKind, wall: float, *, actor: str) -> str:
        """Add a forgotten punch and return its id; raises NotFoundError, RuleError for a time to come."""
        ...

    def change(
        self, of: str, *, kind: PunchKind | None = None, wall: float | None = None, actor: str
    ) -> None:
        """Give a punch another kind or time; raises NotFoundError, RuleError."""
        ...

    def void(self, of: str, *, actor: str) -> None:
        """Let a punch count no more; raises NotFoundError."""
        ...

    def clear_inside(self, person_id: str | None, *, actor: str) -> None:
        """Take somebody, or everybody where None, off the list of who is inside; raises NotFoundError."""
        ...


class ClockDesk(Protocol):
    """Looks after the trust in the wall clock. All methods raise StoreError."""

    def standing(self) -> ClockStanding:
        """Return how the clock stands."""
        ...

    def vouch(self, *, was_set: bool = False, actor: str) -> ClockStanding:
        """Vouch for the wall clock as it is now, until the machine is started anew, and journal that.

        `was_set` says that the admin has just set it. Raises RuleError for a time that cannot be.
        """
        ...
