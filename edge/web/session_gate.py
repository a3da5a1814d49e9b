"""Who asks: a person by the cookie of a session, a program by its token."""

from functools import wraps
from typing import TypeVar, cast

from flask import current_app, g, jsonify, redirect, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from edge.domain.login_session import LoginSession
from edge.web.account import NOBODY, Account
from edge.web.pages.frame import own_address
from edge.web.refusals import wants_json
from edge.web.roles import Role, View, scope_of
from edge.web.security_parts import security
from edge.web.security_request import SAFE, is_active
from edge.web.session_cookies import LOGIN, given

V = TypeVar("V")


def present_account() -> Account:
    """Return who asks in this request."""
    view = current_app.view_functions.get(request.endpoint or "")
    bearer = bearer_token()
    if scope_of(view) is not None and bearer is not None:
        return _program(bearer)
    session = login_session()
    if session is None or not session.complete:
        return NOBODY
    return Account(session.account.name, Role[session.account.role.upper()])


def login_session() -> LoginSession | None:
    """Return the session of this request's browser, also one that has still to give the second factor."""
    if "login_session" not in g:
        token = given(LOGIN)
        g.login_session = security().login.session(token, active=is_active(request)) if token else None
    return cast("LoginSession | None", g.login_session)


def whole_session() -> LoginSession:
    """Return the session of whoever is logged in; raises Unauthorized."""
    session = login_session()
    if session is None or not session.complete:
        raise Unauthorized
    return session


def bearer_token() -> str | None:
    """Return the token in the Authorization header (RFC 6750, §2.1)."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.casefold() == "bearer" and token.strip() else None


def fresh(view: View) -> View:
    """Let a view be used only within five minutes of giving the password; ask for it else.

    Stands below `@allows(…)`. A form that was sent is not repeated: the page it came from is shown again. A
    script is answered 403 with `again`, the address at which the password is given.
    """

    @wraps(view)
    def only_fresh(*given_: object, **named: object) -> object:
        if "edge.security" not in current_app.extensions or is_fresh():
            return view(*given_, **named)
        return _ask_again()

    return cast("View", only_fresh)


def is_fresh() -> bool:
    """Return whether the password was given just now."""
    session = login_session()
    return session is not None and security().login.is_fresh(session)


def _ask_again() -> AnyResponse:
    if request.method in SAFE:
        back = request.full_path.rstrip("?")
    else:
        came_from = request.referrer or ""
        back = own_address("/" + came_from.removeprefix(request.host_url)) if came_from else "/"
    again = url_for("login.again", next=back)
    if wants_json():
        answer = jsonify(line="Please enter your password again.", status=403, again=again)
        answer.status_code = 403
        return answer
    return redirect(again, 303)


def _program(secret: str) -> Account:
    token = security().tokens.known(secret, request.remote_addr or "")
    if token is None:
        return NOBODY
    return Account(token.name, Role.PUBLIC, kind="token", scopes=token.scopes)
