"""The configuration in force, and the few values of it that are meant to be changed here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from edge.config.page import Value
from edge.errors import ConfigError
from edge.web.language import LANGUAGES
from edge.web.parts import office
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh
from edge.web.settings_view import sections

settings = Blueprint("settings", __name__, url_prefix="/settings")


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the form: `read` makes it of the text of the form, and raises ValueError."""

    section: str
    key: str
    read: Callable[[str], Value]


FIELDS = (
    Field("device", "language", str),
    Field("device", "timezone", str),
    Field("door", "pulse_seconds", float),
    Field("recognition", "cooldown_seconds", float),
    Field("storage", "keep_days", int),
)


@settings.get("")
@allows(Role.ADMIN)
def show() -> str:
    """Show the configuration."""
    return _page()


@settings.post("")
@allows(Role.ADMIN)
@fresh
def change() -> Response | tuple[str, int]:
    """Change values for the next start."""
    changes, problem = _changes()
    if not problem and changes:
        try:
            office().settings.change(changes, actor=g.account.actor)
        except ConfigError as error:
            problem = str(error)
    if problem:
        return _page(problem), 422
    line = "Saved. It is in force after a restart of the terminal." if changes else "Nothing was changed."
    flash(words(line), "ok" if changes else "info")
    return redirect(url_for("settings.show"), 303)


@settings.post("/restart")
@allows(Role.ADMIN)
@fresh
def restart() -> Response:
    """Have the terminal begin anew; raises ConflictError where its configuration would not let it."""
    again = office().restart
    if again is None:
        raise NotFound
    again()
    flash(words("The terminal starts anew. This page answers again in some seconds."), "info")
    return redirect(url_for("settings.show"), 303)


def _page(problem: str = "") -> str:
    desk = office().settings
    waiting = desk.waiting()
    values = {field.key: _shown(field, waiting) for field in FIELDS}
    if request.method == "POST":
        values |= {field.key: request.form.get(field.key, "") for field in FIELDS}
    return render_template(
        "settings/page.html",
        sections=sections(desk.settings),
        file=desk.settings.file,
        values=values,
        waiting=waiting,
        languages=[("en", "English"), ("ja", "日本語")],
        may_restart=office().restart is not None,
        problem=problem,
    )


def _shown(field: Field, waiting: dict[str, Value]) -> str:
    whole = f"{field.section}.{field.key}"
    value: Any = waiting.get(whole, office().settings.value(whole))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _changes() -> tuple[dict[tuple[str, str], Value | None], str]:
    """Return what the form says that is neither in force nor waiting, and what cannot be read in it."""
    waiting, found = office().settings.waiting(), dict[tuple[str, str], Value | None]()
    for field in FIELDS:
        text = request.form.get(field.key, "").strip()
        if text == _shown(field, waiting):
            continue
        try:
            found[field.section, field.key] = field.read(text) if text or field.read is str else None
        except ValueError:
            return {}, f'{field.section}.{field.key}: "{text[:60]}" is no number'
    if found.get(("device", "language"), "en") not in LANGUAGES:
        return {}, "device.language: there is no such language"
    return found, ""
