"""The audit log: what people did with the terminal, as against what happened at its door."""

from itertools import groupby

from flask import Blueprint, render_template, request, url_for

from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType
from edge.web.event_facts import facts
from edge.web.event_pages import page_after, page_before
from edge.web.parts import parts
from edge.web.request_show import names
from edge.web.request_show import show as writing
from edge.web.roles import Role, allows

audit = Blueprint("audit", __name__, url_prefix="/settings/audit")

AREAS = {
    "admin",
    "person",
    "visitor",
    "schedule",
    "holiday",
    "group",
    "clock",
    "screen",
    "passback",
    "muster",
}
OTHERS = {
    EventType.ATTENDANCE_CORRECTED,
    EventType.DOOR_RELEASED,
    EventType.LOCKDOWN_STARTED,
    EventType.LOCKDOWN_ENDED,
    EventType.EVACUATION_STARTED,
    EventType.EVACUATION_ENDED,
    EventType.COMMAND_ACCEPTED,
    EventType.COMMAND_REFUSED,
    EventType.DOOR_UNLOCKED,
    EventType.DOOR_LOCKED,
}
AUDITED = frozenset(kind for kind in EventType if str(kind).split(".")[0] in AREAS) | OTHERS
DOOR = frozenset(kind for kind in AUDITED if str(kind).startswith("door."))  # moves by itself as well


@audit.get("")
@allows(Role.ADMIN)
def show() -> str:
    """Show what people did, the newest first."""
    which = EventFilter(types=AUDITED, acted=DOOR)
    after, before = _number("after"), _number("before")
    if after is not None:
        page = page_after(parts().query, which, after, None)
    else:
        page = page_before(parts().query, which, before, None)
    days = groupby(page.events, lambda event: writing().local(event.time).date())
    return render_template(
        "settings/audit.html",
        days=[(day, list(of)) for day, of in days],
        older=None if page.older is None else url_for("audit.show", before=page.older),
        newer=None if page.newer is None else url_for("audit.show", after=page.newer),
        facts=lambda event: facts(event, writing(), names()),
    )


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004 - 64 bits
