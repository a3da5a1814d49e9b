"""What is asked of relays and of the doors."""

from typing import Protocol

from edge.domain.door_lamps import Lamps
from edge.domain.door_signal import Signal
from edge.domain.door_view import DoorView, PinAnswer


class Relay(Protocol):
    """The lock's relay."""

    def pulse(self, seconds: float) -> None:
        """Energise for `seconds`; returns at once. Raises DeviceError."""
        ...

    def idle(self) -> None:
        """Drive the relay idle at once."""
        ...


class Lock(Protocol):
    """The lock's relay as a door machine drives it."""

    def energise(self, seconds: float | None) -> None:
        """Energise until `seconds` from now, None for until told otherwise; replaces the end that there was.

        The end is armed before the line moves and comes by itself, whatever the caller does. Returns at once.
        Raises DeviceError, with the line idle as far as it can be driven.
        """
        ...

    def idle(self) -> None:
        """Drive the relay idle at once; raises DeviceError."""
        ...


class Indicator(Protocol):
    """The lamps and the buzzer of a door."""

    def show(self, lamps: Lamps) -> None:
        """Switch what differs; returns at once. Raises DeviceError."""
        ...

    def close(self) -> None:
        """Switch all off and give the lines back; may be called twice."""
        ...


class Inputs(Protocol):
    """The contacts of a door, told to whoever they were built for."""

    @property
    def silent(self) -> tuple[Signal, ...]:
        """Return the contacts that do not answer; from any thread."""
        ...

    def start(self) -> None:
        """Begin to tell what changes, from a thread of its own."""
        ...

    def close(self) -> None:
        """End, and give the lines back; may be called twice."""
        ...


class DoorControl(Protocol):
    """The doors of this terminal, for whoever may ask; from any thread.

    `actor` is who asks, as the audit names it; it stands in the event. `door` is a door's name, None for the
    only one. What changes something waits until it is done or refused, at most some three seconds, and
    returns one line for people. Raises DoorError where it is refused or nobody answers in time, NotFoundError
    for a door that does not exist; nothing is half done. Who may ask is the caller's to know.
    """

    def status(self) -> tuple[DoorView, ...]:
        """Return every door as it stands, without waiting."""
        ...

    def unlock(
        self, *, actor: str, door: str | None = None, seconds: float | None = None, reason: str = ""
    ) -> str:
        """Unlock for `seconds`, None for as long as a grant does; refused in a lockdown."""
        ...

    def lock(self, *, actor: str, door: str | None = None) -> str:
        """Lock: pulses and holds end, office hours included, until their next beginning."""
        ...

    def hold(self, *, actor: str, door: str | None = None, reason: str = "") -> str:
        """Unlock until `release` or `lock`; refused in a lockdown. Ends with the daemon."""
        ...

    def release(self, *, actor: str, door: str | None = None) -> str:
        """End a `hold`."""
        ...

    def lockdown(self, on: bool, *, actor: str) -> str:
        """Begin or end the lockdown of the whole site; survives a restart."""
        ...

    def evacuation(self, on: bool, *, actor: str) -> str:
        """Begin or end the evacuation of the whole site: all doors are open; survives a restart."""
        ...

    def forgive(self, *, actor: str, person: str | None = None) -> str:
        """Forgive anti-passback to the person with this id, None for everybody."""
        ...

    def enter_pin(self, digits: str, *, door: str | None = None) -> PinAnswer:
        """Decide by a PIN that was entered at a door, and let in who may pass.

        It belongs to whoever was recognised there last and has still to enter one (`DoorView.pin_for`), else
        to a visitor. Raises DoorError only where nobody could decide in time.
        """
        ...

    def cancel_pin(self, *, door: str | None = None) -> None:
        """Wait no longer for the PIN of whoever was recognised."""
        ...
