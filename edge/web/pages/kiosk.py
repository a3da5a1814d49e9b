"""The screen beside the door: paired once by a code, then it shows what happens and takes keys and PINs."""

from functools import partial
from typing import Annotated

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, Forbidden, ServiceUnavailable
from werkzeug.wrappers import Response as AnyResponse

from edge.domain.attendance_punch import PunchKind
from edge.errors import DoorError
from edge.web.kiosk_feed import kiosk_feed
from edge.web.kiosk_parts import KioskParts, kiosk_parts
from edge.web.language import LANGUAGES, translate
from edge.web.roles import Role, allows
from edge.web.viewer import viewer_gone

kiosk = Blueprint("kiosk", __name__, url_prefix="/kiosk")

COOKIE = "screen"
YEARS = 3 * 365 * 24 * 3600
PUNCHES = (
    (PunchKind.IN, "In"),
    (PunchKind.OUT, "Out"),
    (PunchKind.BREAK_START, "Break"),
    (PunchKind.BREAK_END, "Back"),
)


class PinBody(BaseModel):
    """Digits that were entered; none means that nobody will enter any."""

    model_config = ConfigDict(extra="forbid", strict=True)
    digits: Annotated[str, Field(max_length=12, pattern=r"^[0-9]*$")]


class PunchBody(BaseModel):
    """The key that was pressed, None for a key let go."""

    model_config = ConfigDict(extra="forbid")
    kind: PunchKind | None


@kiosk.get("")
@allows(Role.PUBLIC)
def show() -> str:
    """Show the screen, or ask for the code that pairs it, also where somebody is logged in."""
    if g.account.role is not Role.KIOSK:
        return render_template("kiosk/pair.html", problem="")
    parts = kiosk_parts()
    punches = [(str(kind), translate(word, g.language)) for kind, word in PUNCHES] if parts.punch_keys else []
    return render_template("kiosk/screen.html", punches=punches)


@kiosk.post("/pair")
@allows(Role.PUBLIC)
def pair() -> AnyResponse | tuple[str, int]:
    """Pair this browser by a code."""
    parts = kiosk_parts()
    code = "".join(one for one in request.form.get("code", "")[:40] if one.isalnum())
    token = parts.screens.pair(code, address=request.remote_addr or "", now=parts.clock.now().wall)
    if token is None:
        problem = translate("This code is wrong or too old.", g.language)
        return render_template("kiosk/pair.html", problem=problem), 403
    answer = redirect(url_for("kiosk.show"), 303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=YEARS,
        path="/kiosk",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return answer


@kiosk.get("/language/<any(en, ja):language>")
@allows(Role.PUBLIC)
def language(language: str) -> AnyResponse:
    """Change the language of this screen."""
    answer = redirect(url_for("kiosk.show"), 303)
    if language in LANGUAGES:
        answer.set_cookie("language", language, max_age=YEARS, secure=request.is_secure, samesite="Lax")
    return answer


@kiosk.get("/stream")
@allows(Role.KIOSK)
def stream() -> Response:
    """Tell the screen what to show, as server-sent events, for some minutes; it comes back by itself."""
    parts = _at_the_door()
    if request.method == "HEAD":
        return Response(mimetype="text/event-stream")
    if not parts.slots.acquire(blocking=False):
        raise ServiceUnavailable("as many screens as there may be are connected")
    told = kiosk_feed(parts, partial(translate, language=g.language), viewer_gone(), _after())
    answer = Response(told, mimetype="text/event-stream")
    answer.call_on_close(parts.slots.release)  # also where the screen was gone before the first word
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@kiosk.get("/picture.jpg")
@allows(Role.KIOSK)
def picture() -> Response:
    """Show whoever stands before the camera to themselves."""
    seen = _at_the_door().live.picture(timeout=1.0)
    if seen is None:
        return Response(status=404)
    return Response(seen.jpeg, mimetype="image/jpeg")


@kiosk.post("/pin")
@allows(Role.KIOSK)
def enter_pin() -> Response:
    """Decide by a PIN."""
    parts = _at_the_door()
    try:
        body = PinBody.model_validate_json(request.get_data())
    except ValidationError:
        raise BadRequest("digits, at most 12") from None
    if not body.digits:
        parts.doors.cancel_pin()
        return jsonify(granted=False, wait=0)
    try:
        answer = parts.doors.enter_pin(body.digits)
    except DoorError:
        return jsonify(granted=False, wait=1)
    return jsonify(granted=answer.granted, wait=round(answer.wait, 1))


@kiosk.post("/punch")
@allows(Role.KIOSK)
def press() -> Response:
    """Hold a punch key for whoever is recognised next."""
    parts = _at_the_door()
    try:
        body = PunchBody.model_validate_json(request.get_data())
    except ValidationError:
        raise BadRequest("no such key") from None
    if parts.punch_keys is not None:
        parts.punch_keys.press(body.kind)
    return jsonify(held=body.kind)


def paired_screen() -> bool:
    """Return whether the request comes from a paired screen, and for one of its pages."""
    token = request.cookies.get(COOKIE, "")
    here = token != "" and request.path.startswith("/kiosk")
    return here and kiosk_parts().screens.known(token) is not None


def _after() -> int | None:
    """Return the number of the last event that a screen which comes back was told of."""
    for text in (request.headers.get("Last-Event-ID", ""), request.args.get("after", "")):
        if text.isascii() and text.isdigit() and len(text) < 16:  # noqa: PLR2004 - digits of what a browser counts exactly
            return int(text)
    return None


def _at_the_door() -> KioskParts:
    """Return the parts, for a paired screen only: nobody at a desk enters PINs for the door."""
    if g.account.role is not Role.KIOSK:
        raise Forbidden("only at the screen beside the door")
    return kiosk_parts()
