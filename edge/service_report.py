"""What the service manager is told, decided at the end of each turn of the parent's loop."""

import structlog

from edge.domain.watchdog import Deadlines, Loops, late
from edge.ports import ServiceNotifier

RETRY = 0.25  # of the period: how soon a sign of life that could not be given is tried again

log = structlog.get_logger("edge.service")


class ServiceReport:
    """Tells that the service is ready, how it stands, and that all of its loops live; for one thread."""

    def __init__(self, notifier: ServiceNotifier, deadlines: Deadlines) -> None:
        self._notifier = notifier
        self._deadlines = deadlines
        self._ready = False
        self._told = ""
        self._next = 0.0  # when a sign of life is due
        self._late: list[str] = []

    def timeout(self, otherwise: float | None, now: float) -> float | None:
        """Return how long a turn may wait: until a sign of life is due, or `otherwise` where that is less."""
        if self._notifier.period is None:
            return otherwise
        left = max(0.0, self._next - now)
        return left if otherwise is None else min(left, otherwise)

    def turn(self, loops: Loops, *, known: bool, status: str, now: float) -> None:
        """Tell what there is to tell; `known` says that the camera's state is known, or vision was lost."""
        if known and not self._ready:
            self._ready = self._notifier.ready(status)
            self._told = status if self._ready else self._told
        elif status != self._told and self._notifier.status(status):
            self._told = status
        if self._notifier.period is not None and now >= self._next:
            self._next = now + self._notifier.period * (1 if self._alive(loops, now) else RETRY)

    def stopping(self) -> None:
        """Tell that the service ends."""
        self._notifier.stopping()

    def _alive(self, loops: Loops, now: float) -> bool:
        found = late(loops, now, self._deadlines)
        if found and not self._late:
            log.warning("the watchdog is not fed", because="; ".join(found))
        if self._late and not found:
            log.info("the watchdog is fed again")
        self._late = found
        return not found and self._notifier.alive()
