"""Enrolment: pictures are examined while somebody still chooses, and then written with the form."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, g, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response as AnyResponse

from edge.domain.examination import Examination, Upload
from edge.domain.person import Details, Person
from edge.errors import AdminOnlyError, ConflictError, NotFoundError
from edge.examine_wire import MAX_PICTURES
from edge.examiner import UNREADABLE
from edge.office.enroller import Enrolled
from edge.picture_header import MAX_BYTES
from edge.web.body_limit import takes
from edge.web.pages.people_pages import found, people
from edge.web.parts import parts, people_parts
from edge.web.person_form import PersonForm
from edge.web.refusals import MendableRequest, wants_json
from edge.web.request_show import show as writing
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.verdict_words import examination_body

MOST = MAX_BYTES + 256 * 1024  # bytes of a request: a picture, or several smaller ones, and the form
STILL = 3.0  # seconds the terminal's camera has for a picture


@people.get("/new")
@allows(Role.OPERATOR)
def new() -> str:
    """Show the form of somebody new."""
    _warm()
    return enrol_page(PersonForm(), None)


@people.post("/new")
@allows(Role.OPERATOR)
@takes(MOST)
def add() -> AnyResponse | tuple[Response | str, int]:
    """Enrol somebody."""
    form = PersonForm.sent(request.form).checked(people_parts().access)
    if form.errors:
        return _again(form, None, None)
    wanted = form.applied(Person("", form.name), parts().zone)
    try:
        people_parts().changes.require_new(wanted, admin=g.account.role >= Role.ADMIN)
        enrolled = people_parts().enroller.add(
            name=form.name,
            external_id=form.external_id or None,
            details=Details.of(wanted),
            pictures=_pictures(),
            actor=g.account.actor,
            allow_look_alike=request.form.get("allow") == "1",
        )
    except (ConflictError, NotFoundError, AdminOnlyError) as error:
        return _again(refused(form, error), None, None)
    if enrolled.person is None:
        return _again(form, None, enrolled.examination)
    return _done(enrolled.person, enrolled, words("{name} was enrolled.", name=enrolled.person.name))


@people.get("/<person_id>/pictures")
@allows(Role.OPERATOR)
def more(person_id: str) -> str:
    """Show where pictures of somebody are added."""
    _warm()
    return enrol_page(PersonForm(), found(person_id))


@people.post("/<person_id>/pictures")
@allows(Role.OPERATOR)
@takes(MOST)
def extend(person_id: str) -> AnyResponse | tuple[Response | str, int]:
    """Add pictures of somebody."""
    person = found(person_id)
    enrolled = people_parts().enroller.extend(
        person_id=person.id,
        pictures=_pictures(),
        actor=g.account.actor,
        allow_look_alike=request.form.get("allow") == "1",
    )
    if enrolled.person is None:
        return _again(PersonForm(), person, enrolled.examination)
    return _done(enrolled.person, enrolled, words("Pictures of {name} were added.", name=person.name))


@people.post("/examine")
@allows(Role.OPERATOR)
@takes(MOST)
def examine() -> tuple[Response, int]:
    """Say what the gate says of pictures, without writing anything; 422 where none of them is a picture."""
    examiner = parts().examiner
    if examiner is None:
        raise ServiceUnavailable
    person = request.form.get("person")
    examination = examiner.examine(
        _pictures(),
        person_id=found(person).id if person else None,
        allow_look_alike=request.form.get("allow") == "1",
    )
    body = examination_body(examination, words, writing())
    none = all(one.code == UNREADABLE for one in examination.pictures)
    return jsonify(body), 422 if none else 200


@people.get("/still.jpg")
@allows(Role.OPERATOR)
def still() -> Response:
    """Give a picture of the terminal's own camera in full size, 404 where it gives none."""
    live = parts().live
    picture = live.still(timeout=STILL) if live is not None else None
    if picture is None:
        return Response(status=404)
    return Response(picture.jpeg, mimetype="image/jpeg")


def enrol_page(form: PersonForm, person: Person | None, examination: Examination | None = None) -> str:
    """Return the page on which pictures are chosen, with what was wrong with them if they were sent."""
    body = None if examination is None else examination_body(examination, words, writing())
    return render_template(
        "people/enrol.html",
        form=form,
        person=person,
        report=body,
        room=people_parts().most - (person.references if person is not None else 0),
        schedules=[(name, name) for name in sorted(people_parts().access.schedules())],
        groups=sorted(people_parts().access.groups()),
        camera=parts().live is not None,
    )


def _warm() -> None:
    examiner = parts().examiner
    if examiner is not None:
        examiner.warm()


def _pictures() -> Sequence[Upload]:
    files = [one for one in request.files.getlist("pictures") if one.filename]
    if not 0 < len(files) <= MAX_PICTURES:
        raise MendableRequest(words("Please choose one to {most} pictures.", most=MAX_PICTURES))
    return [Upload((one.filename or "")[-200:], one.stream.read()) for one in files]


def refused(form: PersonForm, error: ConflictError | NotFoundError | AdminOnlyError) -> PersonForm:
    """Return the form with what there is against it; raises the error where a form cannot mend that."""
    if isinstance(error, AdminOnlyError):
        return form.with_error(error.field, str(error))
    if str(error).startswith("employee number"):
        return form.with_error("external_id", "Somebody else has this employee number.")
    again = form.checked(people_parts().access)  # a schedule or group that was there a moment ago
    if not again.errors:
        raise error
    return again


def _again(
    form: PersonForm, person: Person | None, examination: Examination | None
) -> tuple[Response | str, int]:
    if not wants_json():
        return enrol_page(form, person, examination), 422
    said: dict[str, Any] = {"line": words("Nothing was written. Please look at what is marked.")}
    said["errors"] = {name: words(text) for name, text in form.errors.items()}
    if examination is not None:
        said["report"] = examination_body(examination, words, writing())
    return jsonify(said), 422


def _done(person: Person, enrolled: Enrolled, line: str) -> AnyResponse | tuple[Response, int]:
    location = url_for("people.one", person_id=person.id)
    if request.form.get("quiet") != "1":  # a bulk import tells it all at its end
        flash(line, "ok")
    if not wants_json():
        return redirect(location, 303)
    report = examination_body(enrolled.examination, words, writing())
    return jsonify(line=line, location=location, id=person.id, report=report), 201
