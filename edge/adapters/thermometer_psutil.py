"""A temperature of a chip that psutil knows, which on Linux is the kernel's hwmon."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import psutil

from edge.errors import DeviceError


class Reading(Protocol):
    """What psutil tells of one sensor."""

    @property
    def label(self) -> str: ...  # noqa: D102 - psutil's

    @property
    def current(self) -> float | None: ...  # noqa: D102 - psutil's


Chips = Mapping[str, Sequence[Reading]]


class ThermometerPsutil:
    """Reads the sensor `label` of `chip`, or the hottest of the chip where the label is empty."""

    def __init__(self, chip: str, label: str = "", *, chips: Callable[[], Chips] | None = None) -> None:
        self._chip = chip
        self._label = label
        self._chips = chips or known_chips

    @property
    def name(self) -> str:
        """Return which sensor it is."""
        return f"{self._chip}/{self._label}" if self._label else self._chip

    def read(self) -> float:
        """Return °C; raises DeviceError."""
        readings = self._chips().get(self._chip, ())
        found = [
            one.current for one in readings if one.current is not None and self._label in {"", one.label}
        ]
        if not found:
            raise DeviceError(f"sensor {self.name}: there is no such sensor, or it tells no temperature")
        return max(found)


def known_chips() -> Chips:
    """Return the sensors of each chip; none where the system tells of none. Raises DeviceError."""
    ask = getattr(psutil, "sensors_temperatures", None)  # not on every system
    if ask is None:
        return {}
    try:
        chips: Chips = ask()
    except (OSError, ValueError) as error:
        raise DeviceError(f"sensors: {error}") from error
    return chips
