"""What else is known of an event, in words, for whoever wants to see more than its sentence."""

import json
from typing import Any

from edge.domain.events import Event
from edge.web.event_actor import actor_words
from edge.web.event_words import Naming
from edge.web.language import Language, translate
from edge.web.lines import line_words
from edge.web.show import Show

LABELS = {
    "actor": "By",
    "area": "Area",
    "band": "Certainty",
    "by": "Cause",
    "camera": "Camera",
    "count": "Count",
    "detail": "Detail",
    "direction": "Direction",
    "door": "Door",
    "fields": "Changed",
    "fpir": "Risk of a mistake",
    "hint": "Advice",
    "hours": "Office hours",
    "kind": "Kind",
    "mark": "Mark",
    "percent": "Similarity",
    "pin": "PIN",
    "rate": "Work rate",
    "reason": "Reason",
    "source": "Source",
    "temperature": "Temperature",
    "why": "Cause",
    "with": "Together with",
}
VALUES = {
    "near": "near the threshold",
    "clear": "clear",
    "strong": "strong",
    "in": "in",
    "out": "out",
    "matched": "right",
    "wrong": "wrong",
}
UNITS = {"percent": " %", "temperature": " °C"}
SHARES = {"fpir", "rate"}
HIDDEN = {"name", "of", "reference"}


def facts(event: Event, show: Show, naming: Naming) -> list[tuple[str, str]]:
    """Return pairs of a label and a value, those of the event's data first."""
    language = show.language
    found = [
        (translate(LABELS.get(key, key), language), _value(key, value, show, naming))
        for key, value in event.data.items()
        if key not in HIDDEN
    ]
    trusted = "yes" if event.clock_trusted else "no"
    found += [
        (translate("Clock vouched for", language), translate(trusted, language)),
        (translate("Type", language), str(event.type)),
        (translate("Number", language), event.id),
    ]
    return found


def _value(key: str, value: Any, show: Show, naming: Naming) -> str:
    if isinstance(value, str):
        return _text(key, value, show.language, naming)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _figure(key, value, show)
    return json.dumps(value, ensure_ascii=False)


def _text(key: str, value: str, language: Language, naming: Naming) -> str:
    if key == "actor":
        return actor_words(value, language)
    if key == "with":
        return naming(value)
    return translate(VALUES[value], language) if value in VALUES else line_words(value, language)


def _figure(key: str, value: float, show: Show) -> str:
    if key in SHARES:
        return show.share(value)
    return f"{value:.6g}{UNITS.get(key, '')}"
