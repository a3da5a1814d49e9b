"""May this person pass now? `decide` is the one entry point; it is pure, and anything missing denies."""

from dataclasses import dataclass

from edge.domain.access_reason import SENTENCES, Denial, Grant, Mode
from edge.domain.events import Instant
from edge.domain.person import Person
from edge.domain.second_factor import PinCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """Somebody at the door at the moment `at`.

    `person` is who was recognised, None where nobody is known by that id any more; `fpir` the gallery's
    false-positive identification rate, None where it is unknown (which counts as above any limit); `pin` what
    came of a PIN, if one was entered.
    """

    person: Person | None
    at: Instant
    fpir: float | None = None
    pin: PinCheck = PinCheck.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRules:
    """The site's rules. `max_fpir` is the rate up to which a face alone opens a lock."""

    mode: Mode = Mode.DOOR
    max_fpir: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDecision:
    """What was decided; `reason` is for events, `sentence` for the person at the door.

    `duress` asks for a silent alarm and must show nowhere at the door.
    """

    granted: bool
    reason: Grant | Denial
    sentence: str
    duress: bool = False


def decide(request: AccessRequest, rules: AccessRules) -> AccessDecision:
    """Return whether the person of `request` may pass by `rules`."""
    denial = _denial(request, rules)
    if denial is not None:
        return AccessDecision(granted=False, reason=denial, sentence=SENTENCES[denial])
    grant = Grant.FACE_AND_PIN if request.pin.proves else Grant.FACE
    duress = request.pin is PinCheck.DURESS
    return AccessDecision(granted=True, reason=grant, sentence=SENTENCES[grant], duress=duress)


def _denial(request: AccessRequest, rules: AccessRules) -> Denial | None:
    if request.person is None:
        return Denial.UNKNOWN
    invalid = _invalid(request.person, request.at.wall)
    if invalid is not None:
        return invalid
    if request.pin is PinCheck.WRONG:
        return Denial.SECOND_FACTOR_WRONG
    if _asks_second_factor(request.person, request.fpir, rules) and not request.pin.proves:
        return Denial.SECOND_FACTOR_MISSING
    return None


def _invalid(person: Person, now: float) -> Denial | None:
    if person.valid_from is not None and now < person.valid_from:
        return Denial.NOT_YET_VALID
    if person.valid_until is not None and now >= person.valid_until:
        return Denial.EXPIRED
    return None


def _asks_second_factor(person: Person, fpir: float | None, rules: AccessRules) -> bool:
    if person.second_factor:
        return True
    # Attendance opens nothing, so the gallery's size does not matter to it; NaN counts as unknown.
    return rules.mode is Mode.DOOR and not (fpir is not None and fpir <= rules.max_fpir)
