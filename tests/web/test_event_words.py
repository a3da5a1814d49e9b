from typing import Any

import pytest

from edge.domain.access_reason import Denial, Grant
from edge.domain.events import Event, EventType
from edge.web.event_words import PLAIN, TELLERS, tell
from edge.web.event_words_access import WHY
from edge.web.language import japanese


def event(kind: EventType, person: str | None = None, /, **data: Any) -> Event:
    return Event(7, "j:7", "boot", "2026-11-28T05:05:12.000Z", 0, True, kind, person, data)


def naming(person: str) -> str:
    return {"P1": "Yui", "P2": "Ken"}[person]


@pytest.mark.parametrize("kind", EventType)
@pytest.mark.parametrize("person", [None, "P1"])
def test_every_type_of_event_has_words_in_both_languages(kind: EventType, person: str | None) -> None:
    assert kind in {**PLAIN, **TELLERS}, f"{kind}: give it a sentence in edge/web/event_words*.py"
    english, nihongo = (tell(event(kind, person), naming, language) for language in ("en", "ja"))
    assert "{" not in english.text + nihongo.text
    assert english.text != nihongo.text, f"{english.text}: give it a translation in texts/events.toml"
    assert any(ord(letter) > 0x2E80 for letter in nihongo.text)


@pytest.mark.parametrize("reason", [*Denial, "poor_quality", "empty_gallery"])
def test_every_denial_says_why(reason: str) -> None:
    assert WHY[reason] in japanese()
    text = tell(event(EventType.ACCESS_DENIED, "P1", reason=reason), naming, "en").text
    assert text == f"Yui was not let in: {WHY[reason]}"


@pytest.mark.parametrize("reason", Grant)
@pytest.mark.parametrize("direction", ["in", "out"])
def test_every_grant_has_a_translation(reason: Grant, direction: str) -> None:
    granted = event(EventType.ACCESS_GRANTED, "P1", reason=str(reason), direction=direction)
    assert "Yui" in tell(granted, naming, "en").text
    assert "Yuiさん" in tell(granted, naming, "ja").text


@pytest.mark.parametrize(
    ("kind", "data", "english"),
    [
        (EventType.DOOR_UNLOCKED, {"by": "admin", "actor": "admin:mori"}, "mori unlocked the door"),
        (EventType.DOOR_UNLOCKED, {"by": "admin", "actor": "uid:0", "hold": True}, "command line holds the"),
        (EventType.DOOR_LOCKED, {"why": "fault"}, "because of a fault"),
        (EventType.DOOR_LOCKED, {"why": "released", "actor": "admin:mori"}, "was locked (mori)"),
        (EventType.DOOR_RELEASED, {"actor": "admin:mori"}, "mori ended the hold"),
        (EventType.DOOR_RELEASED, {"actor": "admin:mori", "hours": "2027-01-18"}, "mori ended the office"),
        (EventType.DOOR_HELD, {"stage": "alarm"}, "open for too long"),
        (EventType.ATTENDANCE_PUNCHED, {"kind": "break_end"}, "Yui came back from a break"),
        (EventType.ATTENDANCE_CORRECTED, {"action": "void", "actor": "admin:mori"}, "mori cancelled a punch"),
        (EventType.PERSON_CHANGED, {"pin": "set", "actor": "admin:mori"}, "mori gave Yui a new PIN"),
        (EventType.ACCESS_GRANTED, {"reason": "face", "with": "P2"}, "Yui was let in together with Ken"),
        (EventType.SCHEDULE_CHANGED, {"name": "office {x}", "actor": "token:erp"}, "schedule Yui"),
    ],
)
def test_what_an_event_says_stands_in_its_sentence(
    kind: EventType, data: dict[str, Any], english: str
) -> None:
    assert english in tell(event(kind, "P1", **data), naming, "en").text


def test_hostile_data_is_text_and_nothing_else() -> None:
    told = tell(
        event(EventType.GROUP_CHANGED, None, name="{actor.__class__}", actor="admin:{x}"), naming, "en"
    )
    assert told.text == "{x} changed the group {actor.__class__}"
    assert tell(event(EventType.JOURNAL_GAP, None, language="x", sentence="y"), naming, "en").text


def test_an_event_of_a_newer_program_is_shown_by_its_type() -> None:
    newer: Any = "comet.seen"
    assert tell(event(newer), naming, "ja").text == "comet.seen"
