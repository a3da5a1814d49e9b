"""What a program may ask: how it is checked on arrival, answered, and described in the document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar, get_origin

from flask import Response, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from edge.domain.api_token import Scope
from edge.web.api.problem import problem
from edge.web.body_limit import takes
from edge.web.roles import scoped

MARK = "edge_operation"
SMALL = 64 * 1024  # bytes of a body without pictures

Answer: TypeAlias = BaseModel | Response | None
ModelType = TypeVar("ModelType", bound=BaseModel)


class ApiBody(BaseModel):
    """The base of what programs send and get: closed, so that a typing error is no silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the document says of a view."""

    scope: Scope
    summary: str
    query: type[ApiBody] | None
    body: type[ApiBody] | None
    answer: type[ApiBody] | None
    status: int
    description: str


class InvalidRequest(Exception):  # noqa: N818 - it ends a view as an answer, and is no failure of the program
    """A request whose query or body is not as the document says."""

    def __init__(self, where: str, error: ValidationError) -> None:
        super().__init__(where)
        found = error.errors(include_url=False, include_input=False, include_context=False)
        self.errors = [
            {"in": where, "at": ".".join(str(part) for part in one["loc"])[:200], "what": one["msg"][:300]}
            for one in found
        ]

    def answer(self) -> Response:
        """Return what the program is told."""
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not as the document says", errors=self.errors
        )


def operation(
    scope: Scope,
    summary: str,
    *,
    query: type[ApiBody] | None = None,
    body: type[ApiBody] | None = None,
    answer: type[ApiBody] | None = None,
    status: int = HTTPStatus.OK,
    most: int = SMALL,
) -> Callable[[Callable[..., Answer]], Callable[..., Response]]:
    """Make a view of a function that takes the parts of the path, `query` and `body`, checked, by name.

    It is open to programs whose token has `scope`; `most` is how many bytes its body may have.
    """

    def mark(view: Callable[..., Answer]) -> Callable[..., Response]:
        @wraps(view)
        def answered(**path: Any) -> Response:
            given = dict(path)
            try:
                if query is not None:
                    given["query"] = sent_query(query)
                if body is not None:
                    given["body"] = _sent_body(body)
            except InvalidRequest as invalid:
                return invalid.answer()
            return _as_response(view(**given), status)

        described = Operation(
            scope=scope,
            summary=summary,
            query=query,
            body=body,
            answer=answer,
            status=status,
            description=(view.__doc__ or "").strip(),
        )
        setattr(answered, MARK, described)
        return takes(most)(scoped(scope)(answered))

    return mark


def sent_query(kind: type[ModelType]) -> ModelType:
    """Return the query of the request; raises InvalidRequest."""
    lists = {name for name, field in kind.model_fields.items() if _is_list(field.annotation)}
    values: Mapping[str, Any] = {
        name: found if name in lists or len(found) > 1 else found[0]
        for name, found in request.args.to_dict(flat=False).items()
    }
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise InvalidRequest("query", error) from None


def _sent_body(kind: type[ModelType]) -> ModelType:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return kind.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        raise InvalidRequest("body", error) from None


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in {list, tuple, set, frozenset}


def _as_response(found: Answer, status: int) -> Response:
    if isinstance(found, Response):
        return found
    if found is None:
        return Response(status=HTTPStatus.NO_CONTENT)
    return Response(found.model_dump_json(), status, content_type="application/json")
