"""The contacts wired to a door, and what each means to its machine."""

from enum import StrEnum

from edge.domain.door_input import ContactInput, ExitRequested, FireInput, Input, TamperInput


class Signal(StrEnum):
    """What a contact is for; active is open, pressed, alarm and opened case."""

    CONTACT = "contact"
    EXIT = "exit"
    FIRE = "fire"
    TAMPER = "tamper"


def meaning(signal: Signal, *, active: bool, first: bool) -> Input | None:
    """Return what a change means, None where nothing.

    `first` is the level found at the start: a button that is pressed then (or wired wrongly) unlocks nothing.
    """
    match signal:
        case Signal.CONTACT:
            return ContactInput(active)
        case Signal.EXIT:
            return ExitRequested() if active and not first else None
        case Signal.FIRE:
            return FireInput(active)
        case Signal.TAMPER:
            return TamperInput(active)
