"""The live picture through both ends and a real JPEG encoder, without cameras and models."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.adapters.picture_jpeg import encode_jpeg
from edge.domain.face import Box, Frame, Picture
from edge.domain.live_picture import FaceState
from edge.domain.quality import QualityReason
from edge.errors import StoreError
from edge.live import Watched
from edge.live_view import LEASE, LiveWindow
from edge.live_view_source import PERIOD, Jpeg, LiveViewSource
from edge.live_view_wire import MOST_JPEG, FaceBody, Head, LiveWireError, Wanted, pack, socket_pair, unpack

WAIT = 10.0  # seconds until a test gives up; nothing here takes one
HEAD = Head(at=1.0, width=64, height=48, faces=[])
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


def scene(number: int) -> Picture:
    """Return a frame with as many details as a room has."""
    noise = np.random.default_rng(number).integers(0, 255, (90, 160, 3), np.uint8)
    return np.asarray(cv2.resize(noise, (1280, 720), interpolation=cv2.INTER_CUBIC), np.uint8)


def child_end(fd: int) -> socket.socket:
    """Return the socket as a child inherits it."""
    return socket.socket(fileno=os.dup(fd))


def face(track: int, person_id: str | None = None, *, decided: bool = False, seen: float = 0.0) -> Watched:
    return Watched(track, Box(10, 20, 30, 40), seen, person_id, decided, QualityReason.TOO_FAR)


@dataclass
class Camera:
    """A loop like that of vision, on a thread: frames without an end, shown as far as somebody looks."""

    source: LiveViewSource
    faces: list[Watched] = field(default_factory=list)
    shown: int = 0
    stopped: bool = False

    def run(self) -> None:
        number = 0
        picture = scene(1)
        while not self.stopped:
            number += 1
            now = time.monotonic()
            if self.source.wants(now):
                frame = Frame(picture, number, 100.0 + number / 30)
                seen = [Watched(f.track, f.box, frame.at, f.person_id, f.decided, f.hint) for f in self.faces]
                self.source.show(frame, seen, now=now, shift=now - frame.at)
                self.shown += 1
            time.sleep(0.005)


@pytest.fixture
def window() -> Iterator[LiveWindow]:
    made = LiveWindow(time.monotonic, {"p1": "Yui"}.get)
    yield made
    made.close()


@pytest.fixture
def camera(window: LiveWindow) -> Iterator[Camera]:
    source = LiveViewSource(child_end(window.open()), encode_jpeg, time.monotonic)
    source.start()
    made = Camera(source)
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    made.stopped = True
    thread.join()


def test_nobody_looks_nothing_is_made(camera: Camera) -> None:
    time.sleep(2 * PERIOD)
    assert camera.shown == 0


def test_every_viewer_gets_the_same_picture_with_its_faces(window: LiveWindow, camera: Camera) -> None:
    camera.faces = [face(1, "p1"), face(2, decided=True), face(3), face(4, "gone")]
    first = window.picture(timeout=WAIT)
    assert first is not None
    assert (first.width, first.height) == (640, 360)
    decoded = cv2.imdecode(np.frombuffer(first.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (360, 640, 3)
    assert window.picture(after=first.number - 1) is window.picture()
    glance = window.glance(after=first.number - 1)
    assert glance is not None
    assert (glance.width, glance.height) == (1280, 720)
    assert abs(glance.at - time.monotonic()) < LEASE
    assert [(one.state, one.name) for one in glance.faces] == [
        (FaceState.RECOGNISED, "Yui"),
        (FaceState.NOT_RECOGNISED, None),
        (FaceState.FOLLOWED, None),
        (FaceState.RECOGNISED, None),
    ]
    assert glance.faces[0].sentence == "the face is too small; come closer"
    second = window.picture(after=first.number, timeout=WAIT)
    assert second is not None
    assert second.number > first.number
    assert second.at > first.at


def test_at_most_five_pictures_a_second_are_made(window: LiveWindow, camera: Camera) -> None:
    begun = time.monotonic()
    number = 0
    for _ in range(4):
        picture = window.picture(after=number, timeout=WAIT)
        assert picture is not None
        number = picture.number
    assert camera.shown <= (time.monotonic() - begun) / PERIOD + 2


def test_faces_alone_cost_no_picture(window: LiveWindow, camera: Camera) -> None:
    del camera
    assert window.glance(timeout=WAIT) is not None
    assert window._screen is None


def test_a_still_has_the_full_size_and_a_place_on_the_socket(window: LiveWindow, camera: Camera) -> None:
    del camera
    picture = window.still(timeout=WAIT)
    assert picture is not None
    assert (picture.width, picture.height) == (1280, 720)
    again = window.still(timeout=WAIT)
    assert again is not None
    assert again.number > picture.number


def test_a_face_that_is_not_found_again_is_shown_no_more(window: LiveWindow) -> None:
    source = LiveViewSource(child_end(window.open()), encode_jpeg, time.monotonic)
    source.start()
    shown = None
    while shown is None:
        source.show(Frame(scene(1), 1, 5.0), [face(1, seen=4.0), face(2, seen=4.9)], now=time.monotonic())
        shown = window.glance(timeout=PERIOD)
    assert [one.track for one in shown.faces] == [2]


def test_it_ends_by_itself_when_nobody_looks_any_more() -> None:
    ours, theirs = socket_pair()
    source = LiveViewSource(theirs, encode_jpeg, time.monotonic)
    source.start()
    ours.send(Wanted(faces=time.monotonic() + 0.1).model_dump_json().encode())
    end = time.monotonic() + WAIT
    while not source.wants(time.monotonic()):
        assert time.monotonic() < end
    assert not source.wants(time.monotonic() + 0.1)
    ours.close()


def test_a_parent_that_does_not_read_loses_pictures_and_delays_nobody() -> None:
    ours, theirs = socket_pair()
    source = LiveViewSource(theirs, encode_jpeg, lambda: 0.0)
    source.start()
    ours.send(Wanted(faces=1e9, pictures=1e9).model_dump_json().encode())
    picture = scene(2)
    longest = 0.0
    for number in range(200):
        begun = time.monotonic()
        source.show(Frame(picture, number, 0.0), [], now=0.0)
        longest = max(longest, time.monotonic() - begun)
        time.sleep(0.001)
    assert longest < 0.5
    ours.close()
    theirs.close()


def test_what_was_seen_long_ago_is_shown_no_more() -> None:
    now = [100.0]
    window = LiveWindow(lambda: now[0], lambda _: None)
    with child_end(window.open()) as child:
        child.send(pack(HEAD))
        end = time.monotonic() + WAIT
        while window.glance() is None:
            assert time.monotonic() < end
        now[0] += 60
        assert window.glance() is None
    window.close()


def test_a_child_that_restarts_hears_who_looks_and_numbers_go_on(window: LiveWindow) -> None:
    fd = window.open()
    numbers: list[int] = []
    for _ in range(2):
        with child_end(fd) as child:
            seen = window.glance(after=0 if not numbers else numbers[-1])
            assert seen is None
            child.setblocking(True)
            assert Wanted.model_validate_json(child.recv(4096)).faces > time.monotonic()
            child.send(pack(HEAD))
            glance = window.glance(after=numbers[-1] if numbers else 0, timeout=WAIT)
            assert glance is not None
            numbers.append(glance.number)
            window._asked = 0.0
    assert numbers == [1, 2]


def test_nonsense_of_the_child_is_passed_over_and_said_once(window: LiveWindow) -> None:
    with capture_logs() as logs, child_end(window.open()) as child:
        for nonsense in (b"x", b"{}\n", pack(HEAD, JPEG), pack(HEAD)[:-2]):
            child.send(nonsense)
        child.send(pack(HEAD))
        assert window.glance(timeout=WAIT) is not None
    assert [entry["event"] for entry in logs] == ["vision sent a live picture that is none"]


def test_a_face_is_shown_without_a_name_while_the_database_is_stuck() -> None:
    def stuck(_: str) -> str | None:
        raise StoreError("stuck")

    window = LiveWindow(time.monotonic, stuck)
    with child_end(window.open()) as child:
        one = FaceBody(track=1, box=(0.0, 0.0, 1.0, 1.0), state="recognised", person_id="p1")
        child.send(pack(HEAD.model_copy(update={"faces": [one]})))
        glance = window.glance(timeout=WAIT)
    assert glance is not None
    assert [(one.person_id, one.name) for one in glance.faces] == [("p1", None)]
    window.close()
    window.close()


@pytest.mark.parametrize(
    ("head", "jpeg"),
    [
        ({"picture": "screen", "shown": (64, 48)}, b"GIF89a"),
        ({"picture": "screen", "shown": (64, 48)}, JPEG[:-1]),
        ({"picture": "screen", "shown": (64, 48)}, b""),
        ({"picture": "screen"}, JPEG),
        ({}, JPEG),
        ({"width": 0}, b""),
        ({"at": float("nan")}, b""),
        ({"faces": [FaceBody(track=1, box=(0.0, 0.0, 1.0, 1.0), state="dancing")]}, b""),
        ({"faces": [FaceBody(track=1, box=(0.0, 0.0, 1.0, 1.0), state="followed", hint="smile")]}, b""),
        ({"faces": [FaceBody(track=n, box=(0.0, 0.0, 1.0, 1.0), state="followed") for n in range(17)]}, b""),
    ],
)
def test_a_datagram_that_is_none_is_refused(head: dict[str, object], jpeg: bytes) -> None:
    with pytest.raises(LiveWireError, match="live picture"):
        unpack(pack(HEAD.model_copy(update=head), jpeg))


def test_the_largest_picture_goes_through_the_socket() -> None:
    ours, theirs = socket_pair()
    with ours, theirs:
        head = HEAD.model_copy(update={"picture": "still", "shown": (64, 48)})
        jpeg = b"\xff\xd8\xff" + bytes(MOST_JPEG - 5) + b"\xff\xd9"
        theirs.setblocking(False)
        theirs.send(pack(head, jpeg))
        assert unpack(ours.recv(4 * MOST_JPEG)) == (head, jpeg)


def test_a_picture_that_is_too_much_is_shown_coarser_then_smaller() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1080, 1920, 3), np.uint8)
    made = encode_jpeg(noise, None, 200_000)
    assert isinstance(made, Jpeg)
    assert len(made.data) <= 200_000
    assert (made.width, made.height) == (960, 540)
    assert encode_jpeg(noise, None, 100) is None


def test_colours_stay_what_they_are() -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    made = encode_jpeg(red, 640, MOST_JPEG)
    assert made is not None
    decoded = cv2.imdecode(np.frombuffer(made.data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded[32, 32].tolist() == pytest.approx([0, 0, 254], abs=3)
