"""What stands around every page: the choice of language and looks, and the words of errors."""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, redirect, request
from werkzeug.wrappers import Response

from edge.web.language import LANGUAGES
from edge.web.navigation import MAIN, OWN, SETTINGS, linked, menu
from edge.web.roles import Role, allows

frame = Blueprint("frame", __name__)

THEMES = ("light", "dark")
KEPT = 366 * 24 * 3600  # seconds a browser remembers its choice


@frame.post("/preferences")
@allows(Role.PUBLIC)
def preferences() -> Response:
    """Remember the chosen language and looks in this browser, and go back."""
    answer = redirect(own_address(request.form.get("next", "/")), 303)
    language, theme = request.form.get("language"), request.form.get("theme")
    if language in LANGUAGES:
        _remember(answer, "language", language)
    if theme in THEMES:
        _remember(answer, "theme", theme)
    elif theme is not None:
        answer.delete_cookie("theme")
    return answer


def own_address(text: str) -> str:
    """Return an address of these pages as it is, and `/` for anything that leads elsewhere."""
    parsed = urlsplit(text)
    plain = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if plain and not parsed.scheme and not parsed.netloc else "/"


def add_frame(app: Flask) -> None:
    """Give every template what the frame needs."""
    app.register_blueprint(frame)

    @app.context_processor
    def around() -> dict[str, object]:
        theme = request.cookies.get("theme")
        return {
            "theme": theme if theme in THEMES else "",
            "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
            "navigation": menu(MAIN) if "account" in g else [],
            "own_pages": menu(OWN) if "account" in g else [],
            "settings_pages": menu(SETTINGS) if "account" in g else [],
            "linked": linked() if "account" in g else frozenset(),
            "endpoints": current_app.view_functions.keys(),
            "logout": _logout(),
        }


def _logout() -> str | None:
    rules = (rule.rule for rule in current_app.url_map.iter_rules() if "POST" in (rule.methods or ()))
    return "/logout" if "/logout" in rules else None


def _remember(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=KEPT, httponly=True, samesite="Lax", secure=request.is_secure)
