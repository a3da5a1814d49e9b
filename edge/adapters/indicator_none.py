"""A door without lamps and buzzer."""

from edge.domain.door_lamps import Lamps


class IndicatorNone:
    """Shows nothing."""

    def show(self, lamps: Lamps) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Do nothing."""
