"""Events taken away as a file, by the same filters as the page."""

import tempfile
from typing import BinaryIO, cast

from flask import Blueprint, Response, g, send_file, stream_with_context
from werkzeug.exceptions import NotFound

from edge.domain.events import EventType, NewEvent
from edge.web.days import today
from edge.web.event_export import EventRows
from edge.web.pages.event_filters import asked
from edge.web.parts import office, parts
from edge.web.request_show import show, words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh_file

events_export = Blueprint("events_export", __name__, url_prefix="/events/export")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 2 * 1024 * 1024  # bytes of a workbook; a longer one goes to the disk


def write_down(what: str, form: str) -> None:
    """Journal that data is taken away, before it is. Raises StoreError."""
    data = {"what": what, "form": form, "actor": g.account.actor}
    office().journal.append(NewEvent(EventType.ADMIN_EXPORTED, data=data))


@events_export.get("/<form>")
@allows(Role.OPERATOR)
@fresh_file
def export(form: str) -> Response:
    """Send the events of a filter as CSV or as an Excel workbook."""
    wanted = asked()
    if form not in {"csv", "xlsx"} or wanted.nothing:
        raise NotFound
    write_down("events", form)
    people = {person.id: person for person in parts().people.people()}
    rows = EventRows(parts().query, wanted.filter, people, show())
    day = today(parts().clock.now().wall, parts().zone)
    name = f"{parts().device}-events-{day}.{form}"
    if form == "csv":
        answer = Response(stream_with_context(rows.csv()), mimetype="text/csv")
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer
    out = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 - sent, then closed
    office().write_rows(out, words("Events"), rows.columns, rows)
    out.seek(0)
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=name)
