"""The routes of schedules, holidays, groups, PINs and visitors on the control socket."""

from flask import Blueprint, Response, jsonify

from edge.control_wire import (
    GroupBody,
    HolidayBody,
    PinsBody,
    RemovedBody,
    RemoveHolidayBody,
    RemoveNamedBody,
    ScheduleBody,
    VisitorBody,
)
from edge.ports import AccessChanges
from edge.web.control_request import actor, body, done, person_answer


def access_routes(access: AccessChanges) -> Blueprint:
    """Return the routes by which it is changed who may pass when."""
    routes = Blueprint("access", __name__)

    @routes.post("/v1/schedules")
    def put_schedule() -> Response:
        access.put_schedule(body(ScheduleBody).schedule(), actor=actor())
        return done()

    @routes.delete("/v1/schedules")
    def remove_schedule() -> Response:
        access.remove_schedule(body(RemoveNamedBody).name, actor=actor())
        return done()

    @routes.post("/v1/holidays")
    def put_holiday() -> Response:
        access.put_holiday(body(HolidayBody).holiday(), actor=actor())
        return done()

    @routes.delete("/v1/holidays")
    def remove_holiday() -> Response:
        given = body(RemoveHolidayBody)
        count = access.remove_holiday(given.name, given.day(), actor=actor())
        return jsonify(RemovedBody(count=count).model_dump())

    @routes.post("/v1/groups")
    def put_group() -> Response:
        access.put_group(body(GroupBody).group(), actor=actor())
        return done()

    @routes.delete("/v1/groups")
    def remove_group() -> Response:
        access.remove_group(body(RemoveNamedBody).name, actor=actor())
        return done()

    @routes.put("/v1/people/<person_id>/pins")
    def set_pins(person_id: str) -> Response:
        access.set_pins(person_id, body(PinsBody).hashes(), actor=actor())
        return done()

    @routes.post("/v1/people/<person_id>/pins/reset")
    def forget_wrong_pins(person_id: str) -> Response:
        access.forget_wrong_pins(person_id, actor=actor())
        return done()

    @routes.post("/v1/visitors")
    def add_visitor() -> Response:
        return person_answer(access.add_visitor(body(VisitorBody).visitor(), actor=actor()))

    return routes
