"""Sheets of attendance: a day of everybody, a month of everybody, a month of one person."""

from collections import Counter
from datetime import date

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from edge.domain.attendance_report import Day
from edge.domain.person import Person
from edge.errors import ConflictError, NotFoundError
from edge.office.attendance_sheet import days_of_work, totals
from edge.web import day_chart, sheets
from edge.web.days import day_of, month_of, next_day, next_month, today
from edge.web.parts import office, parts
from edge.web.request_show import show as writing
from edge.web.roles import Role, allows

attendance = Blueprint("attendance", __name__, url_prefix="/attendance")

PAGE = 200  # people of one page; all of them are in the files
CHART = 120  # height of the curve


@attendance.get("")
@allows(Role.VIEWER)
def show() -> str:
    """Show a day of everybody."""
    now = parts().clock.now().wall
    day = day_of(request.args.get("day")) or today(now, parts().zone)
    people = everybody()
    days = sheets.by_name(work(day, day, now), people)
    axis = day_chart.axis(day, days, now, parts().zone)
    curve = day_chart.presence(days, axis, now)
    page = _page(len(days))
    return render_template(
        "attendance/day.html",
        day=day,
        is_today=day == today(now, parts().zone),
        before=next_day(day, -1),
        after=next_day(day, 1),
        rows=[
            (one, sheets.who(one.person, people, writing().language), day_chart.bars(one, axis, now))
            for one in days[page * PAGE : (page + 1) * PAGE]
        ],
        marks=marks,
        axis=axis,
        curve=curve,
        most=max((number for _, number in curve), default=0),
        area=day_chart.steps(curve, CHART),
        page=page,
        pages=-(-len(days) // PAGE),
        count=len(days),
        to_check=sum(bool(needs_a_look(one)) for one in days),
    )


@attendance.get("/month")
@allows(Role.VIEWER)
def month() -> str:
    """Show the sums of a month."""
    now = parts().clock.now().wall
    first = month_of(request.args.get("month")) or today(now, parts().zone).replace(day=1)
    people = everybody()
    days = work(first, sheets.days_of_month(first)[-1], now)
    found = sheets.totals_by_name(totals(days), people)
    page = _page(len(found))
    return render_template(
        "attendance/month.html",
        month=first,
        before=next_month(first, -1),
        after=next_month(first, 1),
        to_check=Counter(day.person for day in days if needs_a_look(day)),
        rows=[
            (one, sheets.who(one.person, people, writing().language))
            for one in found[page * PAGE : (page + 1) * PAGE]
        ],
        page=page,
        pages=-(-len(found) // PAGE),
        count=len(found),
    )


@attendance.get("/person/<person_id>")
@allows(Role.VIEWER)
def person(person_id: str) -> str:
    """Show a month of one person, day by day."""
    now = parts().clock.now().wall
    first = month_of(request.args.get("month")) or today(now, parts().zone).replace(day=1)
    known = somebody(person_id)
    listed = sheets.days_of_month(first)
    days = {one.day: one for one in work(first, listed[-1], now, person_id)}
    if known is None and not days:
        raise NotFound
    sums = totals(days.values())
    return render_template(
        "attendance/person.html",
        who=sheets.who(person_id, {person_id: known} if known else {}, writing().language),
        month=first,
        before=next_month(first, -1),
        after=next_month(first, 1),
        days=[(day, days.get(day)) for day in listed],
        holidays=office().rules().calendar,
        total=sums[0] if sums else None,
        marks=marks,
        now=now,
    )


def work(first: date, last: date, now: float, person_id: str | None = None) -> list[Day]:
    """Return the days of work of these days."""
    rules = office().rules()
    return days_of_work(office().punches, first, last, rules, now=now, person=person_id)


def everybody() -> dict[str, Person]:
    """Return all people by their ids."""
    return {person.id: person for person in parts().people.people()}


def somebody(person_id: str) -> Person | None:
    """Return the person with an id, None where nobody has it any more."""
    try:
        found = parts().people.find(person_id)
    except (NotFoundError, ConflictError):
        return None
    return found if found.id == person_id else None


def marks(day: Day) -> list[tuple[str, str]]:
    """Return the marks of a day in words, each with its grade."""
    return [(str(grade), word) for grade, word in sheets.marks(day.marks, writing().language)]


def needs_a_look(day: Day) -> bool:
    """Return whether somebody should look at a day."""
    return any(sheets.MARKS[mark][0] == "warn" for mark in day.marks)


def _page(count: int) -> int:
    text = request.args.get("page", "0")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0  # noqa: PLR2004
    return min(number, max(0, -(-count // PAGE) - 1))
