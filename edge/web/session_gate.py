"""Who asks: a person by the cookie of a session, a program by its token."""

from collections.abc import Callable
from functools import wraps
from typing import cast
from urllib.parse import urlsplit

from flask import current_app, g, redirect, request, url_for
from flask import session as page_cookie
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from edge.domain.login_session import LoginSession
from edge.web.account import NOBODY, Account
from edge.web.pages.frame import own_address
from edge.web.roles import Role, View, scope_of
from edge.web.security_parts import security
from edge.web.security_request import SAFE, is_active
from edge.web.session_cookies import LOGIN, given

ONCE_MORE = "once_more"  # in the page's cookie: whoever was asked has to do once more what they were about to


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
        if token and g.login_session is not None:
            security().known.remember(token)
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

    Stands below `@allows(…)`. What a form sent is not repeated: the page it came from is shown again, so that
    it can be. Scripts are sent to the same page, which they have to open.
    """
    return _gated(view, lambda: True, page=True)


def fresh_file(view: View) -> View:
    """As `fresh`, for a view that answers with a file: it leaves the browser where it is.

    So the page with the link is shown again, as for a form.
    """
    return _gated(view, lambda: True, page=False)


def fresh_where(matters: Callable[[], bool]) -> Callable[[View], View]:
    """As `fresh`, for those requests alone of which `matters` says that they need it."""
    return lambda view: _gated(view, matters, page=True)


def _gated(view: View, matters: Callable[[], bool], *, page: bool) -> View:
    @wraps(view)
    def only_fresh(*given_: object, **named: object) -> object:
        asked = ask_for_password(page=page) if matters() else None
        return asked or view(*given_, **named)

    return cast("View", only_fresh)


def ask_for_password(*, page: bool = True) -> AnyResponse | None:
    """Return what asks for the password again, None where it was given just now.

    `page` says that the browser may be led to the address of this request afterwards, where it is a GET.
    """
    if "edge.security" not in current_app.extensions or is_fresh():
        return None
    if page and request.method in SAFE:
        page_cookie.pop(ONCE_MORE, None)
        return redirect(url_for("login.again", next=own_address(request.full_path.rstrip("?"))), 303)
    page_cookie[ONCE_MORE] = True
    return redirect(url_for("login.again", next=_came_from()), 303)


def _came_from() -> str:
    """Return the page that this request was made on, or the nearest above it that opens by its address."""
    came_from = request.referrer or ""
    if not came_from.startswith(request.host_url):
        return "/"
    back = own_address("/" + came_from.removeprefix(request.host_url))
    path = urlsplit(back).path
    if _opens(path):
        return back
    while path.strip("/") and not _opens(path):
        path = path.rpartition("/")[0]
    return path or "/"


def _opens(path: str) -> bool:
    """Return whether an address answers GET: what a form was answered with has none of its own."""
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def is_fresh() -> bool:
    """Return whether the password was given just now."""
    session = login_session()
    return session is not None and security().login.is_fresh(session)


def _program(secret: str) -> Account:
    token = security().tokens.known(secret, request.remote_addr or "")
    if token is None:
        return NOBODY
    security().known.remember(secret)
    return Account(token.name, Role.PUBLIC, kind="token", scopes=token.scopes)
