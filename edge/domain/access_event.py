"""The events of a decision, whose fields are all that `access_state.apply` needs to know later."""

from typing import Any

from edge.domain.access import AccessDecision
from edge.domain.access_reason import Grant
from edge.domain.access_request import AccessRequest, AccessRules
from edge.domain.events import EventType, NewEvent
from edge.domain.second_factor import PinCheck


def access_events(
    request: AccessRequest, decision: AccessDecision, rules: AccessRules
) -> tuple[NewEvent, ...]:
    """Return what to journal, in this order: the decision, before anything moves; then a silent alarm.

    The decision's own event shows a duress PIN as any right one: whoever looks at the log learns nothing.
    """
    person = None if request.person is None else request.person.id
    kind = EventType.ACCESS_GRANTED if decision.granted else EventType.ACCESS_DENIED
    events = [NewEvent(kind, person, _data(request, decision, rules), request.at)]
    if decision.duress:
        events.append(NewEvent(EventType.ACCESS_DURESS, person, {"door": rules.door}, request.at))
    return tuple(events)


def _data(request: AccessRequest, decision: AccessDecision, rules: AccessRules) -> dict[str, Any]:
    data: dict[str, Any] = {
        "reason": str(decision.reason),
        "door": rules.door,
        "direction": str(request.direction),
    }
    if decision.granted and decision.reason is not Grant.EVACUATION:
        data["area"] = rules.passback.target(request.direction)
    if request.pin is not PinCheck.NONE:
        data["pin"] = _pin(request, decision)
    if decision.companion is not None:
        data["with"] = decision.companion
    if decision.passback_violated:
        data["passback_violated"] = True
    if decision.escort:
        data["escort"] = True
    return data


def _pin(request: AccessRequest, decision: AccessDecision) -> str:
    """Return `refused` for a PIN that might not be tried, so that it neither counts nor clears."""
    if not decision.attempt.allowed:
        return "refused"
    return "matched" if request.pin.proves else "wrong"
