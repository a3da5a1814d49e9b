"""How many bytes a view takes: a few, where it does not say otherwise."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, current_app, request

View = TypeVar("View", bound=Callable[..., object])

MARK = "edge_takes"


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

    pages.url_value_preprocessor(limit)
