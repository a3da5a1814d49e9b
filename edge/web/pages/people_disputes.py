"""Somebody says of an event that it was not this person."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from edge.web.pages.people_pages import found, people
from edge.web.parts import people_parts
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh_where


@people.get("/<person_id>/events/<int:seq>/dispute")
@allows(Role.OPERATOR)
def ask_dispute(person_id: str, seq: int) -> str:
    """Show the event, and the picture that it rests on."""
    person = found(person_id)
    return render_template(
        "people/dispute.html",
        person=person,
        disputed=people_parts().disputes.look(person.id, seq),
        crops=people_parts().roll.crops(person.id),
    )


@people.post("/<person_id>/events/<int:seq>/dispute")
@allows(Role.OPERATOR)
@fresh_where(lambda: request.form.get("remove") == "1")  # a punch that was cancelled can be added again
def dispute(person_id: str, seq: int) -> Response:
    """Write down that it was somebody else."""
    person = found(person_id)
    remove, void = (request.form.get(name) == "1" for name in ("remove", "void"))
    people_parts().disputes.dispute(person.id, seq, remove=remove, void=void, actor=g.account.actor)
    flash(words("It is written down that this was not {name}.", name=person.name), "ok")
    return redirect(url_for("people.one", person_id=person.id), 303)
