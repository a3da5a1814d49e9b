"""Why a decision is what it is, in words, for whoever must answer for it."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.domain.access import AccessDecision, decide
from edge.domain.access_checks import (
    Check,
    Need,
    checks_for,
    lockdown,
    needs,
    partner,
    passback,
    pin_attempt,
    schedule,
    second_factor,
    two_person,
    validity,
    visits,
)
from edge.domain.access_request import AccessRequest, AccessRules, Credential
from edge.domain.access_state import EMPTY, AccessState
from edge.domain.passback import PassbackMode
from edge.domain.person import Person
from edge.domain.schedule_words import moment_words, schedule_words


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to; `words` is a sentence without a full stop."""

    topic: str
    passed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with all its findings, those after the first denial included."""

    decision: AccessDecision
    summary: str
    findings: tuple[Finding, ...]


def explain(request: AccessRequest, rules: AccessRules, state: AccessState = EMPTY) -> Explanation:
    """Return what `decide` says of a request, and what each of its checks found."""
    decision = decide(request, rules, state)
    person = request.person
    if person is None:
        return Explanation(decision, f"nobody known: denied ({decision.reason})", ())
    moment = moment_words(request.at.wall, rules.zone)
    trust = "" if request.at.trusted else ", by a clock that nobody vouches for"
    verdict = "may pass" if decision.granted else "may not pass"
    summary = (
        f"{person.name} {verdict} {request.direction} at {rules.door} on {moment}{trust}: {decision.reason}"
    )
    if state.evacuation:
        return Explanation(
            decision, summary, (Finding("evacuation", passed=True, words="all doors are open"),)
        )
    findings = tuple(
        Finding(
            topic=check.__name__,
            passed=check(person, request, rules, state) is None,
            words=_WORDS[check](person, request, rules, state),
        )
        for check in checks_for(request, rules)
    )
    return Explanation(decision, summary, findings)


def _lockdown(person: Person, _: AccessRequest, rules: AccessRules, state: AccessState) -> str:
    if not state.lockdown:
        return "the site is not locked down"
    names = [group.name for group in rules.groups_of(person) if group.lockdown_pass]
    return "the site is locked down" + (f'; group "{names[0]}" may pass' if names else "")


def _validity(person: Person, request: AccessRequest, rules: AccessRules, state: AccessState) -> str:
    start, end = (
        None if wall is None else moment_words(wall, rules.zone)
        for wall in (person.valid_from, person.valid_until)
    )
    if start is None and end is None:
        return "valid without limit"
    words = " ".join(
        part for part in ("valid", start and f"from {start}", end and f"until {end}") if part is not None
    )
    if rules.knows_time(request.at):
        return words
    if state.trusted_wall is None:
        return f"{words}; the time is not known"
    return f"{words}; it is certain only that it is not before {moment_words(state.trusted_wall, rules.zone)}"


def _schedule(person: Person, request: AccessRequest, rules: AccessRules, _: AccessState) -> str:
    parts = [_one_schedule(name, request, rules) for name in _named(person, rules)]
    return "; ".join(parts) if parts else f"none of the person's groups has access at {rules.door}"


def _named(person: Person, rules: AccessRules) -> list[tuple[str, str]]:
    """Return (schedule, by what) for each schedule of a person at this door."""
    own = [] if person.schedule is None else [(person.schedule, "their own")]
    if not own and not person.groups:
        return [(rules.default_schedule, "the default")]
    served = (group for group in rules.groups_of(person) if group.serves(rules.door))
    return own + [(group.schedule, f'of group "{group.name}"') for group in served]


def _one_schedule(name: tuple[str, str], request: AccessRequest, rules: AccessRules) -> str:
    found = rules.schedule(name[0])
    label = f'schedule "{name[0]}", {name[1]},'
    if found is None:
        return f"{label} does not exist"
    if rules.knows_time(request.at) or found.round_the_clock:
        return f"{label} {schedule_words(found, request.at.wall, rules.calendar, rules.zone)}"
    return f"{label} cannot be judged, as the time is not known"


def _visits(person: Person, request: AccessRequest, _: AccessRules, state: AccessState) -> str:
    if request.credential is not Credential.VISITOR_PIN:
        return "not a visitor"
    most = "any number" if person.max_visits is None else str(person.max_visits)
    return f"visitor, {state.visits.get(person.id, 0)} of {most} visits used"


_NEEDS = {
    Need.LOOK_ALIKE: "somebody enrolled looks like this person",
    Need.GALLERY: "so many are enrolled that a face alone is too risky",
    Need.GROUP: "a group asks for it",
    Need.ALWAYS: "this door always asks for it",
    Need.OUT_OF_HOURS: "it is out of hours",
}


def _second_factor(person: Person, request: AccessRequest, rules: AccessRules, state: AccessState) -> str:
    reasons = [_NEEDS[need] for need in needs(person, request, rules)]
    if request.credential is Credential.VISITOR_PIN:
        reasons = ["a visitor has nothing else"]
    words = f"a PIN is needed: {', '.join(reasons)}" if reasons else "no PIN is needed"
    may_try = pin_attempt(request, rules, state)
    if may_try.locked:
        return f"{words}; the PIN is locked after too many wrong ones, until it is set anew"
    if may_try.wait > 0:
        return f"{words}; after wrong ones the next may be tried in {may_try.wait:.0f} s"
    return f"{words}; PIN: {request.pin}"


def _passback(person: Person, request: AccessRequest, rules: AccessRules, state: AccessState) -> str:
    if rules.passback.mode is PassbackMode.OFF:
        return "anti-passback is off"
    words = f'{rules.passback.mode} anti-passback into "{rules.passback.target(request.direction)}"'
    presence = state.presence.get(person.id)
    if presence is None:
        return f"{words}; where the person is is not known"
    return f'{words}; the person was let into "{presence.area}" {request.now - presence.at:.0f} s ago'


def _two_person(person: Person, request: AccessRequest, rules: AccessRules, state: AccessState) -> str:
    if rules.two_person is None:
        return "one person is enough"
    other = partner(person, request, rules, state)
    return "two people are needed; " + ("nobody suitable waits" if other is None else f"{other} waits")


_WORDS: dict[Check, Callable[[Person, AccessRequest, AccessRules, AccessState], str]] = {
    lockdown: _lockdown,
    validity: _validity,
    schedule: _schedule,
    visits: _visits,
    second_factor: _second_factor,
    passback: _passback,
    two_person: _two_person,
}
