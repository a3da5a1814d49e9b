"""Tokens for programs: making one, which is shown once, and revoking."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from edge.domain.api_token import Scope
from edge.errors import ConflictError
from edge.web.request_show import said, words
from edge.web.roles import Role, allows
from edge.web.security_parts import security
from edge.web.session_gate import fresh

tokens = Blueprint("tokens", __name__, url_prefix="/settings/tokens")

SCOPES = {
    Scope.READ: "See people, events, attendance and how the terminal stands",
    Scope.ENROL: "Add, change and remove people",
    Scope.DOOR: "Unlock and lock the door",
    Scope.ADMIN: "See the settings",
}
LIVES = (30, 90, 365)
WRONG = 422


@tokens.get("")
@allows(Role.ADMIN)
def show() -> str:
    """List the tokens."""
    return _page()


@tokens.post("")
@allows(Role.ADMIN)
@fresh
def make() -> str | tuple[str, int]:
    """Make a token and show it once."""
    name, days = request.form.get("name", "")[:200], request.form.get("days", "")
    chosen = [scope for scope in Scope if scope in request.form.getlist("scope")]
    try:
        _, secret = security().tokens.make(name, chosen, days=_days(days), actor=g.account.actor)
    except ConflictError as error:
        return _page(said(str(error)), name), WRONG
    return _page(secret=secret)


@tokens.post("/<token>/revoke")
@allows(Role.ADMIN)
@fresh
def revoke(token: str) -> Response:
    """Revoke a token."""
    security().tokens.revoke(token, actor=g.account.actor)
    flash(words("The token is revoked."), "ok")
    return redirect(url_for("tokens.show"), 303)


def _days(text: str) -> int | None:
    """Return how long a token lives; an empty text is without an end."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") else 0


def _page(problem: str = "", name: str = "", secret: str = "") -> str:
    return render_template(
        "account/tokens.html",
        tokens=security().tokens.tokens(),
        scopes=SCOPES,
        lives=LIVES,
        problem=problem,
        name=name,
        secret=secret,
    )
