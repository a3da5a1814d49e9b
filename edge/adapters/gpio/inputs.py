"""The contacts of a door on lines: read by one thread, woken by edges where the chip has them."""

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from gpiozero import InputDevice
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from edge.domain.debounce import Debounced, sample, settles
from edge.domain.door_input import Input
from edge.domain.door_signal import Signal, meaning
from edge.errors import DeviceError
from edge.guard import guarded, start_thread

log = structlog.get_logger("edge.inputs")

POLL = 0.01  # s between looks at the lines of a chip without edges
BESIDE_EDGES = 0.1  # s between looks where edges wake: one that was lost delays the exit button, no more
LEAVE = 2.0  # s for the thread to end


@dataclass(frozen=True, slots=True)
class InputLine:
    """How a contact is wired: BCM number `pin`, the level that means active, and the board's own resistor.

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

    `clock` gives monotonic seconds. With `edges` a change wakes the thread; without, it looks every POLL
    seconds. The levels found first are told as well, but for the exit button's. Raises DeviceError where a
    line cannot be had.
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
        self._tell = tell
        self._clock = clock
        self._poll = BESIDE_EDGES if edges else POLL
        self._changed = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._contacts: list[_Contact] = []
        try:
            for line in wired:
                self._contacts.append(_Contact(line, lines, self._wake if edges else None))
        except DeviceError:
            self._give_back()
            raise

    def start(self) -> None:
        """Start the thread."""
        self._thread = start_thread("door inputs", self._run)

    def look(self) -> float:
        """Read every line once and tell what has changed; return the seconds until the next look is due."""
        now = self._clock()
        due = now + self._poll
        for contact in self._contacts:
            if (given := contact.look(now)) is not None:
                self._tell(given)
            due = min(due, contact.due)
        return max(0.0, due - now)

    def close(self) -> None:
        """End the thread and give the lines back; may be called twice."""
        self._stopping = True
        self._changed.set()
        if self._thread is not None:
            self._thread.join(LEAVE)
        self._give_back()

    def _wake(self) -> None:
        self._changed.set()

    def _run(self) -> None:
        while not self._stopping:
            pause = self._poll
            with guarded("door inputs"):
                pause = self.look()
            self._changed.wait(pause)
            self._changed.clear()

    def _give_back(self) -> None:
        for contact in self._contacts:
            contact.close()


class _Contact:
    """One line, and the level that counts."""

    def __init__(self, line: InputLine, lines: Factory, wake: Callable[[], None] | None) -> None:
        self._line = line
        self._seen = Debounced()
        self._failing = False
        self._wake = wake
        try:
            active = line.active_high if line.pull_up is None else None
            self._device = InputDevice(line.pin, pull_up=line.pull_up, active_state=active, pin_factory=lines)
            if wake is not None:
                self._device.pin.edges = "both"
                self._device.pin.when_changed = self._edge
        except (GPIOZeroError, OSError, ValueError) as error:
            raise DeviceError(
                f"GPIO {line.pin}: the line cannot be had for {line.signal} ({error})"
            ) from None

    @property
    def due(self) -> float:
        """Return the monotonic second at which a level that was seen counts, infinity where none waits."""
        at = settles(self._seen, self._line.settle)
        return math.inf if at is None else at

    def look(self, now: float) -> Input | None:
        """Return what a change means, None where nothing has changed."""
        level = self._read()
        if level is None:
            return None
        first = self._seen.level is None
        self._seen, changed = sample(self._seen, level, now, self._line.settle)
        if not changed:
            return None
        active = level is self._line.active_high
        return meaning(self._line.signal, active=active, first=first)

    def close(self) -> None:
        """Give the line back; may be called twice."""
        if self._device.closed:
            return
        if self._wake is not None:
            self._device.pin.when_changed = None
        self._device.close()

    def _edge(self, _ticks: float, _state: int) -> None:
        if self._wake is not None:
            self._wake()

    def _read(self) -> bool | None:
        """Return the line's level, None where it does not answer, which is said once."""
        try:
            level = bool(self._device.pin.state)
        except (GPIOZeroError, OSError) as error:
            if not self._failing:
                self._failing = True
                log.error(  # noqa: TRY400 - one line
                    "input does not answer", line=self._line.pin, signal=self._line.signal, error=str(error)
                )
            return None
        if self._failing:
            self._failing = False
            log.info("input answers again", line=self._line.pin, signal=self._line.signal)
        return level
