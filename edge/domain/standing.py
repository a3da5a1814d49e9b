"""A trouble that lasts: told once when it has lasted for a while, and its end once."""

from dataclasses import dataclass


@dataclass(slots=True)
class Standing:
    """`patience` is in seconds, `told` whether it was told and has not ended; times are monotonic seconds."""

    patience: float
    told: bool = False
    since: float | None = None

    def look(self, now: float, *, bad: bool) -> bool:
        """Return whether there is something to tell: that it lasts, or that it has ended; `tell` notes it."""
        if not bad:
            self.since = None
            return self.told
        self.since = now if self.since is None else self.since
        return not self.told and now - self.since >= self.patience

    def tell(self) -> None:
        """Note that what there was to tell is told."""
        self.told = not self.told

    def lasted(self, now: float) -> float:
        """Return the seconds since it began, 0 where it is not there."""
        return 0.0 if self.since is None else now - self.since
