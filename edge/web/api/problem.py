"""Errors for programs: problem details (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, json

PREFIX = "/api/"
CONTENT_TYPE = "application/problem+json"
MOST_ERRORS = 20
MAX_DETAIL = 2000


def problem(
    status: int,
    detail: str = "",
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    more: Mapping[str, Any] | None = None,
    wait: float | None = None,
) -> Response:
    """Return what went wrong as an answer: `errors` where in the request, `wait` when to try again."""
    body: dict[str, Any] = {"type": "about:blank", "title": _phrase(status), "status": status}
    if detail:
        body["detail"] = detail[:MAX_DETAIL]
    if errors:
        body["errors"] = list(errors[:MOST_ERRORS])
    body.update(more or {})
    answer = Response(json.dumps(body), status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="edge"'
    if wait is not None:
        answer.headers["Retry-After"] = str(max(1, round(wait)))
    return answer


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
