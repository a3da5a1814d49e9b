"""Logging in and out, and giving the password again."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from edge.errors import TooManyTriesError
from edge.office.login import Opened, Visitor
from edge.web.pages.frame import own_address
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.security_parts import security
from edge.web.session_cookies import BROWSER, KEPT, LOGIN, clear_site_data, give, given, take_back
from edge.web.session_gate import ONCE_MORE, login_session, whole_session

login = Blueprint("login", __name__)

WRONG = 422
LATER = 429
WAIT = "Too many tries. Please wait {seconds} seconds."
Page = tuple[str, int] | tuple[str, int, dict[str, str]]


@login.get("/login")
@allows(Role.PUBLIC)
def show() -> Response | str:
    """Ask for name and password; where nobody has an account yet, for the set-up code."""
    found = login_session()
    if found is not None and found.complete:
        return redirect(_next(), 303)
    if security().accounts.needs_setup():
        return redirect(url_for("setup.show"), 303)
    return render_template("login/login.html", next=_next(), name="", problem="")


@login.post("/login")
@allows(Role.PUBLIC)
def enter() -> Response | Page:
    """Log in."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        opened = security().login.log_in(name, password, visitor())
    except TooManyTriesError as late:
        return _later("login/login.html", late, name=name)
    if opened is None:
        return _wrong("login/login.html", "The name or the password is wrong.", name=name)
    if opened.complete:
        return begin(opened, _next())
    return begin(opened, url_for("login.second", next=_next()))


@login.get("/login/code")
@allows(Role.PUBLIC)
def second() -> Response | str:
    """Ask for the second factor."""
    found = login_session()
    if found is None or found.complete:
        return redirect(url_for("login.show", next=_next()), 303)
    return render_template("login/code.html", next=_next(), problem="")


@login.post("/login/code")
@allows(Role.PUBLIC)
def give_second() -> Response | Page:
    """Take the second factor."""
    found = login_session()
    if found is None or found.complete:
        return redirect(url_for("login.show", next=_next()), 303)
    try:
        opened = security().login.second(found, request.form.get("code", "")[:100], visitor())
    except TooManyTriesError as late:
        return _later("login/code.html", late)
    if opened is None:
        return _wrong("login/code.html", "This code is wrong or was used already.")
    return begin(opened, _next())


@login.get("/login/again")
@allows(Role.VIEWER)
def again() -> str:
    """Ask for the password again, before something that matters."""
    return render_template("login/again.html", next=_next(), problem="")


@login.post("/login/again")
@allows(Role.VIEWER)
def give_again() -> Response | Page:
    """Take the password again."""
    password = request.form.get("password", "")
    try:
        token = security().login.prove(whole_session(), password, request.remote_addr or "")
    except TooManyTriesError as late:
        return _later("login/again.html", late)
    if token is None:
        return _wrong("login/again.html", "The password is wrong.")
    if session.pop(ONCE_MORE, False):
        flash(words("The password is right. Please do once more what you were about to do."), "info")
    answer = redirect(_next(), 303)
    give(answer, LOGIN, token)
    return answer


@login.post("/logout")
@allows(Role.PUBLIC)
def leave() -> Response:
    """Log out; whoever is not logged in any more is shown the same."""
    found = login_session()
    if found is not None:
        security().login.log_out(found)
    session.clear()
    answer = redirect(url_for("login.show"), 303)
    take_back(answer, LOGIN)
    clear_site_data(answer)
    return answer


def visitor() -> Visitor:
    """Return who comes."""
    return Visitor(request.remote_addr or "", request.user_agent.string, given(BROWSER))


def begin(opened: Opened, target: str) -> Response:
    """Give a browser its new session, end the one it had, and lead it to `target`."""
    before = login_session()
    if before is not None:
        security().login.forget(before)
    session.clear()  # the tokens of forms are new as well
    answer = redirect(target, 303)
    give(answer, LOGIN, opened.token)
    if opened.device is not None:
        give(answer, BROWSER, opened.device, max_age=KEPT)
    return answer


def _next() -> str:
    return own_address(request.values.get("next", "/")[:2000])


def _wrong(template: str, problem: str, **more: str) -> Page:
    return render_template(template, next=_next(), problem=words(problem), **more), WRONG


def _later(template: str, late: TooManyTriesError, **more: str) -> Page:
    seconds = max(1, round(late.wait))
    page = render_template(template, next=_next(), problem=words(WAIT, seconds=seconds), **more)
    return page, LATER, {"Retry-After": str(seconds)}
