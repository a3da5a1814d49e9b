"""The routes of the doors on the control socket."""

from flask import Blueprint, Response, jsonify

from edge.control_wire import ClearBody, DoorBody, SiteBody, UnlockBody
from edge.ports import DoorControl
from edge.web.control_request import actor, body, done


def door_routes(doors: DoorControl) -> Blueprint:
    """Return the routes by which doors are looked at and commanded."""
    routes = Blueprint("doors", __name__)

    @routes.get("/v1/doors")
    def status() -> Response:
        return jsonify([dict(view.json()) for view in doors.status()])

    @routes.post("/v1/doors/unlock")
    def unlock() -> Response:
        given = body(UnlockBody)
        line = doors.unlock(actor=actor(), door=given.door, seconds=given.seconds, reason=given.reason)
        return done(line)

    @routes.post("/v1/doors/lock")
    def lock() -> Response:
        return done(doors.lock(actor=actor(), door=body(DoorBody).door))

    @routes.post("/v1/doors/hold")
    def hold() -> Response:
        given = body(DoorBody)
        return done(doors.hold(actor=actor(), door=given.door, reason=given.reason))

    @routes.post("/v1/doors/release")
    def release() -> Response:
        return done(doors.release(actor=actor(), door=body(DoorBody).door))

    @routes.post("/v1/doors/lockdown")
    def lockdown() -> Response:
        return done(doors.lockdown(body(SiteBody).on, actor=actor()))

    @routes.post("/v1/doors/evacuation")
    def evacuation() -> Response:
        return done(doors.evacuation(body(SiteBody).on, actor=actor()))

    @routes.post("/v1/doors/forgive")
    def forgive() -> Response:
        return done(doors.forgive(actor=actor(), person=body(ClearBody).person))

    return routes
