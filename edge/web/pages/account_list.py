"""Everybody's accounts: inviting, changing roles, disabling."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from edge.domain.account import AccountRole
from edge.errors import ConflictError
from edge.web.request_show import said, words
from edge.web.roles import Role, allows
from edge.web.security_parts import security
from edge.web.session_gate import fresh

accounts = Blueprint("accounts", __name__, url_prefix="/settings/accounts")

WRONG = 422


@accounts.get("")
@allows(Role.ADMIN)
def show() -> str:
    """List the accounts and the invitations that wait."""
    return _page()


@accounts.post("")
@allows(Role.ADMIN)
@fresh
def invite() -> str | tuple[str, int]:
    """Make an invitation and show its code once."""
    name = request.form.get("name", "")[:100]
    try:
        code = security().accounts.invite(name, _role(), actor=g.account.actor)
    except ConflictError as error:
        return _page(said(str(error)), name), WRONG
    return _page(code=code, name=name)


@accounts.post("/<name>/<act>")
@allows(Role.ADMIN)
@fresh
def change(name: str, act: str) -> Response | str | tuple[str, int]:
    """Change one account."""
    desk, actor = security().accounts, g.account.actor
    try:
        match act:
            case "role":
                desk.change(name, role=_role(), actor=actor)
            case "disable" | "enable":
                desk.change(name, enabled=act == "enable", actor=actor)
            case "reset":
                code = desk.invite(name, desk.account(name).role, actor=actor)
                return _page(code=code, name=name)
            case "withdraw":
                desk.withdraw(name, actor=actor)
            case "log-out":
                desk.end_sessions(desk.account(name))
            case _:
                raise NotFound
    except ConflictError as error:
        return _page(said(str(error))), WRONG
    flash(words("Done."), "ok")
    return redirect(url_for("accounts.show"), 303)


def _role() -> AccountRole:
    try:
        return AccountRole(request.form.get("role", ""))
    except ValueError:
        raise BadRequest from None


def _page(problem: str = "", name: str = "", code: str = "") -> str:
    desk = security().accounts
    return render_template(
        "account/list.html",
        accounts=desk.accounts(),
        invitations=desk.invitations(),
        roles=list(AccountRole),
        problem=problem,
        name=name,
        code=code,
        join_at=url_for("setup.show", _external=True),
    )
