"""Whether the terminal works, for whoever watches over many: one word, and no more to strangers."""

from flask import Blueprint, Response, jsonify

from edge.web.parts import parts
from edge.web.roles import Role, allows

health = Blueprint("health", __name__)


@health.get("/health")
@allows(Role.PUBLIC)
def show() -> tuple[Response, int]:
    """Say it: well or degraded with status 200, failing with 503."""
    state = str(parts().health().get("state", "unknown"))
    return jsonify(state=state), 503 if state == "failing" else 200
