"""Screens beside the door: a code that pairs one, those that are paired, and their end."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from edge.web.kiosk_parts import kiosk_parts
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh

screens = Blueprint("screens", __name__, url_prefix="/settings/screens")


@screens.get("")
@allows(Role.ADMIN)
def show() -> str:
    """List the screens."""
    return _page()


@screens.post("")
@allows(Role.ADMIN)
@fresh
def offer() -> str:
    """Draw a code and show it once."""
    parts = kiosk_parts()
    return _page(parts.screens.offer(actor=g.account.actor, now=parts.clock.now().wall))


@screens.post("/<screen>/revoke")
@allows(Role.ADMIN)
@fresh
def revoke(screen: str) -> Response:
    """Forget a screen."""
    kiosk_parts().screens.revoke(screen, actor=g.account.actor)
    flash(words("The screen is revoked."), "ok")
    return redirect(url_for("screens.show"), 303)


def _page(code: str = "") -> str:
    found = kiosk_parts().screens.screens()
    return render_template("settings/screens.html", screens=found, code=code)
