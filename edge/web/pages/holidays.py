"""Holidays: the days on which schedules give way."""

from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from edge.domain.schedule_calendar import DEFAULT_TYPE, Holiday
from edge.errors import ConflictError, NotFoundError, RuleError
from edge.web.days import day_of, today
from edge.web.parts import office, parts
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh

holidays = Blueprint("holidays", __name__, url_prefix="/access/holidays")


@holidays.get("")
@allows(Role.OPERATOR)
def show() -> str:
    """Show the holidays."""
    return _list()


@holidays.post("")
@allows(Role.ADMIN)
def add() -> Response | tuple[str, int]:
    """Write a holiday down."""
    form = request.form
    try:
        first = _first_day()
        last = day_of(form.get("last")) or first
        kind = form.get("type", "").strip() or DEFAULT_TYPE
        found = Holiday(form.get("name", ""), first, last, kind, yearly=bool(form.get("yearly")))
        office().schedules.add_holiday(found, actor=g.account.actor)
    except (RuleError, ConflictError) as error:
        return _list(str(error)), 422
    flash(words("The holiday is saved."), "ok")
    return redirect(url_for("holidays.show"), 303)


@holidays.post("/remove")
@allows(Role.ADMIN)
@fresh
def remove() -> Response | tuple[str, int]:
    """Remove a holiday."""
    name, first = request.form.get("name", ""), day_of(request.form.get("first"))
    try:
        office().access.remove_holiday(name, first, actor=g.account.actor)
    except NotFoundError as error:
        return _list(str(error)), 404
    flash(words("The holiday is removed."), "ok")
    return redirect(url_for("holidays.show"), 303)


def _first_day() -> date:
    found = day_of(request.form.get("first"))
    if found is None:
        raise RuleError("holiday: give it a day")
    return found


def _list(problem: str = "") -> str:
    calendar = office().access.calendar()
    now = today(parts().clock.now().wall, parts().zone)
    return render_template(
        "access/holidays.html",
        holidays=sorted(calendar.holidays, key=lambda one: (one.first, one.name)),
        today=now,
        form=request.form,
        problem=problem,
    )
