"""The routes of the screens beside the door on the control socket."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from edge.ports import Clock
from edge.ports.kiosk import PairedScreens
from edge.web.control_request import actor, done


def screen_routes(screens: PairedScreens, clock: Clock) -> Blueprint:
    """Return the routes by which screens are paired, listed and revoked."""
    routes = Blueprint("screens", __name__)

    @routes.get("/v1/screens")
    def show() -> Response:
        return jsonify([asdict(screen) for screen in screens.screens()])

    @routes.post("/v1/screens/code")
    def offer() -> Response:
        return jsonify(code=screens.offer(actor=actor(), now=clock.now().wall))

    @routes.delete("/v1/screens/<screen>")
    def revoke(screen: str) -> Response:
        screens.revoke(screen, actor=actor())
        return done(f"screen {screen} is revoked")

    return routes
