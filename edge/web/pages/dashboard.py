"""The first page after login: the door, the day and the health of the terminal."""

from flask import Blueprint, render_template

from edge.web.parts import parts
from edge.web.roles import Role, allows

dashboard = Blueprint("dashboard", __name__)


@dashboard.get("/")
@allows(Role.VIEWER)
def show() -> str:
    """Show how the terminal stands."""
    return render_template("dashboard.html", health=parts().health())
