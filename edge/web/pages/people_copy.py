"""A copy of all that is held about one person, for that person."""

from flask import Response, g, jsonify

from edge.domain.events import EventType, NewEvent
from edge.web.pages.people_pages import found, people
from edge.web.parts import people_parts
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh_file


@people.get("/<person_id>/copy.zip")
@allows(Role.ADMIN)
@fresh_file
def zipped(person_id: str) -> Response:
    """Give it as an archive."""
    person = found(person_id)
    data = people_parts().copy.zipped(person.id)
    _note(person.id, "zip")
    answer = Response(data, mimetype="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"person-{person.id}.zip")
    return answer


@people.get("/<person_id>/copy.json")
@allows(Role.ADMIN)
@fresh_file
def plain(person_id: str) -> Response:
    """Give it as JSON."""
    person = found(person_id)
    answer = jsonify(people_parts().copy.json(person.id))
    _note(person.id, "json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"person-{person.id}.json")
    return answer


def _note(person_id: str, form: str) -> None:
    data = {"what": "person", "form": form, "actor": g.account.actor}
    people_parts().journal.append(NewEvent(EventType.ADMIN_EXPORTED, person_id, data))
