"""The lines of a board or of any chip; unlike gpiozero's own, none is claimed before its purpose is known.

gpiozero 2.0.1 claims each pin as an input first, then as an output at level 0, and writes the wanted level
after that: a relay that energises at 0 is energised at every start, for as long as that takes. Here an output
is claimed once, at the level that it shall have.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import lgpio
from gpiozero.exc import GPIOZeroError, PinInvalidPin
from gpiozero.pins import PinInfo
from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin
from gpiozero.pins.local import LocalPiPin

from edge.errors import DeviceError


class IdleFirstPin(LGPIOPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that is left as it is until it becomes an output or an input."""

    def __init__(self, factory: LGPIOFactory, info: object) -> None:
        LocalPiPin.__init__(self, factory, info)  # not LGPIOPin's, which claims the line as an input
        self._pwm = None
        self._bounce = None
        self._callback = None
        self._edges = lgpio.BOTH_EDGES

    def output_with_state(self, state: bool) -> None:
        """Claim the line as an output at `state`, in one request."""
        with self._answering():
            lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))  # noqa: SLF001 - gpiozero's own way

    def close(self) -> None:
        """Give the line back as it is, without making it an input on the way."""
        handle = self.factory._handle  # noqa: SLF001 - as above
        if handle is not None and self._claimed():
            lgpio.gpio_free(handle, self._number)

    def _set_function(self, value: str) -> None:
        with self._answering():
            super()._set_function(value)

    def _set_pull(self, value: str) -> None:
        with self._answering():
            super()._set_pull(value)

    def _set_state(self, value: float) -> None:
        with self._answering():
            super()._set_state(value)

    def _get_state(self) -> float:
        with self._answering():
            return float(super()._get_state())

    def _enable_event_detect(self) -> None:
        with self._answering():
            super()._enable_event_detect()

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn the driver's own errors, which are no OSErrors, into DeviceErrors."""
        try:
            yield
        except lgpio.error as error:
            raise DeviceError(f"GPIO {self._number}: {error}") from None

    def _claimed(self) -> bool:
        mode = lgpio.gpio_get_mode(self.factory._handle, self._number)  # noqa: SLF001 - as above
        return bool(mode & (self.GPIO_IS_LG_INPUT | self.GPIO_IS_LG_OUTPUT | self.GPIO_IS_LG_ALERT))


class _Chip:
    """A chip as far as gpiozero asks a board: it finds a line by its number."""

    def __init__(self, lines: int) -> None:
        self._lines = lines

    def find_pin(self, name: object) -> Iterator[tuple[None, PinInfo]]:
        """Yield the line with this number, or with the name that it is given here."""
        text = str(name).removeprefix("GPIO")
        if text.isdecimal() and int(text) < self._lines:
            number = int(text)
            names = frozenset({number, f"GPIO{number}"})
            yield None, PinInfo(number, f"GPIO{number}", names, "", 1, number + 1, frozenset({"gpio"}))


class IdleFirstFactory(LGPIOFactory):  # type: ignore[misc]  # gpiozero has no types
    """lgpio's factory with IdleFirstPin as its pins.

    Without `chip` the board is one that gpiozero knows, with its header's numbers; with it any machine will
    do, and numbers are those of the chip's lines.
    """

    def __init__(self, chip: int | None = None) -> None:
        self._whole: _Chip | None = None
        super().__init__(chip)
        self.pins: dict[object, IdleFirstPin] = {}  # gpiozero's are shared by all chips of a process
        self._reservations: defaultdict[object, list[Any]] = defaultdict(list)
        self.pin_class = IdleFirstPin
        if chip is not None:
            _, lines, _, _ = lgpio.gpio_get_chip_info(self._handle)
            self._whole = _Chip(lines)

    def pin(self, name: object) -> IdleFirstPin:
        """Return a line by its number."""
        with self._res_lock:
            for _, info in self._get_board_info().find_pin(name):
                if info not in self.pins:
                    self.pins[info] = self.pin_class(self, info)
                return self.pins[info]
        raise PinInvalidPin(f"there is no line {name}")

    def _get_board_info(self) -> Any:
        return super()._get_board_info() if self._whole is None else self._whole


def open_lines(chip: int | None = None) -> IdleFirstFactory:
    """Return the lines of `/dev/gpiochip<chip>`, of the board's header where None.

    Raises DeviceError in one line where there is no such chip, or this is no board that gpiozero knows.
    """
    name = "GPIO" if chip is None else f"/dev/gpiochip{chip}"
    try:
        return IdleFirstFactory(chip)
    except lgpio.error as error:
        raise DeviceError(
            f"{name}: the chip cannot be opened ({error}); is it there, and the user in the group gpio?"
        ) from None
    except (GPIOZeroError, OSError) as error:
        raise DeviceError(
            f"{name}: this machine is no board whose header is known ({error}); set door.chip to the number "
            "of its chip, as `gpiodetect` shows it"
        ) from None
