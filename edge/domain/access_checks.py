"""The checks of the access policy, in their order: each says why somebody may not pass, or nothing."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from edge.domain.access_group import Group
from edge.domain.access_reason import Denial, Mode
from edge.domain.access_request import AccessRequest, AccessRules, Credential
from edge.domain.access_state import AccessState, attempts_key
from edge.domain.access_two_person import companion
from edge.domain.events import Instant
from edge.domain.passback import Direction, PassbackMode, violates
from edge.domain.person import Person
from edge.domain.schedule import inside
from edge.domain.second_factor import PinCheck
from edge.domain.second_factor_attempts import Attempt, Failures, attempt

Check = Callable[[Person, AccessRequest, AccessRules, AccessState], Denial | None]


class Need(StrEnum):
    """Why a second factor is asked for."""

    LOOK_ALIKE = "look_alike"
    GALLERY = "gallery"
    GROUP = "group"
    ALWAYS = "always"
    OUT_OF_HOURS = "out_of_hours"


def lockdown(person: Person, _: AccessRequest, rules: AccessRules, state: AccessState) -> Denial | None:
    """Deny in a lockdown, except to groups that may pass it."""
    return Denial.LOCKDOWN if state.lockdown and not _has_pass(person, rules) else None


def _has_pass(person: Person, rules: AccessRules) -> bool:
    return any(group.lockdown_pass for group in rules.groups_of(person))


def validity(person: Person, request: AccessRequest, rules: AccessRules, state: AccessState) -> Denial | None:
    """Deny before the first and from the last second of a person's validity.

    Under an untrusted clock only what is certain counts: that the time is not before the last trusted one.
    """
    known = rules.knows_time(request.at)
    now = request.at.wall if known else state.trusted_wall
    if person.valid_until is not None and now is not None and now >= person.valid_until:
        return Denial.EXPIRED
    if person.valid_from is not None and (now is None or now < person.valid_from):
        return Denial.NOT_YET_VALID if known else Denial.CLOCK_UNTRUSTED
    if person.valid_until is not None and not known:
        return Denial.CLOCK_UNTRUSTED
    return None


def schedule(person: Person, request: AccessRequest, rules: AccessRules, _: AccessState) -> Denial | None:
    """Deny where none of a person's schedules allows; without a trusted clock only round the clock does."""
    names = schedule_names(person, rules)
    if not names:
        return Denial.NO_ACCESS
    if any(allows(name, request.at, rules) for name in names):
        return None
    return Denial.SCHEDULE if rules.knows_time(request.at) else Denial.CLOCK_UNTRUSTED


def visits(person: Person, request: AccessRequest, _: AccessRules, state: AccessState) -> Denial | None:
    """Deny a visitor's PIN without an end, and one that has opened as often as it may."""
    if request.credential is not Credential.VISITOR_PIN:
        return None
    if person.valid_until is None:
        return Denial.EXPIRED
    if person.max_visits is not None and state.visits.get(person.id, 0) >= person.max_visits:
        return Denial.VISITS_USED
    return None


def second_factor(
    person: Person, request: AccessRequest, rules: AccessRules, state: AccessState
) -> Denial | None:
    """Deny a wrong PIN, one that may not be tried now, and a missing one where one is needed."""
    may_try = pin_attempt(request, rules, state)
    needed = request.credential is Credential.VISITOR_PIN or any(needs(person, request, rules))
    if not may_try.allowed:
        return Denial.SECOND_FACTOR_LOCKED if needed else None
    if request.pin is PinCheck.WRONG:
        return Denial.SECOND_FACTOR_WRONG
    return Denial.SECOND_FACTOR_MISSING if needed and not request.pin.proves else None


def passback(person: Person, request: AccessRequest, rules: AccessRules, state: AccessState) -> Denial | None:
    """Deny who would break anti-passback, unless it is soft."""
    hard = rules.passback.mode is not PassbackMode.SOFT
    return Denial.PASSBACK if hard and breaks_passback(person, request, rules, state) else None


