"""May this person pass now? `decide` is the one entry point; it is pure, and anything missing denies."""

from dataclasses import dataclass, field

from edge.domain.access_checks import breaks_passback, checks_for, is_escort, partner, pin_attempt, two_person
from edge.domain.access_reason import SENTENCES, Denial, Grant
from edge.domain.access_request import AccessRequest, AccessRules, Credential
from edge.domain.access_state import EMPTY, AccessState
from edge.domain.person import Person
from edge.domain.second_factor import PinCheck
from edge.domain.second_factor_attempts import Attempt

__all__ = ["AccessDecision", "AccessRequest", "AccessRules", "AccessState", "decide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDecision:
    """What was decided; `reason` is for events, `sentence` for the person at the door.

    `duress` asks for a silent alarm, also where it was denied, and must show nowhere at the door. `companion`
    is who passes together with the person under the two-person rule. `passback_violated` says that the rule
    was broken, `escort` that the person may be the escort of another, `attempt` whether and when a PIN may be
    tried.
    """

    granted: bool
    reason: Grant | Denial
    sentence: str
    duress: bool = False
    companion: str | None = None
    passback_violated: bool = False
    escort: bool = False
    attempt: Attempt = field(default_factory=Attempt)


def decide(request: AccessRequest, rules: AccessRules, state: AccessState = EMPTY) -> AccessDecision:
    """Return whether the person of `request` may pass by `rules`, given what happened before.

    The caller journals the decision (`access_event.access_events`) and then applies that event to the state.
    """
    if request.person is None:
        reason: Grant | Denial = _unknown(request, rules, state)
    elif state.evacuation:
        reason = Grant.EVACUATION
    else:
        reason = _denial(request.person, request, rules, state) or _grant(request)
    return _decision(reason, request, rules, state)


def _unknown(request: AccessRequest, rules: AccessRules, state: AccessState) -> Denial:
    if request.credential is Credential.FACE:
        return Denial.UNKNOWN
    allowed = pin_attempt(request, rules, state).allowed
    return Denial.SECOND_FACTOR_WRONG if allowed else Denial.SECOND_FACTOR_LOCKED


def _denial(person: Person, request: AccessRequest, rules: AccessRules, state: AccessState) -> Denial | None:
    denials = (check(person, request, rules, state) for check in checks_for(request, rules))
    return next((denial for denial in denials if denial is not None), None)


def _grant(request: AccessRequest) -> Grant:
    if request.credential is Credential.VISITOR_PIN:
        return Grant.VISITOR_PIN
    return Grant.FACE_AND_PIN if request.pin.proves else Grant.FACE


def _decision(
    reason: Grant | Denial, request: AccessRequest, rules: AccessRules, state: AccessState
) -> AccessDecision:
    person = request.person
    if person is None:
        return AccessDecision(
            granted=False,
            reason=reason,
            sentence=SENTENCES[reason],
            attempt=pin_attempt(request, rules, state),
        )
    return AccessDecision(
        granted=isinstance(reason, Grant),
        reason=reason,
        sentence=SENTENCES[reason],
        duress=request.pin is PinCheck.DURESS,
        companion=partner(person, request, rules, state) if _together(reason, request, rules) else None,
        passback_violated=breaks_passback(person, request, rules, state),
        escort=is_escort(rules.groups_of(person)),
        attempt=pin_attempt(request, rules, state),
    )


def _together(reason: Grant | Denial, request: AccessRequest, rules: AccessRules) -> bool:
    """Return whether the two-person rule was among what led to a grant."""
    ruled = two_person in checks_for(request, rules)
    return ruled and isinstance(reason, Grant) and reason is not Grant.EVACUATION
