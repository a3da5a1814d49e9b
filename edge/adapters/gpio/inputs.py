"""The contacts of a door on lines."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from gpiozero import InputDevice
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from edge.domain.door_input import Input
from edge.domain.door_signal import Signal
from edge.door_contacts import BESIDE_EDGES, POLL, Contact, Contacts
from edge.errors import DeviceError

log = structlog.get_logger("edge.inputs")


@dataclass(frozen=True, slots=True)
class InputLine:
    """How a contact is wired: number `pin` of its line, the level that means active, and the pull resistor.

    `pull_up` True pulls up, False down, None leaves it to a resistor outside. A level counts once it was
    the same for `settle` seconds.
    """

    signal: Signal
    pin: int
    active_high: bool = False
    pull_up: bool | None = True
    settle: float = 0.03


class InputsGpio:
    """Reads the contacts `wired` and hands what changes means to `tell`, from one thread of its own.

    `clock` gives monotonic seconds. With `edges` a change wakes the thread, on a chip that has them; it looks
    by itself as well, ten times a second then, else a hundred times. Raises DeviceError where a line cannot
    be had.
    """

    def __init__(
        self,
        lines: Factory,
        wired: Sequence[InputLine],
        *,
        tell: Callable[[Input], object],
        clock: Callable[[], float],
        edges: bool = False,
    ) -> None:
        self._lines: list[_Line] = []
        try:
            for line in wired:
                self._lines.append(_Line(line, lines))
        except DeviceError:
            self._give_back()
            raise
        self.edges = edges and self._woken_by_edges()
        self._contacts = Contacts(
            [line.contact for line in self._lines],
            tell=tell,
            clock=clock,
            poll=BESIDE_EDGES if self.edges else POLL,
        )

    def start(self) -> None:
        """Start the thread."""
        self._contacts.start()

    def look(self) -> float:
        """Read every line once and tell what has changed; return the seconds until the next look is due."""
        return self._contacts.look()

    @property
    def silent(self) -> tuple[Signal, ...]:
        """Return the contacts that do not answer; from any thread."""
        return self._contacts.silent

    def close(self) -> None:
        """End the thread and give the lines back; may be called twice."""
        self._contacts.stop()
        self._give_back()

    def _woken_by_edges(self) -> bool:
        """Have every change wake the thread; False where the chip does not tell changes."""
        try:
            for line in self._lines:
                line.watch(self._wake)
        except DeviceError as error:
            log.info("the lines tell no changes, so they are looked at", why=str(error))
            for line in self._lines:
                line.watch(None)
            return False
        return True

    def _wake(self) -> None:
        self._contacts.wake()

    def _give_back(self) -> None:
        for line in self._lines:
            line.close()


class _Line:
    """One line of a contact."""

    def __init__(self, line: InputLine, lines: Factory) -> None:
        self._line = line
        self._pull = {True: "up", False: "down", None: "floating"}[line.pull_up]
        self._watched: Callable[[], None] | None = None
        try:
            active = line.active_high if line.pull_up is None else None
            self._device = InputDevice(line.pin, pull_up=line.pull_up, active_state=active, pin_factory=lines)
        except (GPIOZeroError, OSError, ValueError) as error:
            raise DeviceError(
                f"GPIO {line.pin}: the line cannot be had for {line.signal} ({error})"
            ) from None

    @property
    def contact(self) -> Contact:
        return Contact(self._line.signal, f"GPIO {self._line.pin}", self._active, self._line.settle)

    def watch(self, wake: Callable[[], None] | None) -> None:
        """Call `wake` at each change, nothing where None. Raises DeviceError where the chip has no edges."""
        self._watched = wake
        if wake is None:
            with contextlib.suppress(GPIOZeroError, OSError):
                self._device.pin.when_changed = None
                self._device.pin.pull = self._pull  # which lgpio has lost by then
            return
        try:
            self._device.pin.edges = "both"
            self._device.pin.when_changed = self._edge
        except (GPIOZeroError, OSError) as error:
            raise DeviceError(f"GPIO {self._line.pin}: {error}") from None

    def close(self) -> None:
        """Give the line back; may be called twice."""
        if self._device.closed:
            return
        if self._watched is not None:
            self.watch(None)
        self._device.close()

    def _edge(self, _ticks: float, _state: int) -> None:
        if self._watched is not None:
            self._watched()

    def _active(self) -> bool:
        try:
            return bool(self._device.pin.state) is self._line.active_high
        except (GPIOZeroError, OSError) as error:
            raise DeviceError(f"GPIO {self._line.pin}: {error}") from None