def two_person(
    person: Person, request: AccessRequest, rules: AccessRules, state: AccessState
) -> Denial | None:
    """Deny the first of two."""
    if rules.two_person is None or may_pass_alone(person, rules):
        return None
    return None if partner(person, request, rules, state) else Denial.SECOND_PERSON_MISSING


ENTERING: tuple[Check, ...] = (lockdown, validity, schedule, visits, second_factor, passback, two_person)
LEAVING: tuple[Check, ...] = (passback,)  # the exit button opens to everybody; only who left must be right
ATTENDANCE: tuple[Check, ...] = (validity, second_factor)  # opens nothing


def checks_for(request: AccessRequest, rules: AccessRules) -> tuple[Check, ...]:
    """Return the checks that a request meets, in order; the first denial counts."""
    if rules.mode is Mode.ATTENDANCE:
        return ATTENDANCE
    return ENTERING if request.direction is Direction.IN else LEAVING


def passes_lockdown(request: AccessRequest, rules: AccessRules) -> bool:
    """Return whether a lockdown is no reason to deny a request."""
    if lockdown not in checks_for(request, rules):
        return True
    return request.person is not None and _has_pass(request.person, rules)


def schedule_names(person: Person, rules: AccessRules) -> tuple[str, ...]:
    """Return the schedules by which a person may pass this door: their own, and those of their groups."""
    own = (person.schedule,) if person.schedule is not None else ()
    if not own and not person.groups:
        return (rules.default_schedule,)
    return (*own, *(group.schedule for group in rules.groups_of(person) if group.serves(rules.door)))


def allows(name: str, at: Instant, rules: AccessRules) -> bool:
    """Return whether a schedule, by name, allows at a moment; one that does not exist never does."""
    found = rules.schedule(name)
    if found is None:
        return False
    if not rules.knows_time(at):
        return found.round_the_clock
    return inside(found, at.wall, rules.calendar, rules.zone)


def needs(person: Person, request: AccessRequest, rules: AccessRules) -> Iterator[Need]:
    """Yield why a PIN is needed beside the face. Attendance opens nothing, so there only likeness counts."""
    if person.second_factor:
        yield Need.LOOK_ALIKE
    if rules.mode is Mode.ATTENDANCE:
        return
    if not (request.fpir is not None and request.fpir <= rules.max_fpir):  # NaN is unknown, too
        yield Need.GALLERY
    if any(group.second_factor for group in rules.groups_of(person)):
        yield Need.GROUP
    if rules.second_factor.always:
        yield Need.ALWAYS
    if rules.second_factor.outside is not None and not allows(rules.second_factor.outside, request.at, rules):
        yield Need.OUT_OF_HOURS


def pin_attempt(request: AccessRequest, rules: AccessRules, state: AccessState) -> Attempt:
    """Return whether the PIN of a request may be compared; to be asked before comparing it."""
    person = request.person.id if request.person and request.credential is Credential.FACE else None
    failures = state.failures.get(attempts_key(person, rules.door), Failures())
    return attempt(failures, request.now, rules.attempts, locks=person is not None)


def breaks_passback(person: Person, request: AccessRequest, rules: AccessRules, state: AccessState) -> bool:
    """Return whether passing now would break anti-passback, whatever follows from it."""
    if any(group.passback_exempt for group in rules.groups_of(person)):
        return False
    return violates(state.presence.get(person.id), request.direction, request.now, rules.passback)


def partner(person: Person, request: AccessRequest, rules: AccessRules, state: AccessState) -> str | None:
    """Return who waits at this door and passes together with `person`, None where nobody does."""
    waiting = state.waiting.get(rules.door)
    if rules.two_person is None or waiting is None or may_pass_alone(person, rules):
        return None
    return companion(
        waiting, person.id, request.now, rules.two_person, escort=is_escort(rules.groups_of(person))
    )


def may_pass_alone(person: Person, rules: AccessRules) -> bool:
    """Return whether the two-person rule does not hold for a person."""
    return any(group.alone for group in rules.groups_of(person))


def is_escort(groups: tuple[Group, ...]) -> bool:
    """Return whether one of some groups is one of escorts."""
    return any(group.escort for group in groups)
