"""The routes of punches and of the clock on the control socket."""

from flask import Blueprint, Response, jsonify

from edge.control_wire import ClearBody, ClockBody, CorrectionBody, PunchBody, VouchBody
from edge.domain.clock_trust import ClockStanding
from edge.errors import ControlError
from edge.ports import AttendanceChanges, ClockDesk
from edge.web.control_request import actor, body, done


def attendance_routes(attendance: AttendanceChanges) -> Blueprint:
    """Return the routes by which punches are corrected and people taken off the list of who is inside."""
    routes = Blueprint("attendance", __name__)

    @routes.post("/v1/attendance/corrections")
    def correct() -> Response:
        given = body(CorrectionBody)
        if given.action == "add":
            if given.person is None or given.kind is None or given.wall is None:
                raise ControlError("request: a punch to add needs person, kind and wall")
            punch_id = attendance.add(given.person, given.kind, given.wall, actor=actor())
            return jsonify(PunchBody(id=punch_id).model_dump())
        if given.of is None:
            raise ControlError("request: of: it says which punch is meant")
        if given.action == "void":
            attendance.void(given.of, actor=actor())
        else:
            attendance.change(given.of, kind=given.kind, wall=given.wall, actor=actor())
        return jsonify(PunchBody(id=given.of).model_dump())

    @routes.post("/v1/inside/cleared")
    def clear_inside() -> Response:
        attendance.clear_inside(body(ClearBody).person, actor=actor())
        return done()

    return routes


def clock_routes(clock: ClockDesk) -> Blueprint:
    """Return the routes by which the clock is looked at and vouched for."""
    routes = Blueprint("clock", __name__)

    @routes.get("/v1/clock")
    def show() -> Response:
        return _standing(clock.standing())

    @routes.post("/v1/clock/vouched")
    def vouch() -> Response:
        return _standing(clock.vouch(was_set=body(VouchBody).set, actor=actor()))

    return routes


def _standing(standing: ClockStanding) -> Response:
    return jsonify(ClockBody.of(standing).model_dump())
