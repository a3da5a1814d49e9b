"""How the terminal stands, and its settings."""

from typing import Any, Literal

from flask import Blueprint, Response, current_app, jsonify

from edge.domain.api_token import Scope
from edge.web.api.operation import Answer, ApiBody, operation
from edge.web.parts import office, parts
from edge.web.roles import Role, allows, scoped
from edge.web.settings_view import sections

terminal = Blueprint("api_terminal", __name__, url_prefix="/api/v1")


class HealthBody(ApiBody):
    """`state` in a word, one line for each reason, and all that the daemon says of itself."""

    state: str
    reasons: list[str]
    details: dict[str, Any]


class SettingBody(ApiBody):
    """A value in force: as TOML writes it, and where it comes from. Secrets are left out."""

    key: str
    value: str
    origin: Literal["default", "file", "environment", "page"]
    where: str


class SettingsBody(ApiBody):
    """The whole configuration."""

    settings: list[SettingBody]


@terminal.get("/health")
@operation(Scope.READ, "How the terminal stands", answer=HealthBody)
def health() -> Answer:
    """The same as `edgectl status --json`; docs/operations.md explains its keys."""
    found = dict(parts().health())
    state, reasons = str(found.pop("state", "unknown")), [str(one) for one in found.pop("reasons", ())]
    return HealthBody(state=state, reasons=reasons, details=found)


@terminal.get("/settings")
@operation(Scope.ADMIN, "The settings in force", answer=SettingsBody)
def settings() -> Answer:
    """Each value with where it comes from; only looked at."""
    found = [
        SettingBody(
            key=f"{section.name}.{value.key}",
            value=value.text,
            origin=value.origin,  # type: ignore[arg-type] # checked on the way in
            where=value.where,
        )
        for section in sections(office().settings.settings)
        for value in section.values
    ]
    return SettingsBody(settings=found)


@terminal.get("/openapi.json")
@allows(Role.VIEWER)
@scoped(Scope.READ)
def document() -> Response:
    """Describe all of it (OpenAPI 3.1)."""
    return jsonify(current_app.extensions["edge.openapi"]())
