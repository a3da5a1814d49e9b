"""The first run, lost passwords and invitations: a one-time code, then a name and a password."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from edge.domain.account import CodeOffer
from edge.domain.password_rules import SHORTEST
from edge.errors import ConflictError, TooManyTriesError
from edge.web.pages.login import LATER, WAIT, WRONG, begin, visitor
from edge.web.request_show import said, words
from edge.web.roles import Role, allows
from edge.web.security_parts import security

setup = Blueprint("setup", __name__)


@setup.get("/setup")
@allows(Role.PUBLIC)
def show() -> str:
    """Ask for the code."""
    return _ask()


@setup.post("/setup")
@allows(Role.PUBLIC)
def enter() -> Response | tuple[str, int]:
    """Take the code, then what the account shall be."""
    code, address = request.form.get("code", "")[:100], request.remote_addr or ""
    desk = security().accounts
    try:
        offer = desk.offered(code, address)
        if offer is None:
            return _ask(words("This code is wrong, used up or too old.")), WRONG
        if "password" not in request.form:
            return _account(code, offer), 200
        name, password = request.form.get("name", "")[:100], request.form["password"][:1000]
        try:
            account = desk.join(code, name, password, address)
        except ConflictError as error:
            return _account(code, offer, name, said(str(error))), WRONG
    except TooManyTriesError as late:
        return _ask(words(WAIT, seconds=max(1, round(late.wait)))), LATER
    return begin(security().login.open(account, visitor(), complete=True), "/")


def _ask(problem: str = "") -> str:
    return render_template("login/setup.html", first=security().accounts.needs_setup(), problem=problem)


def _account(code: str, offer: CodeOffer, name: str = "", problem: str = "") -> str:
    return render_template(
        "login/join.html",
        code=code,
        fixed=offer.name,
        name=offer.name or name,
        role=offer.role,
        shortest=SHORTEST,
        problem=problem,
    )
