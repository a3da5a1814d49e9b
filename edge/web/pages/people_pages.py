"""The pages of people have one blueprint; what several of them need is here."""

from dataclasses import dataclass

from flask import Blueprint
from werkzeug.exceptions import NotFound

from edge.domain.person import Person
from edge.web.body_limit import limit_bodies
from edge.web.parts import parts

people = Blueprint("people", __name__, url_prefix="/people")
limit_bodies(people)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a person stands at this moment."""

    early: bool
    late: bool
    no_face: bool


def found(person_id: str) -> Person:
    """Return the person of an address, which goes by ids only; raises NotFound, NotFoundError."""
    person = parts().people.find(person_id)
    if person.id != person_id:
        raise NotFound
    return person


def seen(person: Person) -> Seen:
    """Return how somebody stands now."""
    now = parts().clock.now().wall
    return Seen(
        early=person.valid_from is not None and now < person.valid_from,
        late=person.valid_until is not None and now >= person.valid_until,
        no_face=not person.references and not person.visitor,
    )
