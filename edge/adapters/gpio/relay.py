"""A relay on a line."""

from collections.abc import Callable

import structlog
from gpiozero import OutputDevice
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from edge.errors import DeviceError
from edge.pulse import Pulses

log = structlog.get_logger("edge.relay")


class RelayGpio:
    """Drives a relay on line `pin` (BCM number); energised is high with `active_high`, else low.

    The line is claimed once, idle. Each pulse ends by itself. `clock` gives monotonic seconds. Raises
    DeviceError where the line cannot be had.
    """

    def __init__(self, lines: Factory, pin: int, *, active_high: bool, clock: Callable[[], float]) -> None:
        self._pin = pin
        try:
            self._line = OutputDevice(pin, active_high=active_high, initial_value=False, pin_factory=lines)
        except (GPIOZeroError, OSError, ValueError) as error:
            raise DeviceError(f"GPIO {pin}: the line cannot be had for the relay ({error})") from None
        self._pulses = Pulses(energise=self._on, release=self._off, clock=clock)

    def pulse(self, seconds: float) -> None:
        """Energise for `seconds`; returns at once."""
        self._pulses.start(seconds)

    def energise(self, seconds: float | None) -> None:
        """Energise for `seconds`, None for until told otherwise; replaces the end that there was."""
        self._pulses.hold(seconds)

    def idle(self) -> None:
        """Drive the line idle at once."""
        self._pulses.end()

    def close(self) -> None:
        """Drive the line idle and give it back; may be called twice."""
        if self._line.closed:
            return
        self._pulses.end()
        self._line.close()

    def _on(self, seconds: float) -> None:
        self._set(level=True)
        log.info("relay energised", line=self._pin, seconds=round(seconds, 3))

    def _off(self) -> None:
        self._set(level=False)

    def _set(self, *, level: bool) -> None:
        try:
            self._line.value = level
        except (GPIOZeroError, OSError) as error:
            raise DeviceError(f"GPIO {self._pin}: the relay's line does not answer ({error})") from None
