"""The clock on the control socket."""

from typing import Literal

from edge.control_wire.body import Body
from edge.domain.clock_trust import ClockStanding, Witness
from edge.domain.events import Instant


class ClockBody(Body):
    """How the daemon's clock stands: UTC seconds, and who vouches for it (`ntp`, `hardware`, `admin`)."""

    wall: float
    monotonic_ns: int
    trusted: bool
    witnesses: list[Literal["ntp", "hardware", "admin"]]

    @classmethod
    def of(cls, standing: ClockStanding) -> "ClockBody":
        """Return the body of a clock's standing."""
        return cls(
            wall=standing.at.wall,
            monotonic_ns=standing.at.monotonic_ns,
            trusted=standing.at.trusted,
            witnesses=[witness.value for witness in standing.witnesses],
        )

    def standing(self) -> ClockStanding:
        """Return the clock's standing."""
        at = Instant(self.wall, self.monotonic_ns, self.trusted)
        return ClockStanding(at, tuple(Witness(witness) for witness in self.witnesses))


class VouchBody(Body):
    """An admin vouches for the wall clock as it is now, `set` where they have just set it."""

    set: bool = False
