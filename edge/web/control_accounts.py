"""The routes of the pages' accounts on the control socket: codes for whoever is at the machine itself."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from edge.control_wire.accounts import CodeBody
from edge.office.accounts import AccountDesk
from edge.web.control_request import actor, body


def account_routes(accounts: AccountDesk) -> Blueprint:
    """Return the routes by which codes are made and accounts are listed."""
    routes = Blueprint("accounts", __name__)

    @routes.get("/v1/accounts")
    def show() -> Response:
        return jsonify([asdict(account) for account in accounts.accounts()])

    @routes.post("/v1/accounts/code")
    def code() -> Response:
        return jsonify(code=accounts.setup_code(actor=actor(), again=body(CodeBody).again))

    return routes
