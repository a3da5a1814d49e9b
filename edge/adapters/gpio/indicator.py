"""Lamps and buzzer on lines."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from gpiozero import OutputDevice
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from edge.domain.door_lamps import Lamps
from edge.errors import DeviceError


@dataclass(frozen=True, slots=True)
class LampLine:
    """How a lamp or the buzzer is wired: `lamp` is a field of Lamps, `pin` the number of its line."""

    lamp: str
    pin: int
    active_high: bool = True


class IndicatorGpio:
    """Switches lamps and buzzer on the lines `wired`, each claimed once, off.

    Raises DeviceError where a line cannot be had.
    """

    def __init__(self, lines: Factory, wired: Sequence[LampLine]) -> None:
        self._lines: list[tuple[LampLine, OutputDevice]] = []
        for line in wired:
            try:
                device = OutputDevice(line.pin, active_high=line.active_high, pin_factory=lines)
            except (GPIOZeroError, OSError, ValueError) as error:
                self.close()
                raise DeviceError(
                    f"GPIO {line.pin}: the line cannot be had for {line.lamp} ({error})"
                ) from None
            self._lines.append((line, device))

    def show(self, lamps: Lamps) -> None:
        """Switch what differs."""
        problems = []
        for line, device in self._lines:
            try:
                device.value = bool(getattr(lamps, line.lamp))
            except (GPIOZeroError, OSError) as error:
                problems.append(f"GPIO {line.pin}: {line.lamp} does not answer ({error})")
        if problems:
            raise DeviceError("; ".join(problems))

    def close(self) -> None:
        """Switch all off and give the lines back; may be called twice."""
        for _, device in self._lines:
            if not device.closed:
                with contextlib.suppress(GPIOZeroError, OSError):
                    device.off()
                device.close()
