"""Everybody: search and pages of them, and one person with all that is known."""

from flask import Response, g, render_template, request, url_for
from werkzeug.exceptions import NotFound

from edge.domain.event_filter import EventFilter
from edge.domain.roll import RollFilter, RollPage, Standing
from edge.office.disputes import RECOGNITIONS
from edge.web.pages.people_pages import found, people, seen
from edge.web.parts import parts, people_parts
from edge.web.request_show import may_see
from edge.web.roles import Role, allows

LISTED = 50  # on a page
LATEST = 8  # events on a person's page
LONGEST = 200  # characters of a search that are looked at
STANDINGS = {
    Standing.NO_REFERENCE: "Without a picture",
    Standing.SECOND_FACTOR: "PIN always needed",
    Standing.NOT_VALID: "Not valid now",
    Standing.VISITOR: "Visitors",
}


@people.get("")
@allows(Role.VIEWER)
def show() -> str:
    """Show people, by name."""
    asked = _asked()
    offset = _number("offset")
    page = people_parts().roll.page(asked, offset=offset, limit=LISTED)
    return render_template(
        "people/list.html",
        page=page,
        asked=asked,
        groups=sorted(people_parts().access.groups()),
        standings=STANDINGS,
        seen=seen,
        before=_link(asked, offset - LISTED) if offset else None,
        after=_link(asked, offset + LISTED) if offset + LISTED < page.total else None,
        filtered=bool(asked.text or asked.group or asked.standing),
        everybody=_everybody(page, asked),
    )


@people.get("/<person_id>")
@allows(Role.VIEWER)
def one(person_id: str) -> str:
    """Show one person."""
    person = found(person_id)
    events = parts().query.newest(EventFilter(person=person.id), limit=LATEST)
    pins = people_parts().access.pins(person.id)
    return render_template(
        "people/person.html",
        person=person,
        seen=seen(person),
        references=parts().people.references_of(person.id),
        crops=people_parts().roll.crops(person.id),
        model=_model_version(),
        most=people_parts().most,
        pin=pins.pin is not None,
        duress=pins.duress is not None,
        events=[event for event in events if may_see(event)],
        recognitions=RECOGNITIONS,
    )


@people.get("/<person_id>/references/<reference_id>.png")
@allows(Role.OPERATOR)
def crop(person_id: str, reference_id: str) -> Response:
    """Show the crop of a reference, where one is kept."""
    data = people_parts().roll.crop(person_id, reference_id)
    if data is None:
        raise NotFound
    return Response(data, mimetype="image/png")


def _asked() -> RollFilter:
    standing = request.args.get("standing", "")
    return RollFilter(
        text=request.args.get("q", "")[:LONGEST].strip(),
        group=request.args.get("group") or None,
        standing=Standing(standing) if standing in set(Standing) else None,
        now=parts().clock.now().wall,
    )


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0  # noqa: PLR2004 - digits


def _link(asked: RollFilter, offset: int) -> str:
    wanted = {"q": asked.text, "group": asked.group, "standing": asked.standing, "offset": max(offset, 0)}
    return url_for("people.show", **{name: value for name, value in wanted.items() if value})  # type: ignore[arg-type] # texts


def _everybody(page: RollPage, asked: RollFilter) -> int:
    """Return how many there are in all."""
    if not (asked.text or asked.group or asked.standing):
        return page.total
    return people_parts().roll.page(RollFilter(), limit=0).total


def _model_version() -> str | None:
    office = parts().office
    model = office.model() if office is not None else None
    g.model = model
    return model.version if model is not None else None
