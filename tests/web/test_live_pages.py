"""The live picture and the stream of what happens, as browsers ask for them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask

from edge.domain.events import Event, EventType
from edge.domain.face import Box
from edge.domain.live_picture import FaceState, Glance, LiveFace, LivePicture
from edge.domain.quality import QualityReason
from edge.errors import StoreError
from edge.web.app import Account, create_admin_app
from edge.web.live_stream import LONGEST, QUIET
from edge.web.pages.live import MOST_VIEWERS
from edge.web.parts import WebParts
from edge.web.roles import Role

JPEG = b"\xff\xd8\xff a picture \xff\xd9"
FACES = (
    LiveFace(1, Box(10, 20, 30, 40), FaceState.RECOGNISED, None, "p1", "Yui <b>"),
    LiveFace(2, Box(50, 20, 30, 40), FaceState.FOLLOWED, QualityReason.TOO_FAR),
    LiveFace(3, Box(90, 20, 30, 40), FaceState.NOT_RECOGNISED),
    LiveFace(4, Box(90, 20, 30, 40), FaceState.FOLLOWED),
)


def event(seq: int, kind: EventType = EventType.EXIT_REQUESTED) -> Event:
    return Event(seq, f"j:{seq}", "boot", "2026-11-28T05:05:00.000Z", 0, True, kind, None, {})


@dataclass
class Scene:
    """A camera, a journal and a clock that goes on by a second with each look at the camera."""

    now: float = 100.0
    pictures: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    broken: bool = False
    shown: int = 0

    def monotonic(self) -> float:
        return self.now

    def glance(self, *, after: int = 0, timeout: float = 0.0) -> Glance | None:
        self.now += timeout
        found = [one for one in self.pictures[: self.shown] if one > after]
        return Glance(found[-1], self.now, 1280, 720, FACES) if found else None

    def picture(self, *, after: int = 0, timeout: float = 0.0) -> LivePicture | None:
        self.now += 1.0 if timeout else 0.0
        self.shown += 1
        found = [one for one in self.pictures[: self.shown] if one > after]
        return LivePicture(found[-1], self.now, 640, 360, JPEG) if found else None

    def last(self) -> int:
        return self.events[-1].seq if self.events else 0

    def wait(self, *, after: int, timeout: float, limit: int = 100) -> list[Event]:
        del timeout
        if self.broken:
            raise StoreError("journal: it is stuck")
        return [one for one in self.events if one.seq > after][:limit]


def application(scene: Scene | None, role: Role = Role.VIEWER) -> Flask:
    thing = cast("Any", scene)
    parts = WebParts(
        device="porch",
        language="en",
        zone=UTC,
        people=cast("Any", SimpleNamespace()),
        events=cast("Any", SimpleNamespace()),
        query=cast("Any", SimpleNamespace()),
        doors=cast("Any", SimpleNamespace()),
        box=cast("Any", SimpleNamespace()),
        clock=thing or cast("Any", Scene()),
        health=dict,
        live=thing,
        feed=thing,
    )
    return create_admin_app(parts, lambda: Account("yui", role))


@pytest.fixture
def scene() -> Scene:
    return Scene(pictures=[7, 8], events=[event(1), event(2), event(3)])


def told(text: str) -> Iterator[tuple[str, Any]]:
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            yield lines["event"], json.loads(lines["data"])


def stream(app: Flask, address: str = "/live/stream?after=1", headers: dict[str, str] | None = None) -> str:
    answer = app.test_client().get(address, headers=headers)
    assert answer.status_code == 200
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


def test_a_viewer_is_told_of_faces_and_events_until_the_stream_is_old(scene: Scene) -> None:
    text = stream(application(scene))
    looks = [body for name, body in told(text) if name == "look"]
    assert [one["number"] for one in looks] == [7, 8]
    assert (looks[0]["width"], looks[0]["height"]) == (1280, 720)
    assert [(face["kind"], face["text"], face["good"]) for face in looks[0]["faces"]] == [
        ("ok", "Yui <b>", True),
        ("warn", "The face is too small; come closer", False),
        ("bad", "Not recognised", True),
        ("warn", "Hold still for a moment", True),
    ]
    happened = [body for name, body in told(text) if name == "happened"]
    assert [one["seq"] for one in happened] == [2, 3]
    assert "The exit button was pressed" in happened[0]["markup"]
    assert ": still here" in text
    assert LONGEST <= scene.now - 100 <= LONGEST + QUIET


def test_japanese_viewers_are_told_in_japanese(scene: Scene) -> None:
    text = stream(application(scene), headers={"Accept-Language": "ja"})
    assert "顔が小さすぎます" in text
    assert "退室ボタンが押されました" in text


def test_a_browser_that_comes_back_goes_on_where_it_was(scene: Scene) -> None:
    text = stream(application(scene), headers={"Last-Event-ID": "2"})
    assert [body["seq"] for name, body in told(text) if name == "happened"] == [3]
    nothing = stream(application(scene), "/live/stream?after=x")
    assert [body for name, body in told(nothing) if name == "happened"] == []


def test_a_journal_that_is_stuck_leaves_the_picture(scene: Scene) -> None:
    scene.broken = True
    assert {name for name, _ in told(stream(application(scene)))} == {"look"}


def test_without_a_camera_events_still_come(scene: Scene) -> None:
    scene.pictures = []
    assert {name for name, _ in told(stream(application(scene)))} == {"happened"}


def test_only_admins_are_told_of_duress(scene: Scene) -> None:
    scene.events = [event(2, EventType.ACCESS_DURESS), event(3, EventType.DOOR_OPENED)]
    seen: dict[Role, Sequence[int]] = {
        role: [body["seq"] for name, body in told(stream(application(scene, role))) if name == "happened"]
        for role in (Role.OPERATOR, Role.ADMIN)
    }
    assert seen == {Role.OPERATOR: [3], Role.ADMIN: [2, 3]}
    opened = [body for name, body in told(stream(application(scene))) if name == "happened"]
    assert opened[0]["markup"] == ""


def test_only_so_many_look_at_once_and_whoever_leaves_makes_room(scene: Scene) -> None:
    app = application(scene)
    viewers = [app.test_client().get("/live/stream") for _ in range(MOST_VIEWERS)]
    assert app.test_client().get("/live/stream").status_code == 503
    viewers[0].close()
    assert app.test_client().get("/live/stream").status_code == 200


def test_the_picture_is_there_while_the_camera_gives_one(scene: Scene) -> None:
    answer = application(scene).test_client().get("/live/picture.jpg")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", JPEG)
    assert answer.headers["X-Number"] == "7"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert application(Scene()).test_client().get("/live/picture.jpg").status_code == 404
    assert application(None).test_client().get("/live/picture.jpg").status_code == 404


@pytest.mark.parametrize("address", ["/live/picture.jpg", "/live/stream"])
def test_nobody_looks_without_an_account(scene: Scene, address: str) -> None:
    assert application(scene, Role.PUBLIC).test_client().get(address).status_code == 401
    assert application(scene, Role.KIOSK).test_client().get(address).status_code == 403
