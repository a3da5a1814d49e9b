"""Which events are alerts, and that each can be told in both languages."""

import re
from pathlib import Path

import pytest

from edge.config.delivery import AlertSettings
from edge.domain.alert import RULES, AlertKind, alert_of, closed_alerts, parse_kinds
from edge.domain.alert_notice import Writer
from edge.domain.alert_text import WORDS
from edge.domain.events import Event, EventType

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")


def event(kind: EventType, person: str | None = None, **data: object) -> Event:
    return Event(7, "j:7", "boot", "2026-01-31T12:00:00.000Z", 0, True, kind, person, data)


ALARM = {EventType.DOOR_HELD: {"stage": "alarm"}}


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("kind", RULES)
def test_every_alert_has_a_title_and_says_what_to_do(kind: EventType, language: str) -> None:
    rule = RULES[kind]
    data = {name: f"<{name}>" for name in rule.facts} | ALARM.get(kind, {})
    alert = alert_of(event(kind, "01P", **data))
    assert alert is not None
    assert (alert.kind, alert.over) == (rule.kind, rule.over)
    notice = Writer("gate-1", language).alert(alert)
    assert notice.title == WORDS[language].titles[kind]
    assert len(notice.lines[0]) > 5
    for name in rule.facts:
        assert any(f"<{name}>" in line for line in notice.lines)
    assert notice.body["data"]["title"] == notice.title
    assert notice.body["id"] == notice.id == "j:7"


def test_both_languages_say_the_same_things() -> None:
    en, ja = WORDS["en"], WORDS["ja"]
    for name in ("titles", "remedies", "facts", "kinds"):
        assert getattr(en, name).keys() == getattr(ja, name).keys(), name
        assert not [text for text in getattr(ja, name).values() if text.isascii()]
    ended = {kind for kind, rule in RULES.items() if rule.over}
    assert en.titles.keys() == RULES.keys()
    assert en.remedies.keys() == RULES.keys() - ended
    assert en.kinds.keys() == set(AlertKind)


def test_nothing_of_an_event_is_told_but_what_is_listed() -> None:
    secret = {"score": 0.31, "percent": 99.4, "band": "clear", "pin": "matched", "door": "door"}
    alert = alert_of(event(EventType.ACCESS_DURESS, "01P", **secret))
    assert alert is not None
    notice = Writer("gate-1", "en").alert(alert)
    assert "door" in notice.body["data"]
    for said in (str(notice.body), "\n".join(notice.lines)):
        for word in ("score", "percent", "band", "0.31", "99.4", "matched"):
            assert word not in said


def test_a_door_that_is_only_warned_of_is_no_alert() -> None:
    assert alert_of(event(EventType.DOOR_HELD, stage="warned")) is None
    assert alert_of(event(EventType.ACCESS_GRANTED)) is None


def test_a_closed_door_is_the_end_of_a_forced_and_of_a_held_one() -> None:
    ends = closed_alerts(event(EventType.DOOR_CLOSED, door="yard", seconds=3.5))
    assert [(end.kind, end.over, end.key) for end in ends] == [
        (AlertKind.FORCED, True, "forced:yard"),
        (AlertKind.HELD, True, "held:yard"),
    ]
    forced = alert_of(event(EventType.DOOR_FORCED, door="yard"))
    assert forced is not None
    assert forced.key == ends[0].key


def test_alerts_of_other_doors_and_people_are_others() -> None:
    def key(kind: EventType, person: str | None = None, **data: object) -> str:
        found = alert_of(event(kind, person, **data))
        assert found is not None
        return found.key

    assert key(EventType.DOOR_FORCED, door="a") != key(EventType.DOOR_FORCED, door="b")
    assert key(EventType.ACCESS_DURESS, "01A", door="a") != key(EventType.ACCESS_DURESS, "01B", door="a")
    assert key(EventType.CAMERA_LOST) == key(EventType.CAMERA_RESTORED)
    assert key(EventType.THERMAL_THROTTLED) != key(EventType.THERMAL_SENSOR_LOST)


def test_kinds_are_named_with_spaces_or_commas() -> None:
    assert parse_kinds("all") == frozenset(AlertKind)
    assert parse_kinds("forced, held duress") == {AlertKind.FORCED, AlertKind.HELD, AlertKind.DURESS}
    for text in ("", "forced all", "burglars"):
        with pytest.raises(ValueError, match="all"):
            parse_kinds(text)


def test_the_page_lists_the_kinds_and_their_events() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.MULTILINE))
    told = {kind: {str(t) for t, rule in RULES.items() if rule.kind is kind} for kind in AlertKind}
    told[AlertKind.FORCED].add("door.closed")
    told[AlertKind.HELD].add("door.closed")
    assert {name: set(re.findall(r"`([a-z_.]+)`", cell)) for name, cell in rows.items()} == told


def test_the_keys_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`alerts\.(\w+)`", PAGE)) | set(re.findall(r"^(\w+) = ", PAGE, re.MULTILINE))
    assert named
    assert named <= AlertSettings.model_fields.keys() | {"language"}
