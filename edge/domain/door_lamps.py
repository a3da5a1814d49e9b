"""What lamps and buzzer show at a moment: the door's own state, and a cue for whoever stands before it."""

import math
from dataclasses import dataclass
from enum import StrEnum

from edge.domain.door_state import Buzzer, Indication


class Cue(StrEnum):
    """What somebody at the door is told."""

    GRANTED = "granted"
    DENIED = "denied"
    WAITING = "waiting"  # a PIN, or a second person, is still missing


@dataclass(frozen=True, slots=True)
class Lamps:
    """Which lines are on."""

    green: bool = False
    red: bool = False
    buzzer: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown, and for how many seconds it stays so by itself, infinity for ever."""

    lamps: Lamps
    left: float


@dataclass(frozen=True, slots=True)
class _Beat:
    """On for `on` seconds, then off for `off`, `times` times, counted from a beginning."""

    on: float
    off: float
    times: float = math.inf

    def at(self, passed: float) -> tuple[bool, float]:
        """Return whether it is on after `passed` seconds, and how long that stays so."""
        period = self.on + self.off
        if not 0 <= passed < period * self.times:
            return False, math.inf
        place = passed % period
        return (True, self.on - place) if place < self.on else (False, period - place)


_BEEP = _Beat(0.15, 0.05, times=1)
_TWO_BEEPS = _Beat(0.1, 0.1, times=2)
_REFUSING = _Beat(0.125, 0.125, times=6)  # the red lamp of somebody denied
_ASKING = _Beat(0.5, 0.5, times=30)  # the green lamp while a PIN is waited for
_STUCK = _Beat(0.5, 0.5)  # the red lamp while the journal cannot be written
_WARNING = _Beat(0.1, 0.9)  # the buzzer before a door is held open for too long
_ALARM = _Beat(0.5, 0.25)
_BUZZERS = {Buzzer.WARNING: _WARNING, Buzzer.ALARM: _ALARM}


def shown(indication: Indication, cue: Cue | None, since: float, now: float, *, stuck: bool = False) -> Shown:
    """Return what is shown at monotonic second `now` of a door, and of a `cue` that was given at `since`.

    `stuck` says that the journal cannot be written. An alarm outdoes a warning, and both any beep.
    """
    green, red = (indication.green, math.inf), (indication.red, math.inf)
    buzzer: tuple[bool, float] = (False, math.inf)
    passed = now - since
    if stuck:
        red = _STUCK.at(max(now, 0.0))
    if cue is Cue.DENIED and passed < _REFUSING.times * (_REFUSING.on + _REFUSING.off):
        red = _REFUSING.at(passed)
        buzzer = _TWO_BEEPS.at(passed)
    elif cue is Cue.GRANTED:
        buzzer = _BEEP.at(passed)
    elif cue is Cue.WAITING and not indication.green:
        green = _ASKING.at(passed)
    if indication.buzzer in _BUZZERS:
        buzzer = _BUZZERS[indication.buzzer].at(max(now, 0.0))
    left = min(green[1], red[1], buzzer[1], _rest(cue, passed))
    return Shown(Lamps(green[0], red[0], buzzer[0]), left)


def _rest(cue: Cue | None, passed: float) -> float:
    """Return the seconds until a denial is over and the red lamp shows the door again."""
    length = _REFUSING.times * (_REFUSING.on + _REFUSING.off)
    return length - passed if cue is Cue.DENIED and 0 <= passed < length else math.inf
