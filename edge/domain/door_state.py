"""A door as it stands, and by which rules it moves. All times are monotonic seconds."""

import math
from dataclasses import dataclass
from enum import StrEnum

from edge.domain.door_input import Cause, Energise
from edge.errors import RuleError

LONGEST_PULSE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRules:
    """The times of one door, in seconds.

    `pulse` is what a grant unlocks for, `exit_pulse` what the exit button does; overlapping grants extend up
    to `longest` after the first. Held too long is a door open for `held`, with a warning `warning` before;
    `grace` is how long after locking an opening still counts as allowed. A hold is armed for `lease` and
    renewed, so that a machine that is no longer driven falls idle. `relock` locks as soon as the door has
    closed. `open_unjournaled` lets software unlock although the journal cannot be written.
    Raises RuleError for times that make no sense.
    """

    door: str = "door"
    pulse: float = 5.0
    exit_pulse: float = 5.0
    longest: float = LONGEST_PULSE
    held: float = 30.0
    warning: float = 10.0
    grace: float = 1.0
    lease: float = 60.0
    relock: bool = True
    open_unjournaled: bool = False

    def __post_init__(self) -> None:
        for name in ("pulse", "exit_pulse"):
            seconds = getattr(self, name)
            if not 1 <= seconds <= LONGEST_PULSE:
                raise RuleError(
                    f'door "{self.door}": {name} is {seconds} s; 1 to {LONGEST_PULSE:.0f} are allowed'
                )
        if not self.pulse <= self.longest <= LONGEST_PULSE:
            raise RuleError(
                f'door "{self.door}": longest is {self.longest} s; it must lie between pulse and 60'
            )
        if not (
            0 < self.held < math.inf
            and 0 <= self.warning <= self.held
            and self.grace >= 0
            and self.lease >= 1
        ):
            raise RuleError(f'door "{self.door}": held, warning, grace and lease make no sense together')


class Held(StrEnum):
    """How far a door that stands open has come."""

    NO = "no"
    WARNED = "warned"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Window:
    """Unlocked from `since` to `until`; `asked` is when it was last asked for."""

    since: float
    until: float
    asked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorState:
    """Everything a door machine remembers.

    `at` is the last time it was told; `pulse` and `exit` are the windows of grants (and admins) and of the
    exit button; `relay` what the relay was last told, None for idle. `opened` is None while no contact has
    reported. `idle_since` is when it last locked, `free_since` from when an open door counts as held.
    `schedule_wanted` repeats the last ScheduleWants; `schedule_asked` is when a hold for it was asked for,
    None where none is due. `schedule_ended` says that an admin has ended the hours that want it: nothing is
    held for them until they have ceased to want it.
    """

    at: float = -math.inf
    pulse: Window | None = None
    exit: Window | None = None
    holds: frozenset[Cause] = frozenset()
    fire: bool = False
    lockdown: bool = False
    tampered: bool = False
    relay: Energise | None = None
    idle_since: float = -math.inf
    opened: bool | None = None
    opened_at: float = -math.inf
    free_since: float = -math.inf
    forced: bool = False
    held: Held = Held.NO
    schedule_wanted: bool = False
    schedule_asked: float | None = None
    schedule_ended: bool = False

    @property
    def released(self) -> bool:
        """Return whether fire or an evacuation holds it unlocked, whatever else is."""
        return self.fire or Cause.EVACUATION in self.holds

    @property
    def standing(self) -> bool:
        """Return whether it is held unlocked for longer than a pulse."""
        return self.released or (bool(self.holds) and not self.lockdown)

    @property
    def unlocked(self) -> bool:
        """Return whether the relay was last told to unlock."""
        return self.relay is not None

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Return what keeps it unlocked, the strongest first."""
        holds = [cause for cause in (Cause.EVACUATION, Cause.ADMIN, Cause.SCHEDULE) if cause in self.holds]
        fire = [Cause.FIRE] if self.fire else []
        pulses = [Cause.GRANT] * (self.pulse is not None) + [Cause.EXIT] * (self.exit is not None)
        return (*fire, *holds, *pulses)


class Phase(StrEnum):
    """One word for a door, for status and pages: what matters most about it."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    OPENED = "opened"
    FORCED = "forced"
    HELD = "held"
    LOCKDOWN = "lockdown"
    EVACUATION = "evacuation"
    FIRE = "fire"


class Buzzer(StrEnum):
    """What the buzzer does."""

    OFF = "off"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Indication:
    """What lamps and buzzer show; green and red are never both on."""

    green: bool
    red: bool
    buzzer: Buzzer


def phase(state: DoorState) -> Phase:
    """Return the one word for a door."""
    ordered = [
        (state.fire, Phase.FIRE),
        (Cause.EVACUATION in state.holds, Phase.EVACUATION),
        (state.forced, Phase.FORCED),
        (state.held is Held.ALARM, Phase.HELD),
        (state.opened is True, Phase.OPENED),
        (state.unlocked, Phase.UNLOCKED),
        (state.lockdown, Phase.LOCKDOWN),
    ]
    return next((word for holds, word in ordered if holds), Phase.LOCKED)


def indication(state: DoorState) -> Indication:
    """Return what lamps and buzzer show of a door."""
    buzzer = Buzzer.WARNING if state.held is Held.WARNED else Buzzer.OFF
    if state.forced or state.tampered or state.held is Held.ALARM:
        buzzer = Buzzer.ALARM
    return Indication(green=state.unlocked, red=not state.unlocked, buzzer=buzzer)
