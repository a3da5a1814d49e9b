"""The control application: what `edgectl` asks of a running daemon, over a Unix socket only.

Who asks is known from the socket itself (SO_PEERCRED), so there is no password: only root and the daemon's
own user are served, and that user is the actor in the audit.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Blueprint, Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from edge.control_wire import MAX_BODY
from edge.domain.exposition import CONTENT_TYPE
from edge.errors import EdgeError
from edge.ports import AccessChanges, AttendanceChanges, ClockDesk, DoorControl, People
from edge.web.control_access import access_routes
from edge.web.control_attendance import attendance_routes, clock_routes
from edge.web.control_doors import door_routes
from edge.web.control_people import people_routes
from edge.web.control_request import error_answer, peer, refuse, refuse_http

Health = Callable[[], Mapping[str, Any]]


def create_control_app(
    *,
    people: People,
    health: Health,
    allowed_uids: frozenset[int],
    metrics: Callable[[], str] = str,
    access: AccessChanges | None = None,
    doors: DoorControl | None = None,
    attendance: AttendanceChanges | None = None,
    clock: ClockDesk | None = None,
    more: Iterable[Blueprint] = (),
) -> Flask:
    """Return the WSGI application.

    `health` gives the JSON object of `GET /v1/health`, `metrics` the text of `GET /v1/metrics`. What is None
    has no routes; `more` are further ones.
    """
    app = Flask("edge.control", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY

    @app.before_request
    def only_local_users() -> tuple[Response, int] | None:
        if peer() in allowed_uids:
            return None
        line = "control socket: only root and the daemon's own user are served"
        return error_answer("ControlError", line, 403)

    @app.get("/v1/health")
    def show_health() -> Response:
        return jsonify(health())

    @app.get("/v1/metrics")
    def show_metrics() -> Response:
        return Response(metrics(), content_type=CONTENT_TYPE)

    app.register_blueprint(people_routes(people))
    if access is not None:
        app.register_blueprint(access_routes(access))
    if doors is not None:
        app.register_blueprint(door_routes(doors))
    if attendance is not None:
        app.register_blueprint(attendance_routes(attendance))
    if clock is not None:
        app.register_blueprint(clock_routes(clock))
    for routes in more:
        app.register_blueprint(routes)
    app.register_error_handler(EdgeError, refuse)
    app.register_error_handler(HTTPException, refuse_http)
    return app
