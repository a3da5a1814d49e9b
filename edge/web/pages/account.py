"""Somebody's own account: password, second factor, and where they are logged in."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from edge.domain.password_rules import SHORTEST
from edge.errors import ConflictError, TooManyTriesError
from edge.web.request_show import said, words
from edge.web.roles import Role, allows
from edge.web.security_parts import security
from edge.web.session_agents import browser_name
from edge.web.session_cookies import LOGIN, give
from edge.web.session_gate import fresh, whole_session

account = Blueprint("account", __name__, url_prefix="/account")

SECRET = "totp"  # noqa: S105 - where the page's cookie keeps it until the app has shown that it knows it
WRONG = 422


@account.get("")
@allows(Role.VIEWER)
def show() -> str:
    """Show the account."""
    return _page()


@account.post("/password")
@allows(Role.VIEWER)
def password() -> Response | tuple[str, int]:
    """Change the password; the old one is asked for with it."""
    mine, token = whole_session(), None
    try:
        token = security().login.prove(mine, request.form.get("old", ""), request.remote_addr or "")
        if token is None:
            return _page(words("The password is wrong.")), WRONG
        security().accounts.change_password(mine.account, request.form.get("password", "")[:1000], keep=token)
    except (ConflictError, TooManyTriesError) as error:
        refused = make_response(_page(said(str(error))), WRONG)
        if token is not None:  # the old password was right, so the session has a new token already
            give(refused, LOGIN, token)
        return refused
    flash(words("The password is changed. Everywhere else you are logged out."), "ok")
    answer = redirect(url_for("account.show"), 303)
    give(answer, LOGIN, token)
    return answer


@account.get("/authenticator")
@allows(Role.VIEWER)
@fresh
def authenticator() -> str:
    """Show a new secret for an app."""
    if SECRET not in session:
        session[SECRET] = security().accounts.new_secret()
    return _authenticator()


@account.post("/authenticator")
@allows(Role.VIEWER)
@fresh
def set_authenticator() -> Response | str | tuple[str, int]:
    """Take the first code of the app, and show the recovery codes once."""
    if SECRET not in session:
        return redirect(url_for("account.authenticator"), 303)
    code = request.form.get("code", "")[:100]
    try:
        codes = security().accounts.set_authenticator(whole_session(), session[SECRET], code)
    except ConflictError as error:
        return _authenticator(said(str(error))), WRONG
    del session[SECRET]
    return render_template("account/recovery.html", codes=codes)


@account.post("/authenticator/remove")
@allows(Role.VIEWER)
@fresh
def remove_authenticator() -> Response:
    """Ask for the password alone from now on."""
    security().accounts.remove_authenticator(whole_session())
    flash(words("The second factor is switched off."), "ok")
    return redirect(url_for("account.show"), 303)


@account.post("/sessions")
@allows(Role.VIEWER)
@fresh
def end_sessions() -> Response:
    """Log out everywhere but here."""
    mine = whole_session()
    security().accounts.end_sessions(mine.account, keep=mine.digest)
    flash(words("Everywhere else you are logged out."), "ok")
    return redirect(url_for("account.show"), 303)


def _page(problem: str = "") -> str:
    mine, desk = whole_session(), security().accounts
    return render_template(
        "account/page.html",
        mine=mine,
        sessions=desk.sessions(mine.account),
        recovery_left=desk.recovery_left(mine.account),
        shortest=SHORTEST,
        problem=problem,
        browser_name=browser_name,
    )


def _authenticator(problem: str = "") -> str:
    import segno

    secret = session[SECRET]
    address = security().accounts.authenticator_address(whole_session().account, secret)
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=3, light="white")
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template("account/authenticator.html", picture=picture, secret=grouped, problem=problem)
