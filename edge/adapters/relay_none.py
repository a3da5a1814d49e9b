"""A terminal without a lock: attendance only, or before the relay is wired."""

import structlog

log = structlog.get_logger("edge.relay")


class RelayNone:
    """Moves nothing, and says so once at the first grant; not a stand-in for a relay that is missing."""

    def __init__(self) -> None:
        self._said = False

    def pulse(self, seconds: float) -> None:
        """Move nothing."""
        self.energise(seconds)

    def energise(self, seconds: float | None) -> None:
        """Move nothing."""
        if not self._said:
            self._said = True
            log.info("granted, and no relay is configured to open", would_pulse_s=seconds)

    def idle(self) -> None:
        """Do nothing: there is no line to drive."""
