"""What every route of the control application needs: who asks, what they sent, how it is refused."""

from typing import TypeVar

from flask import Response, jsonify, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from edge.control_wire import Body, DoneBody, ErrorBody, PersonBody
from edge.domain.person import Person
from edge.errors import (
    ConflictError,
    ControlError,
    DoorError,
    EdgeError,
    GalleryChangedError,
    NotFoundError,
    RuleError,
    StoreError,
)

BodyType = TypeVar("BodyType", bound=Body)

STATUS: tuple[tuple[type[EdgeError], int], ...] = (
    (NotFoundError, 404),
    (GalleryChangedError, 409),
    (ConflictError, 409),
    (DoorError, 409),
    (RuleError, 400),
    (ControlError, 400),
    (StoreError, 503),
)


def peer() -> int | None:
    """Return the user id of whoever asks, as the kernel tells it."""
    uid = request.environ.get("X_REMOTE_UID")
    return int(uid) if uid is not None else None


def actor() -> str:
    """Return who asks, as the audit names it."""
    return f"uid:{peer()}"


def body(kind: type[BodyType]) -> BodyType:
    """Return the body of the request; raises ControlError where it is no such one."""
    try:
        return kind.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise ControlError(f"request: {where}: {first['msg']}") from None


def done(line: str = "") -> Response:
    """Return the answer that says what was done."""
    return jsonify(DoneBody(line=line[:2000]).model_dump())


def person_answer(person: Person) -> Response:
    """Return the answer that names a person."""
    return jsonify(PersonBody(id=person.id).model_dump())


def refuse(error: EdgeError) -> tuple[Response, int]:
    """Return the answer to what could not be done."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    return error_answer(type(error).__name__, str(error), status)


def refuse_http(error: HTTPException) -> tuple[Response, int]:
    """Return the answer to a request that is none."""
    return error_answer("ControlError", f"control socket: {error.name}", error.code or 500)


def error_answer(kind: str, line: str, status: int) -> tuple[Response, int]:
    """Return an error's class and line."""
    return jsonify(ErrorBody(error=kind, line=line[:2000]).model_dump()), status
