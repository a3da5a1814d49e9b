"""People: looking for them, adding, changing and removing."""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import Blueprint, g

from edge.domain.api_token import Scope
from edge.domain.consent import Consent
from edge.domain.examination import ExaminedPicture
from edge.domain.person import Person
from edge.domain.roll import RollFilter
from edge.errors import NotFoundError
from edge.office.enroller import Enrolled
from edge.web.api.operation import Answer, operation
from edge.web.api.people_bodies import (
    MOST,
    ChangeBody,
    EnrolBody,
    EnrolledBody,
    PeopleBody,
    PeopleQuery,
    PersonBody,
    PicturesBody,
    VerdictBody,
)
from edge.web.api.problem import problem
from edge.web.parts import parts, people_parts

people = Blueprint("api_people", __name__, url_prefix="/api/v1/people")


@people.get("")
@operation(Scope.READ, "Look for people", query=PeopleQuery, answer=PeopleBody)
def look(query: PeopleQuery) -> Answer:
    """By name, some at a time."""
    page = people_parts().roll.page(RollFilter(text=query.text), offset=query.offset, limit=query.limit)
    return PeopleBody(people=[PersonBody.of(person) for person in page.people], total=page.total)


@people.post("")
@operation(
    Scope.ENROL,
    "Add somebody",
    body=EnrolBody,
    answer=EnrolledBody,
    status=HTTPStatus.CREATED,
    most=MOST,
)
def add(body: EnrolBody) -> Answer:
    """Pictures are examined first: where none is good, or somebody else looks too alike, nothing is written.

    Without pictures, the person is known and is not recognised yet.
    """
    if not body.pictures:
        person = parts().people.enrol(
            name=body.name,
            external_id=body.external_id,
            references=(),
            seen_generation=parts().people.generation(),
            actor=g.account.actor,
        )
        return EnrolledBody(person=PersonBody.of(person), pictures=[])
    enrolled = people_parts().enroller.add(
        name=body.name,
        external_id=body.external_id,
        pictures=[picture.upload() for picture in body.pictures],
        actor=g.account.actor,
        allow_look_alike=body.allow_look_alike,
    )
    return _enrolled(enrolled)


@people.get("/<person_id>")
@operation(Scope.READ, "One person", answer=PersonBody)
def show(person_id: str) -> Answer:
    """By the id."""
    return PersonBody.of(_found(person_id))


@people.patch("/<person_id>")
@operation(Scope.ENROL, "Change somebody", body=ChangeBody, answer=PersonBody)
def change(person_id: str, body: ChangeBody) -> Answer:
    """What is not named stays. 409 where somebody else changed it at the same moment.

    403 without the scope `admin` where it lifts a second factor, takes somebody out of a group that always
    asks for a PIN, or puts them into one that passes in a lockdown.
    """
    person = _found(person_id)
    wanted = replace(person, **_changes(body))
    admin = Scope.ADMIN in g.account.scopes
    changed = people_parts().changes.change(person, wanted, actor=g.account.actor, admin=admin)
    return PersonBody.of(changed)


@people.delete("/<person_id>")
@operation(Scope.ENROL, "Forget somebody", status=HTTPStatus.NO_CONTENT)
def remove(person_id: str) -> Answer:
    """Name, pictures, vectors and PINs are overwritten; events keep the id, which names nobody any more."""
    parts().people.remove(person_id=_found(person_id).id, actor=g.account.actor)
    return None


@people.post("/<person_id>/pictures")
@operation(Scope.ENROL, "Add pictures of somebody", body=PicturesBody, answer=EnrolledBody, most=MOST)
def extend(person_id: str, body: PicturesBody) -> Answer:
    """Examined as for somebody new."""
    enrolled = people_parts().enroller.extend(
        person_id=_found(person_id).id,
        pictures=[picture.upload() for picture in body.pictures],
        actor=g.account.actor,
        allow_look_alike=body.allow_look_alike,
    )
    return _enrolled(enrolled)


def _found(person_id: str) -> Person:
    """Return the person with exactly this id; raises NotFoundError."""
    person = parts().people.find(person_id)
    if person.id != person_id:
        raise NotFoundError(f"person {person_id}: nobody has this id")
    return person


def _enrolled(enrolled: Enrolled) -> Answer:
    if enrolled.person is None:
        return _refused(enrolled.examination.pictures)
    told = [VerdictBody.of(picture) for picture in enrolled.examination.pictures]
    return EnrolledBody(person=PersonBody.of(enrolled.person), pictures=told)


def _refused(pictures: Sequence[ExaminedPicture]) -> Answer:
    told = [VerdictBody.of(picture).model_dump() for picture in pictures]
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "none of the pictures can be used as it is", more={"pictures": told}
    )


def _changes(body: ChangeBody) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    for name in ("valid_from", "valid_until"):
        if found.get(name) is not None:
            found[name] = found[name].timestamp()
    if found.get("consent") is not None:
        found["consent"] = Consent(found["consent"].on, found["consent"].note)
    for name in ("name", "second_factor", "groups"):  # null says nothing of these
        if name in found and found[name] is None:
            del found[name]
    if "groups" in found:
        found["groups"] = tuple(found["groups"])
    return found
