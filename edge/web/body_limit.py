"""How much a view takes: a few bytes where it does not say otherwise, and files in memory only."""

from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, TypeVar

from flask import Blueprint, current_app, request
from werkzeug.formparser import FormDataParser

View = TypeVar("View", bound=Callable[..., object])

MARK = "edge_takes"


class InMemory(FormDataParser):
    """Keeps files that are sent in memory, which the limit bounds, instead of in one more file."""

    def __init__(self, stream_factory: object = None, **more: Any) -> None:
        del stream_factory
        super().__init__(_in_memory, **more)


def takes(most: int) -> Callable[[View], View]:
    """Mark a view as one that takes bodies of up to `most` bytes."""

    def mark(view: View) -> View:
        setattr(view, MARK, most)
        return view

    return mark


def limit_bodies(pages: Blueprint) -> None:
    """Have the marks of a blueprint's views count before anything reads a form, which is after the login."""

    def limit(endpoint: str | None, _values: dict[str, object] | None) -> None:
        most = getattr(current_app.view_functions.get(endpoint or ""), MARK, None)
        if most is not None:
            request.max_content_length = most
            request.form_data_parser_class = InMemory

    pages.url_value_preprocessor(limit)


def _in_memory(
    total_content_length: int | None = None,
    content_type: str | None = None,
    filename: str | None = None,
    content_length: int | None = None,
) -> IO[bytes]:
    del total_content_length, content_type, filename, content_length
    return BytesIO()
