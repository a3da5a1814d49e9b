"""Schedules: when something is allowed."""

from collections import Counter
from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from edge.domain.schedule import ALWAYS, NEVER, Schedule
from edge.domain.schedule_text import schedule_text
from edge.errors import ConflictError, NotFoundError, RuleError
from edge.web.days import day_of
from edge.web.parts import office, parts
from edge.web.request_show import show as writing
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh
from edge.web.show import WEEKDAYS
from edge.web.week_view import shown_schedule

access = Blueprint("access", __name__, url_prefix="/access")

NEW = Schedule(name="", days={})


@access.get("")
@allows(Role.OPERATOR)
def show() -> str:
    """Show the schedules."""
    return _list()


@access.get("/schedule")
@allows(Role.ADMIN)
def schedule() -> str:
    """Show the form of one schedule, or of a new one."""
    name = request.args.get("name")
    known = office().access.schedules()
    if name is not None and name not in known:
        raise NotFound
    return _form(known[name] if name is not None else NEW)


@access.post("/schedule")
@allows(Role.ADMIN)
def save() -> Response | tuple[str, int]:
    """Write a schedule down."""
    form = request.form
    try:
        first, last = _day("first"), _day("last")
        office().schedules.set_schedule(
            form.get("name", ""),
            form.get("text", ""),
            zone=form.get("zone") or None,
            first=first,
            last=last,
            actor=g.account.actor,
        )
    except (RuleError, ConflictError) as error:
        return _form(NEW, problem=str(error)), 422
    flash(words("The schedule is saved and in force."), "ok")
    return redirect(url_for("access.show"), 303)


@access.post("/schedule/remove")
@allows(Role.ADMIN)
@fresh
def remove() -> Response | tuple[str, int]:
    """Remove a schedule that nothing needs."""
    try:
        office().schedules.remove_schedule(request.form.get("name", ""), actor=g.account.actor)
    except (ConflictError, NotFoundError) as error:
        return _list(str(error)), 409
    flash(words("The schedule is removed."), "ok")
    return redirect(url_for("access.show"), 303)


def schedule_names() -> list[str]:
    """Return the names of all schedules one may choose, those that exist by themselves first."""
    return [ALWAYS.name, NEVER.name, *sorted(office().access.schedules(), key=str.casefold)]


def _list(problem: str = "") -> str:
    now, calendar = parts().clock.now().wall, office().access.calendar()
    known = sorted(office().access.schedules().values(), key=lambda one: one.name.casefold())
    people = Counter(person.schedule for person in parts().people.people() if person.schedule)
    groups = Counter(group.schedule for group in office().access.groups().values())
    return render_template(
        "access/schedules.html",
        schedules=[shown_schedule(one, now, calendar, parts().zone, writing()) for one in known],
        people=people,
        groups=groups,
        problem=problem,
    )


def _form(schedule: Schedule, problem: str = "") -> str:
    sent = request.form.to_dict() if request.method == "POST" else {}
    zone = "" if schedule.zone is None else str(schedule.zone)
    text = schedule_text(schedule) if schedule is not NEW else "mon-fri 08:00-18:00"
    values = {
        "name": schedule.name,
        "text": text,
        "zone": zone,
        "first": schedule.first or "",
        "last": schedule.last or "",
    }
    return render_template(
        "access/schedule.html",
        values=values | sent,
        known=request.args.get("name") or sent.get("known", ""),
        day_names=WEEKDAYS[writing().language],
        problem=problem,
    )


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    found = day_of(text)
    if text and found is None:
        raise RuleError(f'"{text[:40]}" is no day; write one as in 2026-01-31')
    return found
