"""The operations, put into the application."""

from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, g

from edge.web.api.attendance import attendance
from edge.web.api.document import openapi
from edge.web.api.doors import doors
from edge.web.api.events import events
from edge.web.api.limits import Pace
from edge.web.api.people import people
from edge.web.api.problem import problem
from edge.web.api.terminal import terminal
from edge.web.body_limit import limit_bodies
from edge.web.parts import parts

AREAS: tuple[Blueprint, ...] = (terminal, people, events, attendance, doors)


def add_api(app: Flask) -> None:
    """Serve what programs may ask, each at its pace."""
    pace = Pace()

    @cache
    def document() -> dict[str, Any]:
        return openapi(app)

    app.extensions["edge.openapi"] = document
    for area in AREAS:
        app.register_blueprint(area)

    @app.before_request
    def at_its_pace() -> Response | None:
        if g.account.kind != "token":
            return None
        wait = pace.wait(g.account.name, parts().clock.monotonic())
        return problem(429, "too many requests", wait=wait) if wait else None


for _area in AREAS:
    limit_bodies(_area)
