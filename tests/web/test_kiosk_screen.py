import tomllib
from pathlib import Path
from typing import Any

import pytest

from edge.domain.access_reason import Denial, Grant
from edge.domain.door_view import DoorView
from edge.domain.events import Event, EventType
from edge.domain.face import Box
from edge.domain.live_picture import FaceState, Glance, LiveFace
from edge.domain.quality import QualityReason
from edge.web import kiosk_moment, kiosk_screen
from edge.web.kiosk_screen import KioskScreen

NAMES = {"P1": "Yui Sato", "P2": "Ken Mori"}
TEXTS = Path(kiosk_moment.__file__).parent / "texts" / "kiosk.toml"


def event(kind: EventType, person: str | None = None, seq: int = 1, /, **data: Any) -> Event:
    return Event(seq, f"j:{seq}", "boot", "2026-11-28T09:00:00.000Z", 0, True, kind, person, data)


def glance(*faces: LiveFace) -> Glance:
    return Glance(7, 0.0, 640, 480, faces)


def face(
    hint: QualityReason | None = None, width: float = 100.0, state: FaceState = FaceState.FOLLOWED
) -> LiveFace:
    return LiveFace(1, Box(0, 0, width, width), state, hint)


@pytest.fixture
def screen() -> KioskScreen:
    return KioskScreen(lambda sentence: sentence, NAMES.get)


def state(screen: KioskScreen, now: float, **given: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"glance": None, "door": DoorView(door="door"), "camera": "live", "held": None}
    return screen.state(now, **{**asked, **given})


def test_a_grant_shows_the_name_and_then_goes(screen: KioskScreen) -> None:
    screen.happened(event(EventType.ACCESS_GRANTED, "P1", 5, reason="face"), 10.0)
    shown = state(screen, 10.1)
    assert (shown["tone"], shown["headline"], shown["name"], shown["moment"]) == (
        "yes",
        "Welcome",
        "Yui Sato",
        5,
    )
    after = state(screen, 14.1)
    assert (after["tone"], after["name"], after["moment"]) == ("idle", "", 0)


def test_two_people_at_once_are_both_named(screen: KioskScreen) -> None:
    screen.happened(event(EventType.ACCESS_GRANTED, "P1", 5, reason="face"), 10.0)
    screen.happened(event(EventType.ACCESS_GRANTED, "P2", 6, reason="face"), 10.5)
    assert state(screen, 10.6)["name"] == "Yui Sato · Ken Mori"


def test_a_punch_takes_the_place_of_the_grant(screen: KioskScreen) -> None:
    screen.happened(event(EventType.ACCESS_GRANTED, "P1", 5, reason="face"), 10.0)
    screen.happened(event(EventType.ATTENDANCE_PUNCHED, "P1", 6, kind="break_start"), 10.0)
    shown = state(screen, 10.1)
    assert (shown["headline"], shown["name"]) == ("On break", "Yui Sato")


@pytest.mark.parametrize("reason", [str(one) for one in Denial])
def test_every_denial_has_words_and_opens_nothing_green(screen: KioskScreen, reason: str) -> None:
    screen.happened(event(EventType.ACCESS_DENIED, "P1", 5, reason=reason), 10.0)
    shown = state(screen, 10.1)
    assert shown["tone"] in {"no", "ask"}
    assert shown["headline"]


@pytest.mark.parametrize("reason", ["unknown", "spoof"])
def test_a_stranger_is_never_called_by_a_name(screen: KioskScreen, reason: str) -> None:
    screen.happened(event(EventType.ACCESS_DENIED, "P1", 5, reason=reason), 10.0)
    assert state(screen, 10.1)["name"] == ""


def test_whoever_only_walks_past_gets_no_red_screen(screen: KioskScreen) -> None:
    screen.happened(event(EventType.ACCESS_DENIED, None, 5, reason="poor_quality"), 10.0)
    assert state(screen, 10.1)["tone"] == "idle"


def test_duress_shows_nothing(screen: KioskScreen) -> None:
    before = state(screen, 10.0)
    screen.happened(event(EventType.ACCESS_DURESS, "P1", 5), 10.0)
    assert state(screen, 10.0) == before


def test_a_hint_is_shown_once_it_holds(screen: KioskScreen) -> None:
    far = glance(face(QualityReason.TOO_FAR))
    assert state(screen, 10.0, glance=far)["tone"] == "idle"
    assert state(screen, 10.6, glance=far)["headline"] == "Come closer"
    assert state(screen, 10.7, glance=glance(face(QualityReason.HOLD_STILL)))["tone"] == "idle"


def test_the_nearest_face_is_guided(screen: KioskScreen) -> None:
    both = glance(face(QualityReason.TOO_FAR, width=30), face(QualityReason.TOO_NEAR, width=300))
    state(screen, 10.0, glance=both)
    assert state(screen, 11.0, glance=both)["headline"] == "Step back"


def test_a_wanted_pin_is_asked_for_by_name(screen: KioskScreen) -> None:
    shown = state(screen, 10.0, door=DoorView(door="door", pin_for="P2"))
    assert (shown["tone"], shown["pin"], shown["name"]) == ("ask", True, "Ken Mori")


def test_an_evacuation_comes_before_everything(screen: KioskScreen) -> None:
    screen.happened(event(EventType.ACCESS_DENIED, "P1", 5, reason="expired"), 10.0)
    assert state(screen, 10.1, door=DoorView(door="door", fire=True))["headline"] == "Leave the building"


def test_a_lost_camera_and_a_lockdown_are_said(screen: KioskScreen) -> None:
    assert state(screen, 10.0, camera="lost")["tone"] == "off"
    assert state(screen, 10.0, door=DoorView(door="door", lockdown=True))["headline"] == "Locked down"


def test_every_word_has_its_japanese() -> None:
    japanese = tomllib.loads(TEXTS.read_text("utf-8"))["ja"]
    words = {word for pair in kiosk_moment.DENIALS.values() for word in pair if word}
    words |= set(kiosk_moment.PUNCHES.values()) | set(kiosk_screen.HINTS.values())
    kinds = [(EventType.ACCESS_GRANTED, {"reason": str(one)}) for one in Grant]
    for kind, data in [*kinds, (EventType.EXIT_REQUESTED, {})]:
        found = kiosk_moment.moment(event(kind, None, 1, **data))
        assert found is not None
        words |= {found.headline, found.detail} - {""}
    assert words <= set(japanese)
