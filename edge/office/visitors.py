"""Visitors: a name, a PIN that says who they are, an end, and if wished a number of visits."""

from collections.abc import Sequence

from edge.domain.access_reason import Grant
from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType
from edge.domain.person import NewVisitor, Person
from edge.domain.second_factor_pin import ADVISED, check_new_pin
from edge.errors import ConflictError, RuleError
from edge.office.pins import random_pin
from edge.ports import AccessChanges, EventQuery, SecretHasher

_TRIES = 10  # random PINs tried until no other visitor has it


class VisitorDesk:
    """Gives visitors their PINs; `shortest` is the site's own minimum of digits."""

    def __init__(self, access: AccessChanges, hasher: SecretHasher, *, shortest: int = ADVISED) -> None:
        self._access = access
        self._hasher = hasher
        self._shortest = shortest

    def add(
        self,
        *,
        name: str,
        valid_until: float,
        now: float,
        valid_from: float | None = None,
        max_visits: int | None = None,
        schedule: str | None = None,
        groups: Sequence[str] = (),
        pin: str | None = None,
        actor: str,
    ) -> tuple[Person, str]:
        """Add a visitor and return them with their PIN, which cannot be shown again; times are UTC seconds.

        `pin` None lets one be drawn. Raises RuleError for times, visits or a PIN that make no sense,
        ConflictError for a PIN that another visitor has, NotFoundError for an unknown schedule or group.
        """
        if valid_until <= now:
            raise RuleError("visitor: the end lies in the past; give a later one")
        if valid_from is not None and valid_from >= valid_until:
            raise RuleError("visitor: the end comes before the beginning")
        if max_visits is not None and max_visits < 1:
            raise RuleError("visitor: at least one visit, or leave the number out for any")
        if pin is not None:
            check_new_pin(pin, shortest=self._shortest)
        salt = self._access.visitor_salt()
        for tries_left in reversed(range(1 if pin else _TRIES)):
            digits = pin or random_pin(max(self._shortest, ADVISED))
            visitor = NewVisitor(
                name=name,
                digest=self._hasher.digest(digits, salt),
                valid_until=valid_until,
                valid_from=valid_from,
                max_visits=max_visits,
                schedule=schedule,
                groups=tuple(dict.fromkeys(groups)),
            )
            if tries_left and self._access.visitor(visitor.digest) is not None:
                continue
            return self._access.add_visitor(visitor, actor=actor), digits
        raise AssertionError("the last try returns or raises")


def visits_used(query: EventQuery, visitor: Person) -> int:
    """Return how often a visitor's PIN has opened."""
    which = EventFilter(types=frozenset({EventType.ACCESS_GRANTED}), person=visitor.id)
    opened = query.oldest(which, limit=10_000)
    return sum(event.data.get("reason") == Grant.VISITOR_PIN for event in opened)


def expired(people: Sequence[Person], now: float) -> list[Person]:
    """Return the visitors whose end has passed."""
    return [
        person
        for person in people
        if person.visitor and person.valid_until is not None and person.valid_until <= now
    ]


def require_visitor(person: Person) -> Person:
    """Return the person; raises ConflictError where they are enrolled and no visitor."""
    if not person.visitor:
        raise ConflictError(
            f"person {person.id}: they are enrolled and no visitor; see `edgectl people remove`"
        )
    return person
