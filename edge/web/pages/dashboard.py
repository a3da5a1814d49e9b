"""The first page after login: the live picture, the door, the day and the health of the terminal."""

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template

from edge.domain.event_filter import EventFilter
from edge.domain.events import Event
from edge.web.day_counts import DayCounts
from edge.web.days import bounds, today
from edge.web.door_words import shown_door
from edge.web.event_words import quiet
from edge.web.health_tiles import Tiles
from edge.web.parts import parts
from edge.web.request_show import may_see, said
from edge.web.request_show import show as writing
from edge.web.roles import Role, allows

dashboard = Blueprint("dashboard", __name__)

COUNTS = "edge.day_counts"
LISTED = 12  # events of today
LOOKED_AT = 100  # events read to find that many worth showing


@dashboard.get("/")
@allows(Role.VIEWER)
def show() -> str:
    """Show how the terminal stands."""
    last_seq = parts().events.last_seq()  # first: what happens from now on, the stream tells
    return render_template(
        "dashboard/page.html",
        **_now(),
        events=_latest(),
        last_seq=last_seq,
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
    begin = datetime.fromtimestamp(bounds(_today(), _today(), parts().zone)[0], UTC)
    found = parts().query.newest(EventFilter(), limit=LOOKED_AT)
    of_today = (event for event in found if datetime.fromisoformat(event.time) >= begin)
    return [event for event in of_today if not quiet(event) and may_see(event)][:LISTED]


def _counts() -> dict[str, int]:
    known = current_app.extensions
    if COUNTS not in known:
        known[COUNTS] = DayCounts(parts().query, parts().events, parts().zone)
    counts: DayCounts = known[COUNTS]
    return counts.of(_today())


def _today() -> date:
    return today(parts().clock.now().wall, parts().zone)
