"""The route by which a backup that a command takes is written down."""

from flask import Blueprint, Response

from edge.domain.events import EventType, NewEvent
from edge.ports import Journal
from edge.web.control_request import actor, done


def backup_routes(journal: Journal) -> Blueprint:
    """Return the route: the command copies the database itself, and only the daemon journals."""
    routes = Blueprint("backup", __name__)

    @routes.post("/v1/backups")
    def taken() -> Response:
        journal.append(NewEvent(EventType.ADMIN_BACKUP_TAKEN, data={"actor": actor()}))
        return done()

    return routes
