"""Sheets of attendance taken away as files."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from edge.office.attendance_sheet import day_table, total_table, totals
from edge.office.table import Table, csv_bytes
from edge.web import sheets
from edge.web.days import day_of, month_of
from edge.web.pages.attendance import everybody, work
from edge.web.pages.events_export import XLSX, write_down
from edge.web.parts import office, parts
from edge.web.request_show import show as writing
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh_file

attendance_export = Blueprint("attendance_export", __name__, url_prefix="/attendance/export")


@attendance_export.get("/<form>")
@allows(Role.OPERATOR)
@fresh_file
def export(form: str) -> Response:
    """Send a day, a month, or a month of one person; a workbook has the sums on a sheet of their own."""
    if form not in {"csv", "xlsx"}:
        raise NotFound
    first, last = _span()
    write_down("attendance", form)
    tables = _tables(first, last, request.args.get("person"))
    name = f"{parts().device}-attendance-{first if first == last else first.strftime('%Y-%m')}.{form}"
    if form == "csv":
        answer = Response(csv_bytes(tables[0]), mimetype="text/csv")
    else:
        answer = Response(office().workbook(tables), mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _span() -> tuple[date, date]:
    day, month = day_of(request.args.get("day")), month_of(request.args.get("month"))
    if day is not None:
        return day, day
    if month is None:
        raise NotFound
    return month, sheets.days_of_month(month)[-1]


def _tables(first: date, last: date, person_id: str | None) -> Sequence[Table]:
    days = work(first, last, parts().clock.now().wall, person_id)
    people = everybody()
    zone, language = parts().zone, writing().language
    made = (day_table(days, people, zone), total_table(totals(days), people))
    return [sheets.in_words(table, language) for table in made]
