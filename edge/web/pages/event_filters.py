"""Which events an address asks for: a day or more, a person, a kind."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, request

from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType
from edge.domain.person import Person
from edge.domain.roll import RollFilter
from edge.errors import ConflictError, NotFoundError
from edge.web.days import bounds, day_of
from edge.web.event_groups import types_of
from edge.web.parts import parts
from edge.web.request_show import SECRET
from edge.web.roles import Role

MOST_MATCHES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: `matches` are people whose name holds what was written, where that is not one of them.

    `nothing` says that nobody and nothing can match.
    """

    first: date | None
    last: date | None
    kind: str
    who: str
    person: Person | None
    matches: tuple[Person, ...]

    @property
    def nothing(self) -> bool:
        """Return whether nothing can match: a person who is not to be found, a kind that is not shown."""
        hidden = bool(self.kind) and not types_of(self.kind) - _hidden()
        return hidden or (bool(self.who) and self.person is None)

    @property
    def filter(self) -> EventFilter:
        """Return it as the journal understands it; what the account may not see is left out."""
        zone = parts().zone
        begin = bounds(self.first, self.first, zone)[0] if self.first else None
        end = bounds(self.last, self.last, zone)[1] if self.last else None
        types = types_of(self.kind)
        if _hidden():
            types = (types or frozenset(EventType)) - _hidden()
        return EventFilter(types=types, person=self.person.id if self.person else None, begin=begin, end=end)

    @property
    def query(self) -> dict[str, Any]:
        """Return it as it stands in an address."""
        values = {"first": self.first, "last": self.last, "kind": self.kind, "who": self.who}
        return {name: value for name, value in values.items() if value}


def _hidden() -> frozenset[EventType]:
    return frozenset() if g.account.role >= Role.ADMIN else SECRET


def asked() -> Asked:
    """Return what the present address asks for."""
    day = day_of(request.args.get("day"))
    first = day or day_of(request.args.get("first"))
    last = day or day_of(request.args.get("last"))
    kind = request.args.get("kind", "")
    who = request.args.get("who", "").strip()[:200]
    person, matches = _person(who) if who else (None, ())
    return Asked(first, last, kind if types_of(kind) else "", who, person, matches)


def _person(who: str) -> tuple[Person | None, tuple[Person, ...]]:
    """Return the one person that `who` means, else all whose name or number holds it."""
    try:
        return parts().people.find(who), ()
    except (NotFoundError, ConflictError):
        pass  # said by the page, with whom it may be
    looked_in = parts().roll
    if looked_in is None:
        return None, ()
    page = looked_in.roll.page(RollFilter(text=who), limit=MOST_MATCHES)
    return (page.people[0], ()) if page.total == 1 else (None, page.people)
