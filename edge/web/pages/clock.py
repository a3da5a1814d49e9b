"""The clock: who vouches for it, setting it, and vouching for it."""

from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from edge.domain.clock_trust import Witness
from edge.errors import DeviceError, RuleError
from edge.web.parts import office, parts
from edge.web.request_show import show as writing
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh

clock = Blueprint("clock", __name__, url_prefix="/settings/clock")

WITNESSES = {
    Witness.NTP: "the network time service",
    Witness.HARDWARE: "a clock with a battery",
    Witness.ADMIN: "an admin",
}


@clock.get("")
@allows(Role.ADMIN)
def show() -> str:
    """Show how the clock stands."""
    return _page()


@clock.post("")
@allows(Role.ADMIN)
@fresh
def change() -> Response | tuple[str, int]:
    """Vouch for the clock as it is, or set it and vouch for it."""
    act = request.form.get("act")
    if act not in {"vouch", "set"}:
        raise BadRequest
    try:
        if act == "set":
            office().set_clock(_wall())
        office().clock.vouch(was_set=act == "set", actor=g.account.actor)
    except (RuleError, DeviceError) as error:
        return _page(str(error)), 422
    done = "The clock is set, and vouched for." if act == "set" else "The clock is vouched for."
    flash(words(done), "ok")
    return redirect(url_for("clock.show"), 303)


def _page(problem: str = "") -> str:
    standing = office().clock.standing()
    local = writing().local(standing.at.wall)
    return render_template(
        "settings/clock.html",
        standing=standing,
        local=local,
        zone=str(parts().zone),
        witnesses=[words(WITNESSES[one]) for one in standing.witnesses],
        problem=problem,
    )


def _wall() -> float:
    """Return the UTC second of the form's day and time by the terminal's clock; raises RuleError."""
    text = f"{request.form.get('date', '')} {request.form.get('time', '')}".strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=parts().zone).timestamp()
    except (ValueError, OverflowError):
        raise RuleError(f'"{text[:40]}" is no time; write one as in "2026-01-31 18:00"') from None
