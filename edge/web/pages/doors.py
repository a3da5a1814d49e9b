"""Unlocking, locking and holding the door, lockdown and evacuation."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, g, jsonify, redirect, request, url_for
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response as AnyResponse

from edge.ports import DoorControl
from edge.web.parts import parts
from edge.web.refusals import wants_json
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh

doors = Blueprint("doors", __name__, url_prefix="/door")

Act = Callable[[DoorControl, str, str | None], str]
ACTS: dict[str, tuple[Role, Act, str]] = {
    "unlock": (
        Role.OPERATOR,
        lambda control, actor, door: control.unlock(actor=actor, door=door),
        "The door is unlocked.",
    ),
    "lock": (
        Role.OPERATOR,
        lambda control, actor, door: control.lock(actor=actor, door=door),
        "The door is locked.",
    ),
    "hold": (
        Role.ADMIN,
        lambda control, actor, door: control.hold(actor=actor, door=door),
        "The door stays unlocked until you end it.",
    ),
    "release": (
        Role.ADMIN,
        lambda control, actor, door: control.release(actor=actor, door=door),
        "The door is no longer held open.",
    ),
    "lockdown": (
        Role.ADMIN,
        lambda control, actor, _: control.lockdown(True, actor=actor),
        "Lockdown: nobody is let in until you end it.",
    ),
    "end-lockdown": (
        Role.ADMIN,
        lambda control, actor, _: control.lockdown(False, actor=actor),
        "The lockdown has ended.",
    ),
    "evacuation": (
        Role.ADMIN,
        lambda control, actor, _: control.evacuation(True, actor=actor),
        "Evacuation: all doors are open until you end it.",
    ),
    "end-evacuation": (
        Role.ADMIN,
        lambda control, actor, _: control.evacuation(False, actor=actor),
        "The evacuation has ended.",
    ),
}


@doors.post("/<act>")
@allows(Role.OPERATOR)
@fresh
def act(act: str) -> AnyResponse | Response:
    """Do one thing to the door; raises DoorError where it is refused."""
    if act not in ACTS:
        raise NotFound
    role, done, sentence = ACTS[act]
    if g.account.role < role:
        raise Forbidden
    done(parts().doors, g.account.actor, request.form.get("door") or None)
    line = words(sentence)
    if wants_json():
        return jsonify(line=line)
    flash(line, "ok")
    return redirect(url_for("dashboard.show"), 303)
