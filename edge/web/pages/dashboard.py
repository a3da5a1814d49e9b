"""The first page after login: the live picture, the door, the day and the health of the terminal."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType
from edge.web.days import bounds, today
from edge.web.door_words import shown_door
from edge.web.event_words import quiet
from edge.web.health_tiles import Tiles
from edge.web.parts import parts
from edge.web.request_show import may_see, said
from edge.web.request_show import show as writing
from edge.web.roles import Role, allows

dashboard = Blueprint("dashboard", __name__)

LISTED = 12  # events of today
LOOKED_AT = 100  # events read to find that many worth showing


@dashboard.get("/")
@allows(Role.VIEWER)
def show() -> str:
    """Show how the terminal stands."""
    events = _latest()
    return render_template(
        "dashboard/page.html",
        **_now(),
        events=events,
        last_seq=parts().events.last_seq(),
        counts=_counts(),
        listed=LISTED,
    )


@dashboard.get("/now")
@allows(Role.VIEWER)
def now() -> Response:
    """Give the parts of the page that change while somebody looks."""
    found = _now()
    return jsonify(
        standing=render_template("dashboard/standing.html", **found),
        doors={door.name: render_template("dashboard/door_state.html", door=door) for door in found["doors"]},
        tiles=render_template("dashboard/tiles.html", **found),
        counts=render_template("dashboard/counts.html", counts=_counts()),
    )


def _now() -> dict[str, Any]:
    health = parts().health()
    writer = writing()
    return {
        "state": str(health.get("state", "well")),
        "reasons": [said(str(line)) for line in health.get("reasons", ())],
        "doors": [shown_door(view, writer) for view in parts().doors.status()],
        "tiles": Tiles(writer).all(health, parts().box.read(), parts().clock.now()),
    }


def _latest() -> list[Event]:
    begin, end = _today()
    found = parts().query.newest(EventFilter(begin=begin, end=end), limit=LOOKED_AT)
    return [event for event in found if not quiet(event) and may_see(event)][:LISTED]


def _counts() -> dict[str, int]:
    begin, end = _today()
    kinds = {"granted": EventType.ACCESS_GRANTED, "denied": EventType.ACCESS_DENIED}
    kinds["punched"] = EventType.ATTENDANCE_PUNCHED
    return {
        name: parts().query.count(EventFilter(types=frozenset({kind}), begin=begin, end=end))
        for name, kind in kinds.items()
    }


def _today() -> tuple[float, float]:
    day = today(parts().clock.now().wall, parts().zone)
    return bounds(day, day, parts().zone)
