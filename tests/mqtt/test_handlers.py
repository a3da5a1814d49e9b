"""What commands ask of the doors, the camera and the configuration, and how each says that it cannot."""

from pathlib import Path
from typing import Any

import pytest

from edge.bootstrap.commands import command_handlers
from edge.bootstrap.reload import Reload
from edge.config import Settings
from edge.domain.command import Command, CommandName
from edge.domain.live_picture import Glance, LivePicture
from edge.domain.mqtt_topics import Topics
from edge.errors import CameraError, ConfigError, ConflictError, DoorError, ModelError
from edge.publish.commands import Done


class Doors:
    """Notes what it was asked; `refuses` says why it does nothing."""

    refuses = ""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def _take(self, what: str, **given: Any) -> str:
        if self.refuses:
            raise DoorError(self.refuses)
        self.asked.append((what, given))
        return f"{what}: done"

    def unlock(self, **given: Any) -> str:
        return self._take("unlock", **given)

    def lock(self, **given: Any) -> str:
        return self._take("lock", **given)

    def lockdown(self, on: bool, **given: Any) -> str:
        return self._take("lockdown", on=on, **given)


class Live:
    """Shows one picture, or none."""

    shown: LivePicture | None = None

    def glance(self, *, after: int = 0, timeout: float = 0.0) -> Glance | None:
        raise AssertionError((after, timeout))

    def picture(self, *, after: int = 0, timeout: float = 0.0) -> LivePicture | None:
        raise AssertionError((after, timeout))

    def still(self, *, timeout: float = 2.0) -> LivePicture | None:
        assert timeout <= 3
        return self.shown


class Desk:
    def __init__(self) -> None:
        self.doors, self.live = Doors(), Live()
        self._handlers = command_handlers(
            Topics("gate-1"),
            doors=self.doors,  # type: ignore[arg-type] # three of its methods are all that is asked for
            live=self.live,
            reload=lambda: "begun anew",
        )

    def do(self, name: CommandName, **arguments: Any) -> str | Done:
        return self._handlers[name](Command(name, arguments))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_every_command_but_the_publisher_s_own_is_carried_out(desk: Desk) -> None:
    assert set(desk._handlers) == set(CommandName) - {CommandName.REPLAY_FROM}


def test_the_door_is_asked_in_the_name_of_mqtt(desk: Desk) -> None:
    assert desk.do(CommandName.UNLOCK) == "unlock: done"
    desk.do(CommandName.UNLOCK, seconds=3, door="yard", reason="parcel")
    desk.do(CommandName.LOCK)
    desk.do(CommandName.LOCKDOWN)
    desk.do(CommandName.LOCKDOWN, on=False)
    assert desk.doors.asked == [
        ("unlock", {"actor": "mqtt", "door": None, "seconds": None, "reason": ""}),
        ("unlock", {"actor": "mqtt", "door": "yard", "seconds": 3, "reason": "parcel"}),
        ("lock", {"actor": "mqtt", "door": None}),
        ("lockdown", {"on": True, "actor": "mqtt"}),
        ("lockdown", {"on": False, "actor": "mqtt"}),
    ]


def test_what_the_door_refuses_is_the_answer(desk: Desk) -> None:
    desk.doors.refuses = "the site is locked down; end the lockdown first"
    for name in (CommandName.UNLOCK, CommandName.LOCK, CommandName.LOCKDOWN):
        with pytest.raises(DoorError, match="end the lockdown first"):
            desk.do(name)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        (CommandName.UNLOCK, {"second": 3}, 'there is no argument "second"; it takes door, seconds, reason'),
        (CommandName.UNLOCK, {"seconds": "3"}, "seconds is a number"),
        (CommandName.UNLOCK, {"seconds": True}, "seconds is a number"),
        (CommandName.UNLOCK, {"door": None}, "door is a text"),
        (CommandName.LOCK, {"seconds": 3}, "it takes door"),
        (CommandName.LOCKDOWN, {"on": 0}, "on is true or false"),
        (CommandName.SNAPSHOT_NOW, {"x" * 400: 1}, "it takes no arguments"),
        (CommandName.RELOAD, {"file": "/tmp/other"}, "it takes no arguments"),  # noqa: S108 - refused
    ],
)
def test_a_wrong_argument_does_nothing(
    desk: Desk, name: CommandName, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConflictError) as raised:
        desk.do(name, **arguments)
    assert said in str(raised.value)
    assert len(str(raised.value)) < 200
    assert desk.doors.asked == []


def test_a_picture_is_published_beside_the_answer(desk: Desk) -> None:
    desk.live.shown = LivePicture(7, 1.0, 1280, 720, b"\xff\xd8jpeg")
    done = desk.do(CommandName.SNAPSHOT_NOW)
    assert isinstance(done, Done)
    assert done.line == "a picture of 1280×720 is on edge/gate-1/snapshot"
    [message] = done.messages
    assert (message.topic, message.payload, message.retain) == (
        "edge/gate-1/snapshot",
        b"\xff\xd8jpeg",
        False,
    )
    assert message.content_type == "image/jpeg"


def test_without_a_picture_it_says_why(desk: Desk) -> None:
    with pytest.raises(CameraError, match="the camera or vision is away"):
        desk.do(CommandName.SNAPSHOT_NOW)


def test_a_good_configuration_is_taken(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text("")
    stopped: list[bool] = []
    seen: list[Settings] = []
    reload = Reload(tmp_path / "edge.toml", lambda: stopped.append(True), seen.append)
    assert reload() == "the configuration is good; the terminal begins anew with it"
    assert (stopped, len(seen), reload.wanted) == ([True], 1, True)


@pytest.mark.parametrize(
    ("text", "fault", "said"),
    [
        ("[camera]\nrate = 0\nwidth = 1\n", None, "camera.rate: it takes a number"),
        (
            "",
            ConfigError(["door.relay: wrong", "x", "y"]),
            "nothing is changed: door.relay: wrong (and 2 more)",
        ),
        ("", ModelError("m.onnx: its SHA-256 is another"), "nothing is changed: m.onnx"),
    ],
)
def test_a_wrong_one_changes_nothing(tmp_path: Path, text: str, fault: Exception | None, said: str) -> None:
    (tmp_path / "edge.toml").write_text(text)

    def check(_settings: Settings) -> None:
        if fault is not None:
            raise fault

    def stop() -> None:
        raise AssertionError

    reload = Reload(tmp_path / "edge.toml", stop, check)
    with pytest.raises(ConflictError) as raised:
        reload()
    assert said in str(raised.value)
    assert not reload.wanted
