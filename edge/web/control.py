"""The control application: what `edgectl` asks of a running daemon, over a Unix socket only.

Who asks is known from the socket itself (SO_PEERCRED), so there is no password: only root and the daemon's
own user are served, and that user is the actor in the audit.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Flask, Response, jsonify, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from edge.control_wire import MAX_BODY, Body, ChangeBody, EnrolBody, ErrorBody, ExtendBody, PersonBody
from edge.domain.exposition import CONTENT_TYPE
from edge.domain.person import NewReference
from edge.errors import (
    ConflictError,
    ControlError,
    EdgeError,
    GalleryChangedError,
    NotFoundError,
    StoreError,
)
from edge.ports import People

Health = Callable[[], Mapping[str, Any]]
BodyType = TypeVar("BodyType", bound=Body)

STATUS: tuple[tuple[type[EdgeError], int], ...] = (
    (NotFoundError, 404),
    (GalleryChangedError, 409),
    (ConflictError, 409),
    (ControlError, 400),
    (StoreError, 503),
)


def create_control_app(
    *, people: People, health: Health, allowed_uids: frozenset[int], metrics: Callable[[], str] = str
) -> Flask:
    """Return the WSGI application.

    `health` gives the JSON object of `GET /v1/health`, `metrics` the text of `GET /v1/metrics`.
    """
    app = Flask("edge.control", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY

    @app.before_request
    def only_local_users() -> tuple[Response, int] | None:
        uid = _peer()
        if uid in allowed_uids:
            return None
        return _error("ControlError", "control socket: only root and the daemon's own user are served", 403)

    @app.get("/v1/health")
    def show_health() -> Response:
        return jsonify(health())

    @app.get("/v1/metrics")
    def show_metrics() -> Response:
        return Response(metrics(), content_type=CONTENT_TYPE)

    @app.post("/v1/people")
    def enrol() -> Response:
        body = _body(EnrolBody)
        person = people.enrol(
            name=body.name,
            external_id=body.external_id,
            references=_references(body),
            seen_generation=body.seen_generation,
            look_alikes=body.look_alikes,
            actor=_actor(),
        )
        return jsonify(PersonBody(id=person.id).model_dump())

    @app.post("/v1/people/<person_id>/references")
    def extend(person_id: str) -> Response:
        body = _body(ExtendBody)
        person = people.extend(
            person_id=person_id,
            references=_references(body),
            seen_generation=body.seen_generation,
            look_alikes=body.look_alikes,
            actor=_actor(),
        )
        return jsonify(PersonBody(id=person.id).model_dump())

    @app.put("/v1/people/<person_id>")
    def change(person_id: str) -> Response:
        body = _body(ChangeBody)
        try:
            wanted = body.person(person_id)
        except ValueError as error:
            raise ControlError(f"request: consent: {error}") from None
        person = people.update(wanted, actor=_actor())
        return jsonify(PersonBody(id=person.id).model_dump())

    @app.delete("/v1/people/<person_id>")
    def remove(person_id: str) -> Response:
        people.remove(person_id=person_id, actor=_actor())
        return jsonify(PersonBody(id=person_id).model_dump())

    app.register_error_handler(EdgeError, _refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    return app


def _peer() -> int | None:
    uid = request.environ.get("X_REMOTE_UID")
    return int(uid) if uid is not None else None


def _actor() -> str:
    return f"uid:{_peer()}"


def _body(kind: type[BodyType]) -> BodyType:
    try:
        return kind.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise ControlError(f"request: {where}: {first['msg']}") from None


def _references(body: ExtendBody) -> list[NewReference]:
    try:
        return [reference.reference() for reference in body.references]
    except ValueError as error:
        raise ControlError(f"request: references: {error}") from None


def _refuse(error: EdgeError) -> tuple[Response, int]:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    return _error(type(error).__name__, str(error), status)


def _refuse_http(error: HTTPException) -> tuple[Response, int]:
    return _error("ControlError", f"control socket: {error.name}", error.code or 500)


def _error(kind: str, line: str, status: int) -> tuple[Response, int]:
    return jsonify(ErrorBody(error=kind, line=line[:2000]).model_dump()), status
