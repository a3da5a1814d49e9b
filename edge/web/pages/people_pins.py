"""The PIN of a person: given, taken away, unlocked."""

from flask import flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from edge.errors import RuleError
from edge.web.pages.people_pages import found, people
from edge.web.parts import people_parts
from edge.web.request_show import said, words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh


@people.post("/<person_id>/pin")
@allows(Role.OPERATOR)
@fresh
def set_pin(person_id: str) -> Response:
    """Give somebody a PIN, and a duress PIN or none."""
    person = found(person_id)
    pin, again = request.form.get("pin", ""), request.form.get("again", "")
    duress = request.form.get("duress", "") or None
    if pin != again:
        return _back(person.id, words("The two entries of the PIN differ."), "bad")
    try:
        people_parts().pins.set(person.id, pin, duress, actor=g.account.actor)
    except RuleError as error:
        return _back(person.id, said(str(error)), "bad")
    return _back(person.id, words("{name} has a new PIN.", name=person.name))


@people.post("/<person_id>/pin/remove")
@allows(Role.OPERATOR)
@fresh
def remove_pin(person_id: str) -> Response:
    """Take somebody's PIN away."""
    person = found(person_id)
    people_parts().pins.remove(person.id, actor=g.account.actor)
    return _back(person.id, words("The PIN of {name} was removed.", name=person.name))


@people.post("/<person_id>/pin/reset")
@allows(Role.OPERATOR)
def reset_pin(person_id: str) -> Response:
    """Forget wrong entries, so that a locked PIN works again."""
    person = found(person_id)
    people_parts().pins.reset(person.id, actor=g.account.actor)
    return _back(person.id, words("Wrong entries of {name} count no more.", name=person.name))


def _back(person_id: str, line: str, kind: str = "ok") -> Response:
    flash(line, kind)
    return redirect(url_for("people.one", person_id=person_id, _anchor="pin"), 303)
