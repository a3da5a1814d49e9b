"""The routes of people on the control socket."""

from flask import Blueprint, Response, jsonify

from edge.control_wire import ChangeBody, EnrolBody, ExtendBody, PersonBody
from edge.domain.person import NO_DETAILS, Details, NewReference
from edge.errors import ControlError
from edge.ports import People
from edge.web.control_request import actor, body, person_answer


def people_routes(people: People) -> Blueprint:
    """Return the routes by which people are enrolled, changed and forgotten."""
    routes = Blueprint("people", __name__)

    @routes.post("/v1/people")
    def enrol() -> Response:
        given = body(EnrolBody)
        details = _details(given)
        return person_answer(
            people.enrol(
                name=given.name,
                external_id=given.external_id,
                references=_references(given),
                seen_generation=given.seen_generation,
                look_alikes=given.look_alikes,
                details=details,
                actor=actor(),
            )
        )

    @routes.post("/v1/people/<person_id>/references")
    def extend(person_id: str) -> Response:
        given = body(ExtendBody)
        return person_answer(
            people.extend(
                person_id=person_id,
                references=_references(given),
                seen_generation=given.seen_generation,
                look_alikes=given.look_alikes,
                actor=actor(),
            )
        )

    @routes.put("/v1/people/<person_id>")
    def change(person_id: str) -> Response:
        given = body(ChangeBody)
        try:
            wanted = given.person(person_id)
        except ValueError as error:
            raise ControlError(f"request: consent: {error}") from None
        return person_answer(people.update(wanted, actor=actor()))

    @routes.delete("/v1/people/<person_id>")
    def remove(person_id: str) -> Response:
        people.remove(person_id=person_id, actor=actor())
        return jsonify(PersonBody(id=person_id).model_dump())

    return routes


def _details(given: EnrolBody) -> Details:
    try:
        return NO_DETAILS if given.details is None else given.details.details()
    except ValueError as error:
        raise ControlError(f"request: consent: {error}") from None


def _references(given: ExtendBody) -> list[NewReference]:
    try:
        return [reference.reference() for reference in given.references]
    except ValueError as error:
        raise ControlError(f"request: references: {error}") from None
