"""Groups: what people may do because of what they belong to."""

from collections import Counter

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from edge.domain.access_group import Group
from edge.errors import ConflictError, NotFoundError, RuleError
from edge.web.pages.access import schedule_names
from edge.web.parts import office, parts
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh

groups = Blueprint("groups", __name__, url_prefix="/access/groups")

FLAGS = {
    "second_factor": ("A PIN is asked for every time", ""),
    "lockdown_pass": ("May pass in a lockdown", ""),
    "passback_exempt": ("Anti-passback does not hold", "for those who come in by another way"),
    "alone": ("May pass alone where two people are asked for", ""),
    "escort": ("May be the second person where two are asked for", ""),
    "first_person": ("Their arrival may begin the office hours", ""),
}


@groups.get("")
@allows(Role.OPERATOR)
def show() -> str:
    """Show the groups."""
    return _list()


@groups.get("/group")
@allows(Role.ADMIN)
def group() -> str:
    """Show the form of one group, or of a new one."""
    name = request.args.get("name")
    known = office().access.groups()
    if name is not None and name not in known:
        raise NotFound
    return _form(known[name] if name is not None else Group(name=""))


@groups.post("/group")
@allows(Role.ADMIN)
def save() -> Response | tuple[str, int]:
    """Write a group down."""
    form = request.form
    doors = frozenset(door.strip() for door in form.get("doors", "").split(",") if door.strip())
    wanted = Group(
        name=form.get("name", ""),
        schedule=form.get("schedule", ""),
        doors=doors or None,
        **{flag: bool(form.get(flag)) for flag in FLAGS},
    )
    try:
        office().schedules.set_group(wanted, actor=g.account.actor)
    except (RuleError, NotFoundError) as error:
        return _form(wanted, problem=str(error)), 422
    flash(words("The group is saved and in force."), "ok")
    return redirect(url_for("groups.show"), 303)


@groups.post("/remove")
@allows(Role.ADMIN)
@fresh
def remove() -> Response | tuple[str, int]:
    """Remove a group without members."""
    try:
        office().access.remove_group(request.form.get("name", ""), actor=g.account.actor)
    except (ConflictError, NotFoundError) as error:
        return _list(str(error)), 409
    flash(words("The group is removed."), "ok")
    return redirect(url_for("groups.show"), 303)


def _list(problem: str = "") -> str:
    known = office().access.groups()
    return render_template(
        "access/groups.html",
        groups=sorted(known.values(), key=lambda one: one.name.casefold()),
        members=Counter(name for person in parts().people.people() for name in person.groups),
        flags={flag: words(text) for flag, (text, _) in FLAGS.items() if flag != "first_person"},
        problem=problem,
    )


def _form(found: Group, problem: str = "") -> str:
    return render_template(
        "access/group.html",
        group=found,
        known=request.args.get("name") or request.form.get("known", ""),
        schedules=schedule_names(),
        flags=[(flag, words(text), words(hint) if hint else "") for flag, (text, hint) in FLAGS.items()],
        problem=problem,
    )
