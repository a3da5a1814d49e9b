"""Every page of the terminal, for those who look at all of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask

from edge.web.roles import role_of
from tests.pages.made_up import Made

PARTS = (
    "/now",
    "/live/",
    "/kiosk",
    "/health",
    "/api/",
    "/static/",
    "/accuracy/progress",
    ".jpg",
    ".png",
    ".csv",
    ".json",
    ".zip",
)
"""Addresses that are no pages but parts of them, pictures and files; the screen beside the door has its own
tests."""

DAY = "2026-11-26"


@dataclass(frozen=True)
class Shown:
    """A page: `name` is that of its picture; `alone` says that nobody is logged in who sees it."""

    name: str
    path: str
    alone: bool = False


def every_page(app: Flask, made: Made) -> Iterator[Shown]:
    """Yield every page there is, found by the application's own map, those with variables for one example."""
    person, event = made.people[0], "1"
    values = {"person_id": person, "day": DAY, "seq": event, "name": "mori", "reference_id": "", "form": ""}
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], ""), rule.rule)
        page = "GET" in (rule.methods or ()) and role_of(app.view_functions[rule.endpoint]) is not None
        if (
            page
            and not any(part in path for part in PARTS)
            and "//" not in path
            and not path.endswith("/export/")
        ):
            alone = path in {"/login", "/setup"}
            yield Shown(path.replace(person, "one").strip("/").replace("/", "-") or "dashboard", path, alone)
    yield Shown("events-denied", "/events?kind=denied")
    yield Shown("events-nobody", "/events?who=Nessie")
    yield Shown("access-schedule-office", "/access/schedule?name=office%20hours")
    yield Shown("access-groups-group-known", "/access/groups/group?name=%E6%B8%85%E6%8E%83")
    yield Shown("attendance-nobody", "/attendance?day=2020-01-01")
    yield Shown("not-found", "/nowhere")
