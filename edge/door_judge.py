"""Judges who asks to pass: person, policy, and what to journal of it. Anything that is missing denies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from edge.domain.access import AccessRules, decide
from edge.domain.access_checks import passes_lockdown, pin_attempt
from edge.domain.access_event import access_events
from edge.domain.access_group import Group
from edge.domain.access_reason import SENTENCES, Denial, Grant
from edge.domain.access_request import AccessRequest, Credential
from edge.domain.access_state import AccessState
from edge.domain.events import EventType, NewEvent
from edge.domain.passback import NOT_OPENED, Direction
from edge.domain.person import Person
from edge.domain.second_factor import PinCheck
from edge.domain.second_factor_pin import LONGEST
from edge.errors import ConflictError, NotFoundError, StoreError
from edge.ports import Clock, PeopleReader

log = structlog.get_logger("edge.doorkeeper")


class Pins(Protocol):
    """Compares PINs, as `office.pins.PinDesk` does."""

    def check(self, person_id: str, digits: str) -> PinCheck:
        """Return what a person's PINs say of `digits`."""
        ...

    def visitor(self, digits: str) -> Person | None:
        """Return the visitor whose PIN it is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Somebody whom the camera takes for the person with this id.

    `at` is the monotonic second of the deciding frame, `fpir` the gallery's false-positive identification
    rate, `data` what the events say beside the decision.
    """

    person_id: str
    at: float
    fpir: float | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was decided; `events` are to be journaled in their order, the decision before anything moves.

    `through_lockdown` says that a grant holds in a lockdown as well.
    """

    reason: Grant | Denial
    events: tuple[NewEvent, ...]
    person: Person | None = None
    groups: tuple[Group, ...] = ()
    wait: float = 0.0
    through_lockdown: bool = False

    @property
    def granted(self) -> bool:
        """Return whether somebody may pass."""
        return isinstance(self.reason, Grant)

    @property
    def sentence(self) -> str:
        """Return what it says to the person at the door."""
        return SENTENCES[self.reason]


class Judge:
    """Judges claims and PINs by the current `rules` and what is remembered, `state`; for one thread.

    Both may raise StoreError, which denies. `direction` is the way through the door, `stale` the seconds
    after which a frame says nothing about who stands there now.
    """

    def __init__(
        self,
        *,
        people: PeopleReader,
        clock: Clock,
        rules: Callable[[], AccessRules],
        state: Callable[[], AccessState],
        pins: Pins | None = None,
        direction: Direction = Direction.IN,
        stale: float = 5.0,
    ) -> None:
        self._people = people
        self._clock = clock
        self._rules = rules
        self._state = state
        self._pins = pins
        self._direction = direction
        self._stale = stale

    def face(self, claim: Claim) -> Verdict:
        """Return whether somebody who was recognised may pass."""
        try:
            person = self._person(claim.person_id)
            if person is not None and self.stale(claim.at):
                return self._denied(Denial.STALE, person, claim.data)
            rules, state = self._rules(), self._state()
        except StoreError as error:
            return self._unreadable(error, claim.data)
        return self._decided(self._request(person, claim), rules, state, claim.data)

    def pin(self, digits: str, claim: Claim | None) -> Verdict:
        """Return whether somebody may pass by a PIN: whoever was recognised, or else a visitor.

        It is compared only where the policy lets it be tried now.
        """
        data = {} if claim is None else claim.data
        try:
            person = None if claim is None else self._person(claim.person_id)
            rules, state = self._rules(), self._state()
            request = self._request(person, claim)
            if pin_attempt(request, rules, state).allowed:
                request = self._compared(request, digits)
            else:
                request = replace(request, pin=PinCheck.WRONG)  # which the policy then does not look at
        except StoreError as error:
            return self._unreadable(error, data)
        return self._decided(request, rules, state, data)

    def stale(self, at: float) -> bool:
        """Return whether monotonic second `at` is too long ago, or still to come."""
        return not 0 <= self._clock.monotonic() - at <= self._stale

    def not_opened(self, verdict: Verdict, reason: Denial) -> Verdict:
        """Return what becomes of a grant that is durable and was not carried out.

        Nobody has passed, so that anti-passback forgives those whom the grant let in.
        """
        granted = verdict.events[0]
        denied = self._denied(reason, verdict.person, {"door": granted.data.get("door")})
        passed = [who for who in (granted.person, granted.data.get("with")) if who is not None]
        forgiven = [NewEvent(EventType.PASSBACK_FORGIVEN, str(who), {"why": NOT_OPENED}) for who in passed]
        return replace(denied, events=(*denied.events, *forgiven))

    def _person(self, person_id: str) -> Person | None:
        try:
            person = self._people.find(person_id)
        except (NotFoundError, ConflictError):
            return None
        return person if person.id == person_id else None  # `find` takes names and numbers too

    def _request(self, person: Person | None, claim: Claim | None) -> AccessRequest:
        return AccessRequest(
            person=person,
            at=self._clock.now(),
            fpir=None if claim is None else claim.fpir,
            credential=Credential.VISITOR_PIN if claim is None else Credential.FACE,
            direction=self._direction,
        )

    def _compared(self, request: AccessRequest, digits: str) -> AccessRequest:
        entered = digits.isascii() and digits.isdigit() and len(digits) <= LONGEST
        if self._pins is None or not entered:
            return replace(request, pin=PinCheck.WRONG)
        if request.credential is Credential.FACE:
            known = request.person
            check = PinCheck.WRONG if known is None else self._pins.check(known.id, digits)
            return replace(request, pin=check)
        visitor = self._pins.visitor(digits)
        return replace(request, person=visitor, pin=PinCheck.MATCHED if visitor else PinCheck.WRONG)

    def _decided(
        self, request: AccessRequest, rules: AccessRules, state: AccessState, data: Mapping[str, Any]
    ) -> Verdict:
        decision = decide(request, rules, state)
        first, *more = access_events(request, decision, rules)
        return Verdict(
            reason=decision.reason,
            events=(replace(first, data={**data, **first.data}), *more),
            person=request.person,
            groups=() if request.person is None else rules.groups_of(request.person),
            wait=decision.attempt.wait,
            through_lockdown=passes_lockdown(request, rules),
        )

    def _denied(self, reason: Denial, person: Person | None, data: Mapping[str, Any]) -> Verdict:
        known = None if person is None else person.id
        event = NewEvent(EventType.ACCESS_DENIED, known, {"reason": str(reason), **data})
        return Verdict(reason=reason, events=(event,), person=person)

    def _unreadable(self, error: StoreError, data: Mapping[str, Any]) -> Verdict:
        log.error("access cannot be judged, nobody is let in", error=str(error))
        return self._denied(Denial.UNAVAILABLE, None, data)
