"""The live picture and the stream of what happens, for the pages that show them."""

import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    copy_current_request_context,
    current_app,
    g,
    render_template,
    request,
)
from werkzeug.exceptions import ServiceUnavailable

from edge.domain.events import Event
from edge.web.event_words import quiet
from edge.web.language import translate
from edge.web.live_stream import Happened, LiveStream
from edge.web.parts import parts
from edge.web.request_show import may_see
from edge.web.roles import Role, allows
from edge.web.viewer import viewer_gone

live = Blueprint("live", __name__, url_prefix="/live")

MOST_VIEWERS = 4  # streams at once; each has a thread of the server to itself
PATIENCE = 1.0  # seconds a picture is waited for where none is there yet
SLOTS = "edge.live_slots"


def add_live(app: Flask) -> None:
    """Register the pages, with room for so many viewers."""
    app.extensions[SLOTS] = threading.BoundedSemaphore(MOST_VIEWERS)
    app.register_blueprint(live)


@live.get("/picture.jpg")
@allows(Role.VIEWER)
def picture() -> Response:
    """Give the newest picture, 404 while there is none."""
    view = parts().live
    seen = view.picture(timeout=PATIENCE) if view is not None else None
    if seen is None:
        return Response(status=404)
    return Response(seen.jpeg, mimetype="image/jpeg", headers={"X-Number": str(seen.number)})


@live.get("/stream")
@allows(Role.VIEWER)
def stream() -> Response:
    """Tell the browser what is seen and what happens, for a minute; it comes back by itself.

    `after` is the number of the last event the page shows; `pictures=0` leaves the live picture out.
    """
    if request.method == "HEAD":
        return Response(mimetype="text/event-stream")
    after = _after()
    slots: threading.BoundedSemaphore = current_app.extensions[SLOTS]
    if not slots.acquire(blocking=False):
        raise ServiceUnavailable("as many viewers as there may be are connected")
    told = LiveStream(
        live=parts().live,
        feed=parts().feed,
        clock=parts().clock,
        words=partial(translate, language=g.language),
        happened=_teller(),
        after=after,
        pictures=request.args.get("pictures") != "0",
        gone=viewer_gone(),
    )
    answer = Response(told.run(), mimetype="text/event-stream")
    answer.call_on_close(slots.release)  # also where the viewer was gone before the first word
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _after() -> int:
    """Return the number of the last event that the browser has: it says so itself when it comes back."""
    for text in (request.headers.get("Last-Event-ID", ""), request.args.get("after", "")):
        if text.isascii() and text.isdigit() and len(text) < 16:  # noqa: PLR2004 - digits of what a browser counts exactly
            return int(text)
    feed = parts().feed
    return feed.last() if feed is not None else 0


def _teller() -> Happened:
    """Return what tells this viewer of an event, whenever: a stream outlives the request it began with."""
    account, language = g.account, g.language

    @copy_current_request_context
    def happened(event: Event) -> Mapping[str, Any] | None:
        g.account, g.language = account, language
        if not may_see(event):
            return None
        markup = "" if quiet(event) else render_template("live/item.html", event=event)
        return {"seq": event.seq, "type": str(event.type), "markup": markup}

    return happened
