"""Sessions, tokens of forms, hosts and origins, put around the application."""

import secrets
from collections.abc import Callable

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFProtect

from edge.web.account import NOBODY, Account
from edge.web.security_parts import SecurityParts
from edge.web.security_request import SAFE, require_host, require_own_origin
from edge.web.session_cookies import PageCookie
from edge.web.session_gate import present_account

HEADERS = ["X-CSRFToken"]


def add_security(
    app: Flask, parts: SecurityParts | None, account: Callable[[], Account] | None
) -> Callable[[], Account]:
    """Prepare the application, and return what says who asks.

    Without `parts` nobody can log in: that is for pages that are looked at alone, with an `account`.
    """
    app.secret_key = parts.key if parts else secrets.token_bytes(32)
    app.session_interface = PageCookie()
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,  # `check_form` does, once it is known who asks
        WTF_CSRF_TIME_LIMIT=None,  # it goes with the session
        WTF_CSRF_SSL_STRICT=False,  # the origin says more than the referrer, which some browsers hide
        WTF_CSRF_HEADERS=HEADERS,
    )
    CSRFProtect().init_app(app)
    if parts is None:
        return account or (lambda: NOBODY)
    app.extensions["edge.security"] = parts
    return account or present_account


def check_request() -> None:
    """Refuse a request by another name, or from another site's page."""
    parts: SecurityParts | None = current_app.extensions.get("edge.security")
    if parts is not None:
        require_host(request, parts.hosts)
    require_own_origin(request)


def check_form() -> None:
    """Refuse what changes something without the token that this browser was given; programs have their own.

    Raises BadRequest.
    """
    if request.method not in SAFE and g.account.kind != "token" and current_app.config["WTF_CSRF_ENABLED"]:
        current_app.extensions["csrf"].protect()
