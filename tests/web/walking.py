"""Walks every route of the pages, those that are still to come included."""

import re
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

BASE = "https://porch:8443"


def address_of(app: Flask, rule: Rule, text: str = "x") -> str:
    """Return an address that a rule answers, with `text` where it takes any."""
    values: dict[str, Any] = {name: _value(rule, name, text) for name in rule.arguments}
    with app.test_request_context(base_url=BASE):
        return app.url_for(rule.endpoint, **values).removeprefix(BASE)


def _value(rule: Rule, name: str, text: str) -> object:
    converter = rule._converters[name]
    kind = type(converter).__name__.casefold()
    if "integer" in kind:
        return 1
    if "any" in kind:
        return re.sub(r"\(|\)|\?:", "", converter.regex).split("|")[0]
    return text
