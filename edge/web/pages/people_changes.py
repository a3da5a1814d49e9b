"""Changes of a person: the form, one picture less, two entries made one, and forgetting."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from edge.domain.person import Person
from edge.domain.roll import RollFilter
from edge.domain.score import percent_text
from edge.errors import AdminOnlyError, ConflictError, NotFoundError
from edge.web.pages.people_enrol import refused
from edge.web.pages.people_pages import found, people
from edge.web.parts import parts, people_parts
from edge.web.person_form import PersonForm
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh

OFFERED = 8  # people who may be the same


@people.get("/<person_id>/edit")
@allows(Role.OPERATOR)
def edit(person_id: str) -> str:
    """Show the form of somebody."""
    person = found(person_id)
    return _form(person, PersonForm.of(person, parts().zone))


@people.post("/<person_id>/edit")
@allows(Role.OPERATOR)
def change(person_id: str) -> Response | tuple[str, int]:
    """Write what was changed."""
    person = found(person_id)
    form = PersonForm.sent(request.form).checked(people_parts().access)
    if form.errors:
        return _form(person, form), 422
    wanted = form.applied(person, parts().zone)
    admin = g.account.role >= Role.ADMIN
    try:
        changed = people_parts().changes.change(person, wanted, actor=g.account.actor, admin=admin)
    except (ConflictError, NotFoundError, AdminOnlyError) as error:
        return _form(person, refused(form, error)), 422
    flash(words("The details of {name} were changed.", name=changed.name), "ok")
    return redirect(url_for("people.one", person_id=person.id), 303)


@people.post("/<person_id>/references/<reference_id>/remove")
@allows(Role.OPERATOR)
@fresh
def remove_reference(person_id: str, reference_id: str) -> Response:
    """Forget one picture."""
    person = found(person_id)
    people_parts().roll.remove_reference(person.id, reference_id, actor=g.account.actor)
    flash(words("The picture was removed."), "ok")
    return redirect(url_for("people.one", person_id=person.id, _anchor="pictures"), 303)


@people.get("/<person_id>/merge")
@allows(Role.ADMIN)
def merge_with(person_id: str) -> str:
    """Show with whom somebody may be made one, and how much alike they are."""
    person = found(person_id)
    text = request.args.get("q", "")[:200].strip()
    other = request.args.get("other", "")
    page = people_parts().roll.page(RollFilter(text), limit=OFFERED + 1)
    return render_template(
        "people/merge.html",
        person=person,
        text=text,
        offered=[one for one in page.people if one.id != person.id and not one.visitor][:OFFERED],
        other=found(other) if other and other != person.id else None,
        likeness=_likeness(person.id, other) if other else None,
    )


@people.post("/<person_id>/merge")
@allows(Role.ADMIN)
@fresh
def merge(person_id: str) -> Response:
    """Make one person of two: the other one becomes a part of this one."""
    kept, gone = found(person_id), found(request.form.get("other", ""))
    people_parts().duplicates.merge(kept.id, gone.id, actor=g.account.actor)
    flash(words("{gone} is now a part of {name}.", gone=gone.name, name=kept.name), "ok")
    return redirect(url_for("people.one", person_id=kept.id), 303)


@people.get("/<person_id>/remove")
@allows(Role.ADMIN)
@fresh
def ask_remove(person_id: str) -> str:
    """Ask whether somebody shall be forgotten."""
    return render_template("people/remove.html", person=found(person_id))


@people.post("/<person_id>/remove")
@allows(Role.ADMIN)
@fresh
def remove(person_id: str) -> Response:
    """Forget somebody."""
    person = found(person_id)
    parts().people.remove(person_id=person.id, actor=g.account.actor)
    flash(words("{name} and all that was held about them was removed.", name=person.name), "ok")
    return redirect(url_for("people.show"), 303)


def _form(person: Person, form: PersonForm) -> str:
    return render_template(
        "people/edit.html",
        person=person,
        form=form,
        schedules=[(name, name) for name in sorted(people_parts().access.schedules())],
        groups=sorted(people_parts().access.groups()),
    )


def _likeness(one: str, other: str) -> tuple[str, bool] | None:
    """Return how much alike two people are, in percent and whether that passes for one person at the door."""
    office = parts().office
    model = office.model() if office is not None else None
    if model is None:
        return None
    score = people_parts().duplicates.likeness(one, other, model.version, model.scale)
    if score is None:
        return None
    passes = model.scale.accepts(score, model.threshold)
    return percent_text(score, model.threshold, model.scale), passes
