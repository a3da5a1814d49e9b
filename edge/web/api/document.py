"""The OpenAPI 3.1 document, made from the operations themselves: it says what the program does."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from flask import Flask
from pydantic.json_schema import models_json_schema

from edge.web.api.bodies import ID
from edge.web.api.operation import MARK, ApiBody, Operation
from edge.web.api.problem import CONTENT_TYPE

REF = "#/components/schemas/{model}"
PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("in", "at", "what")},
            },
        },
        "pictures": {"type": "array", "items": {"type": "object"}},
    },
}
FAULTS = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
DESCRIPTION = (
    "What programs may do with a face-recognition terminal. Tokens are made on the page Settings, API tokens,"
    " and sent as `Authorization: Bearer …`; each operation names its scope. Errors are problem details."
)


def openapi(app: Flask) -> dict[str, Any]:
    """Return the document of an application's operations."""
    operations = list(_operations(app))
    kinds = {
        (kind, mode)
        for _, _, one in operations
        for kind, mode in ((one.body, "validation"), (one.answer, "serialization"))
        if kind is not None
    }
    ordered = sorted(kinds, key=lambda pair: (pair[0].__name__, pair[1]))
    _, schemas = models_json_schema(ordered, ref_template=REF)  # type: ignore[arg-type] # the modes are its words
    paths: dict[str, dict[str, Any]] = {}
    for path, method, one in operations:
        paths.setdefault(path, {})[method] = _operation(path, method, one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "edge terminal", "version": version("edge"), "description": DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM, **schemas.get("$defs", {})},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operations(app: Flask) -> Iterator[tuple[str, str, Operation]]:
    """Give the path, method and operation of each view of the API, by path."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        found = getattr(app.view_functions[rule.endpoint], MARK, None)
        if isinstance(found, Operation):
            for method in sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}):
                yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower(), found


def _operation(path: str, method: str, one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{method}{path.removeprefix('/api/v1')}").strip("_"),
        "summary": one.summary,
        "description": f"{one.description}\n\nScope: `{one.scope}`.",
        "tags": [path.removeprefix("/api/v1/").partition("/")[0]],
        "parameters": [*_in_path(path), *_in_query(one.query)],
        "responses": {str(int(one.status)): _answer(one), **_faults()},
    }
    if one.body is not None:
        schema = {"$ref": REF.format(model=one.body.__name__)}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def _in_path(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": ID}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _in_query(kind: type[ApiBody] | None) -> list[dict[str, Any]]:
    if kind is None:
        return []
    schema = kind.model_json_schema(ref_template=REF)
    named = schema.get("$defs", {})
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _without_references(field, named),
        }
        for name, field in schema["properties"].items()
    ]


def _without_references(schema: Any, named: dict[str, Any]) -> Any:
    """Return a schema with what it refers to in its place, and without null, which no query can say."""
    if isinstance(schema, list):
        return [_without_references(one, named) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _without_references(named[schema["$ref"].rpartition("/")[2]], named)
    if "anyOf" in schema:
        (inner,) = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return _without_references(inner, named)
    return {key: _without_references(value, named) for key, value in schema.items() if key != "title"}


def _answer(one: Operation) -> dict[str, Any]:
    phrase = HTTPStatus(one.status).phrase
    if one.answer is None:
        return {"description": phrase}
    schema = {"$ref": REF.format(model=one.answer.__name__)}
    return {"description": phrase, "content": {"application/json": {"schema": schema}}}


def _faults() -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
    return {str(status): {"description": HTTPStatus(status).phrase, "content": content} for status in FAULTS}
