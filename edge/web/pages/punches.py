"""One person's punches of a day, and their corrections: each is a new event, and the log stays as it is."""

from datetime import date, datetime, time

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from edge.domain.attendance_punch import Punch, PunchKind
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType
from edge.errors import RuleError
from edge.web import sheets
from edge.web.days import bounds, day_of, next_day
from edge.web.pages.attendance import somebody
from edge.web.parts import office, parts
from edge.web.request_show import show as writing
from edge.web.request_show import words
from edge.web.roles import Role, allows

punches = Blueprint("punches", __name__, url_prefix="/attendance/person/<person_id>")

HISTORY = 200  # corrections of a person that are looked through


@punches.get("/<day>")
@allows(Role.VIEWER)
def show(person_id: str, day: str) -> str:
    """Show what counts, what does not, and who corrected it."""
    return _page(person_id, _day(day))


@punches.post("/<day>")
@allows(Role.OPERATOR)
def correct(person_id: str, day: str) -> Response | tuple[str, int]:
    """Add, change or cancel a punch."""
    on = _day(day)
    try:
        done = _correct(person_id)
    except RuleError as error:
        return _page(person_id, on, problem=str(error)), 422
    flash(words(done), "ok")
    return redirect(url_for("punches.show", person_id=person_id, day=on), 303)


def _correct(person_id: str) -> str:
    desk, actor, of = office().attendance, g.account.actor, request.form.get("of", "")
    match request.form.get("act"):
        case "add":
            desk.add(person_id, _kind(), _wall(), actor=actor)
            return "The punch was added."
        case "change":
            desk.change(of, kind=_kind(), wall=_wall(), actor=actor)
            return "The punch was changed."
        case "void":
            desk.void(of, actor=actor)
            return "The punch no longer counts."
    raise BadRequest


def _page(person_id: str, day: date, problem: str = "") -> str:
    known, language = somebody(person_id), writing().language
    counted = _counted(person_id, day)
    dropped = _dropped(person_id, day, {punch.id for punch in counted})
    if known is None and not counted and not dropped:
        raise NotFound
    return render_template(
        "attendance/punches.html",
        who=sheets.who(person_id, {person_id: known} if known else {}, language),
        day=day,
        before=next_day(day, -1),
        after=next_day(day, 1),
        punches=counted,
        dropped=dropped,
        history=_history(person_id, day, {punch.id for punch in counted} | {one.id for one in dropped}),
        kinds=[(str(kind), words(name)) for kind, name in sheets.KINDS.items()],
        kind_words={kind: words(name) for kind, name in sheets.KINDS.items()},
        source_words={source: words(name) for source, name in sheets.SOURCES.items()},
        mark_words=lambda found: sheets.marks(found, language),
        may_correct=g.account.role >= Role.OPERATOR and known is not None,
        problem=problem,
        form=request.form,
    )


def _counted(person_id: str, day: date) -> list[Punch]:
    rules = office().rules()
    found = office().punches.between(day, day, rules.zone, person_id)
    return sorted((punch for punch in found if rules.day(punch.wall) == day), key=lambda punch: punch.wall)


def _dropped(person_id: str, day: date, counted: set[str]) -> list[Event]:
    """Return the punches of a day that do not count any more as they were made."""
    begin, end = bounds(day, day, parts().zone)
    types = frozenset({EventType.ATTENDANCE_PUNCHED})
    found = parts().query.oldest(EventFilter(types=types, person=person_id, begin=begin, end=end))
    return [event for event in found if event.id not in counted]


def _history(person_id: str, day: date, ids: set[str]) -> list[Event]:
    """Return the corrections of a day, the newest first: also those of punches that no longer count."""
    types = frozenset({EventType.ATTENDANCE_CORRECTED})
    found = parts().query.newest(EventFilter(types=types, person=person_id), limit=HISTORY)
    known = set(ids)
    for event in reversed(found):  # a correction comes after what it is about
        if event.data.get("of") in known or _dated(event, day):
            known |= {event.id, str(event.data.get("of"))}
    return [event for event in found if event.id in known]


def _dated(event: Event, day: date) -> bool:
    when = event.data.get("time")
    return isinstance(when, str) and writing().local(when).date() == day


def _day(text: str) -> date:
    found = day_of(text)
    if found is None:
        raise NotFound
    return found


def _kind() -> PunchKind:
    try:
        return PunchKind(request.form.get("kind", ""))
    except ValueError:
        raise BadRequest from None


def _wall() -> float:
    """Return the UTC second of the day and time of the form; raises RuleError for what is no time."""
    text = f"{request.form.get('date', '')} {request.form.get('time', '')}"
    try:
        day, clock = text.split(" ", 1)
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), parts().zone).timestamp()
    except (ValueError, OverflowError):
        raise RuleError(f'"{text.strip()}" is no time; write one as in "2026-01-31 18:00"') from None
