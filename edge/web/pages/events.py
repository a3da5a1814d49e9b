"""What happened: filtered by day, person and kind, the newest first, page by page."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, g, render_template, request, url_for

from edge.domain.events import Event
from edge.web.event_facts import facts
from edge.web.event_groups import GROUPS
from edge.web.event_pages import Page, page_after, page_before
from edge.web.event_words import loud
from edge.web.pages.event_filters import Asked, asked
from edge.web.parts import parts
from edge.web.request_show import names, words
from edge.web.request_show import show as writing
from edge.web.roles import Role, allows

events = Blueprint("events", __name__, url_prefix="/events")


@events.get("")
@allows(Role.VIEWER)
def show() -> str:
    """Show a page of events."""
    wanted = asked()
    page = _page(wanted)
    days = groupby(page.events, lambda event: writing().local(event.time).date())
    return render_template(
        "events/page.html",
        asked=wanted,
        days=[(day, list(of)) for day, of in days],
        kinds=[
            ("", words("All but the lock's movements")),
            *((group.key, words(group.name)) for group in GROUPS),
        ],
        older=None if page.older is None else _link(wanted, before=page.older),
        newer=None if page.newer is None else _link(wanted, after=page.newer),
        facts=lambda event: facts(event, writing(), names()),
        pictures=_pictures(page.events),
        filtered=bool(wanted.query),
    )


def _page(wanted: Asked) -> Page:
    if wanted.nothing:
        return Page((), None, None)
    after = _number("after")
    worth = None if wanted.kind else loud
    if after is not None:
        return page_after(parts().query, wanted.filter, after, worth)
    return page_before(parts().query, wanted.filter, _number("before"), worth)


def _pictures(shown: Sequence[Event]) -> frozenset[str]:
    """Return the ids of the references that matched in these events and of which a crop may be shown."""
    looked_in = parts().roll
    if looked_in is None or g.account.role < Role.OPERATOR:
        return frozenset()
    people = {event.person for event in shown if event.person and "reference" in event.data}
    return frozenset().union(*(looked_in.roll.crops(person) for person in sorted(people)))


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004 - 64 bits


def _link(wanted: Asked, **place: int) -> str:
    return url_for("events.show", **{**wanted.query, **place})
