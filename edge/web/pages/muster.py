"""Who is inside, for the screen and for the sheet that somebody reads at the assembly point."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from edge.domain.muster import Inside
from edge.office.attendance import who_is_inside
from edge.web import sheets
from edge.web.pages.attendance import everybody
from edge.web.parts import office, parts
from edge.web.request_show import show as writing
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh_where

muster = Blueprint("muster", __name__, url_prefix="/attendance/inside")


@muster.get("")
@allows(Role.VIEWER)
def show() -> str:
    """Show who is inside."""
    now = parts().clock.now()
    people, language = everybody(), writing().language
    found = [
        (sheets.who(one.person, people, language), one)
        for one in who_is_inside(parts().query, now.wall, office().rules().longest)
    ]
    found.sort(key=lambda pair: (pair[0].name.casefold(), pair[0].id))
    return render_template(
        "attendance/inside.html",
        now=now,
        certain=[pair for pair in found if pair[1].certain],
        uncertain=[pair for pair in found if not pair[1].certain],
        remark=_remark,
    )


@muster.post("")
@allows(Role.OPERATOR)
@fresh_where(lambda: not request.form.get("person"))  # at an assembly point people are ticked off
def clear() -> Response:
    """Take somebody off the list, or everybody."""
    person = request.form.get("person") or None
    office().attendance.clear_inside(person, actor=g.account.actor)
    flash(words("They are off the list." if person else "The list is empty now."), "ok")
    return redirect(url_for("muster.show"), 303)


def _remark(one: Inside) -> str:
    return words("on a break") if one.on_break else ""
