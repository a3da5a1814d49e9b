"""The admin application and the kiosk: one Flask application, closed by default."""

from collections.abc import Callable

import structlog
from flask import Flask, Response, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from edge.web.account import NOBODY, SCREEN, Account
from edge.web.api.problem import PREFIX
from edge.web.api.serving import add_api
from edge.web.language import LANGUAGES, Language, translate
from edge.web.office_pages import OFFICE
from edge.web.pages.frame import add_frame
from edge.web.pages.kiosk import kiosk, paired_screen
from edge.web.pages.live import add_live
from edge.web.pages.people import add_people
from edge.web.parts import WebParts
from edge.web.refusals import add_refusals, wants_json
from edge.web.request_show import add_show
from edge.web.roles import Role, allows, role_of, scope_of
from edge.web.security import add_security, check_form, check_request
from edge.web.security_pages import add_account_pages
from edge.web.security_request import is_active

__all__ = ["Account", "create_admin_app"]

log = structlog.get_logger("edge.web")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' blob: data:; "
        "connect-src 'self'; font-src 'self'; media-src 'self' blob:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
HSTS = "max-age=31536000"  # a year; only with a certificate that somebody vouches for, else nobody gets in


def create_admin_app(parts: WebParts, account: Callable[[], Account] | None = None) -> Flask:
    """Return the WSGI application; `account`, in the place of sessions, says within a request who asks.

    Raises ValueError where a route says nothing of who may open it.
    """
    app = Flask("edge.web", template_folder="templates", static_folder="static")
    app.config.update(MAX_CONTENT_LENGTH=16 * 1024, SEND_FILE_MAX_AGE_DEFAULT=3600)
    app.extensions["edge"] = parts
    allows(Role.PUBLIC)(app.view_functions["static"])
    account = add_security(app, parts.security, account)

    @app.before_request
    def closed_by_default() -> AnyResponse | None:
        g.account, g.language = NOBODY, _language(parts.language)
        check_request()
        g.account = _who(account)
        if request.endpoint is not None and not _may_open(app.view_functions[request.endpoint]):
            return _turned_away()
        check_form()
        return None

    @app.after_request
    def with_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure and parts.security is not None and parts.security.vouched:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        return response

    @app.context_processor
    def words() -> dict[str, object]:
        def _(sentence: str, **values: object) -> str:
            return translate(sentence, g.language, **values)

        return {"_": _, "language": g.language, "account": g.account, "device": parts.device, "Role": Role}

    add_frame(app)
    add_refusals(app)
    add_show(app)
    for pages in OFFICE:
        app.register_blueprint(pages)
    add_live(app)
    add_people(app)
    app.register_blueprint(kiosk)
    add_account_pages(app, parts.security)
    add_api(app)
    _all_marked(app)
    return app


def _who(account: Callable[[], Account]) -> Account:
    """A paired screen is one on its own pages, whoever is logged in in its browser."""
    return SCREEN if paired_screen() else account()


def _may_open(view: object) -> bool:
    role, scope = role_of(view), scope_of(view)
    return (role is not None and g.account.role >= role) or (scope is not None and scope in g.account.scopes)


def _language(terminal: Language) -> Language:
    chosen = request.cookies.get("language")
    for language in LANGUAGES:
        if chosen == language:
            return language
    best = request.accept_languages.best_match(LANGUAGES, terminal)
    return "ja" if best == "ja" else "en"


def _turned_away() -> AnyResponse:
    known = g.account.role is not Role.PUBLIC or g.account.scopes
    if not known and _is_page() and "login.show" in _views():
        return redirect(url_for("login.show", next=request.full_path.rstrip("?")))
    if not known:
        raise Unauthorized
    log.warning("refused: not within the role or scope", who=g.account.actor, endpoint=request.endpoint)
    raise Forbidden


def _is_page() -> bool:
    program = request.path.startswith(PREFIX)
    return request.method == "GET" and is_active(request) and not wants_json() and not program


def _views() -> frozenset[str]:
    return frozenset(current_app.view_functions)


def _all_marked(app: Flask) -> None:
    bare = sorted(
        name for name, view in app.view_functions.items() if role_of(view) is None and scope_of(view) is None
    )
    if bare:
        raise ValueError(f"these views say nothing of who may open them: {', '.join(bare)}")
