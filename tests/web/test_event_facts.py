from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge.domain.events import Event, EventType
from edge.web.event_facts import facts
from edge.web.language import Language
from edge.web.show import Show

NAMES = {"P1": "Yui", "P2": "Ken"}


def told(language: Language = "en", /, *, trusted: bool = True, **data: Any) -> dict[str, str]:
    happened = Event(
        7, "j:7", "boot", "2026-11-28T05:05:12.000Z", 0, trusted, EventType.ACCESS_GRANTED, "P1", data
    )
    return dict(facts(happened, Show(language, ZoneInfo("Asia/Tokyo")), NAMES.__getitem__))


@pytest.mark.parametrize(
    ("key", "value", "label", "text"),
    [
        ("percent", 99.2519, "Similarity", "99.2519 %"),
        ("temperature", 54.0, "Temperature", "54 °C"),
        ("fpir", 0.0024, "Risk of a mistake", "0.24 %"),
        ("with", "P2", "Together with", "Ken"),
        ("actor", "admin:mori", "By", "mori"),
        ("direction", "in", "Direction", "in"),
        ("band", "near", "Certainty", "near the threshold"),
        ("door", "door", "Door", "door"),
        ("count", 3, "Count", "3"),
        ("fields", ["name", "groups"], "Changed", '["name", "groups"]'),
        ("pin", True, "PIN", "true"),
        ("unheard_of", "{x}", "unheard_of", "{x}"),
    ],
)
def test_a_fact_has_words_and_a_unit(key: str, value: Any, label: str, text: str) -> None:
    assert told(**{key: value})[label] == text


def test_what_the_sentence_says_or_nobody_reads_is_left_out() -> None:
    assert set(told(name="Yui", of="x", reference="01J")) == {"Clock vouched for", "Type", "Number"}


def test_clock_type_and_number_come_last_in_the_language_of_the_page() -> None:
    assert list(told(door="door").values())[1:] == ["yes", "access.granted", "j:7"]
    nihongo = told("ja", trusted=False, percent=50.0)
    assert next(iter(nihongo)) == "類似度"
    assert list(nihongo.values())[1] == "いいえ"
