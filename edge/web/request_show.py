"""How things are written and named on the page of the present request."""

from flask import Flask, g

from edge.domain.events import Event, EventType
from edge.web.event_words import Told, tell
from edge.web.language import translate
from edge.web.lines import line_words
from edge.web.naming import Names
from edge.web.parts import parts
from edge.web.roles import Role
from edge.web.show import Show

SECRET = frozenset({EventType.ACCESS_DURESS})  # whoever forces somebody may look over an operator's shoulder


def show() -> Show:
    """Return how the page of this request writes times and quantities."""
    return Show(g.language, parts().zone)


def names() -> Names:
    """Return the names of people, looked up once a request."""
    found: Names | None = g.get("names")
    if found is None:
        found = g.names = Names(parts().people, g.language)
    return found


def told(event: Event) -> Told:
    """Return an event in the words of this request's page."""
    return tell(event, names(), g.language)


def said(line: str) -> str:
    """Return a line of the program in the language of this request's page."""
    return line_words(line, g.language)


def words(sentence: str, **values: object) -> str:
    """Return a sentence of the pages in the language of this request's page."""
    return translate(sentence, g.language, **values)


def may_see(event: Event) -> bool:
    """Return whether the present account is shown an event: only admins see that somebody was forced."""
    return event.type not in SECRET or g.account.role >= Role.ADMIN


def add_show(app: Flask) -> None:
    """Give templates `show` for writing, `told` for events and `said` for lines of the program."""

    @app.context_processor
    def writing() -> dict[str, object]:
        return {"show": show(), "told": told, "said": said, "person_name": names()}
