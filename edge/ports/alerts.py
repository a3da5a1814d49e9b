"""What is asked of a way to tell people."""

from typing import Protocol

from edge.domain.alert_notice import AlertNotice


class AlertChannel(Protocol):
    """A way for alerts to leave the terminal, used by one thread at a time."""

    def send(self, notice: AlertNotice) -> str:
        """Hand a notice to the receiver and return, in a line, who took it; raises AlertError, ConfigError.

        A notice that is sent again carries the same id.
        """
        ...

    def interrupt(self) -> None:
        """Make a `send` that waits for the network raise AlertError soon; from any thread."""
        ...
