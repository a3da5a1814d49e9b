"""A door as it is shown: to the control socket, pages, metrics and MQTT."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.domain.access_reason import Denial, Grant
from edge.domain.door_input import Cause
from edge.domain.door_state import Held, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorView:
    """One door at one moment.

    `phase` is what matters most about it in one word, `causes` what keeps it unlocked, the strongest first;
    `seconds` is how much longer, None where locked or without an end. `contact` is None where there is none,
    or it has not reported. `pin_for` is the id of who was recognised and has still to enter a PIN. `trouble`
    is one line for each thing that does not work as it should, the gravest first.
    """

    door: str
    phase: Phase = Phase.LOCKED
    unlocked: bool = False
    causes: tuple[Cause, ...] = ()
    seconds: float | None = None
    contact: bool | None = None
    forced: bool = False
    held: Held = Held.NO
    fire: bool = False
    tampered: bool = False
    lockdown: bool = False
    evacuation: bool = False
    lock_type: str = "fail-secure"
    pin_for: str | None = None
    lost: int = 0
    trouble: tuple[str, ...] = ()

    def json(self) -> Mapping[str, Any]:
        """Return it as JSON; `state` and `contact` are the words of MQTT."""
        contact = {None: None, True: "open", False: "closed"}[self.contact]
        return {
            "name": self.door,
            "state": "unlocked" if self.unlocked else "locked",
            "phase": str(self.phase),
            "causes": [str(cause) for cause in self.causes],
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "contact": contact,
            "forced": self.forced,
            "held": str(self.held),
            "fire": self.fire,
            "tampered": self.tampered,
            "lockdown": self.lockdown,
            "evacuation": self.evacuation,
            "lock_type": self.lock_type,
            "pin_for": self.pin_for,
            "lost": self.lost,
            "trouble": list(self.trouble),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PinAnswer:
    """What became of an entered PIN; shows a duress PIN as any right one.

    `sentence` is for the person at the door; `wait` is in how many seconds the next may be tried.
    """

    granted: bool
    reason: Grant | Denial
    sentence: str
    wait: float = 0.0
