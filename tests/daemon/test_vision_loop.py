"""The child's loop in simulated time: cameras that fail and return, films that end, a changing gallery."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest

from edge.domain.camera_watch import WatchRules
from edge.domain.events import Instant
from edge.domain.face import Frame
from edge.domain.false_match import FalseMatchRate
from edge.domain.gallery import Gallery
from edge.domain.person import Person, Reference
from edge.domain.score import Metric, ScoreScale
from edge.errors import CameraError, StoreError
from edge.gallery_sync import GallerySync
from edge.live import LivePipeline, Watched
from edge.ports import EndOfFilm
from edge.vision import CAMERA_RULES, Viewer, VisionLoop, VisionSettings
from edge.vision_report import Yardstick
from edge.vision_wire import CameraState, Ended, Message, Progress, Ready, Recognised
from tests.daemon.test_live import RED, SIDE, Scene

SCALE = ScoreScale(Metric.COSINE, 0.0, 100.0, 0.0, -1.0, 1.0)
YARDSTICK = Yardstick(
    model_version="squares-1",
    scale=SCALE,
    threshold=0.8,
    rate=FalseMatchRate("everybody", 0.001, bound=False, known=True),
)
Act = Callable[["Stage"], Frame | None]


@dataclass
class Stage:
    """Clock, wire and camera of the loop; after its `opens` and `reads` the camera stops the loop."""

    time: float = 1000.0
    opens: list[str | None] = field(default_factory=list)  # a text is the reason of a failure
    reads: list[Act] = field(default_factory=list)
    sent: list[tuple[float, Message]] = field(default_factory=list)
    opened_at: list[float] = field(default_factory=list)
    closed: int = 0
    shown: int = 0
    stopping: bool = False

    def monotonic(self) -> float:
        return self.time

    def now(self) -> Instant:
        return Instant(self.time, int(self.time * 1e9), trusted=True)

    def send(self, message: Message) -> None:
        self.sent.append((self.time, message))
        if isinstance(message, Ended):
            self.stopping = True  # what the parent does about it

    def wait(self, seconds: float) -> None:
        self.time += seconds

    def open(self) -> None:
        self.opened_at.append(self.time)
        if not self.opens:
            self.stopping = True
            return
        reason = self.opens.pop(0)
        if reason is not None:
            raise CameraError(reason)

    def read(self, timeout: float) -> Frame | None:  # noqa: ARG002 - a port
        if not self.reads:
            self.stopping = True
            return None
        return self.reads.pop(0)(self)

    def close(self) -> None:
        self.closed += 1

    def kinds(self) -> list[str]:
        return [message.model_dump()["kind"] for _, message in self.sent]

    def recognised(self) -> list[Recognised]:
        return [message for _, message in self.sent if isinstance(message, Recognised)]

    def of(self, kind: type) -> list[Message]:
        return [message for _, message in self.sent if isinstance(message, kind)]

    def changes(self) -> list[float]:
        return [at for at, message in self.sent if isinstance(message, CameraState)]

    def states(self) -> list[str]:
        return [message.state for _, message in self.sent if isinstance(message, CameraState)]


def _frame(stage: Stage) -> Frame:
    stage.time += 0.1
    picture = np.zeros((SIDE, 100, 3), np.uint8)
    picture[:, 10 : 10 + SIDE] = RED
    picture[8:, 10 : 10 + SIDE] = 255  # what is seen of red alone is dark
    stage.shown += 1
    picture[0, 10, 1] = stage.shown % 250  # a sensor's noise
    return Frame(picture, 7, stage.time)


def _repeated(stage: Stage) -> Frame:
    frame = _frame(stage)
    stage.shown -= 1
    frame.picture[0, 10, 1] = stage.shown % 250
    return frame


def _dark(stage: Stage) -> Frame:
    frame = _frame(stage)
    frame.picture[:] = 0
    frame.picture[0, 50, 1] = stage.shown % 10
    return frame


def _larger(stage: Stage) -> Frame:
    frame = _frame(stage)
    return Frame(np.pad(frame.picture, ((0, 40), (0, 60), (0, 0))), 7, stage.time)


def _nothing(stage: Stage) -> None:
    stage.time += 0.5


def _unplugged(_stage: Stage) -> None:
    raise CameraError("/dev/video0: it is gone")


def _over(_stage: Stage) -> None:
    raise EndOfFilm


STEADY: list[Act] = [_frame] * 15  # so many that a camera is back


@dataclass
class Shelf:
    """References as the database gives them."""

    stored: list[Reference] = field(default_factory=list)
    counter: int = 1
    failing: bool = False
    asked: int = 0

    def generation(self) -> int:
        self.asked += 1
        if self.failing:
            raise StoreError("edge.db: the disk reports errors")
        return self.counter

    def people(self) -> list[Person]:
        return []

    def references(self, model_version: str, *, known: frozenset[str] = frozenset()) -> list[Reference]:  # noqa: ARG002
        return [one for one in self.stored if one.id not in known]

    def reference_ids(self, model_version: str) -> frozenset[str]:  # noqa: ARG002 - a port
        return frozenset(one.id for one in self.stored)


def _loop(
    stage: Stage,
    *,
    shelf: Shelf | None = None,
    until_end: bool = False,
    paced: bool = True,
    hangs: bool = False,
    rules: WatchRules = CAMERA_RULES,
    viewer: Viewer | None = None,
) -> LivePipeline:
    scene = Scene()
    gallery = Gallery(Metric.COSINE, 3)
    if shelf is None:
        shelf = Shelf([Reference("r1", "red", "squares-1", np.array(RED, np.float32))])
    live = LivePipeline(
        pipeline=scene.live._pipeline, gaze=scene.live._gaze, gallery=gallery, rules=scene.live._rules
    )
    VisionLoop(
        camera=stage,
        live=live,
        gallery=gallery,
        sync=GallerySync(shelf, gallery, "squares-1"),
        link=stage,
        clock=stage,
        settings=VisionSettings(
            camera="camera 1",
            provider="cpu",
            yardstick=YARDSTICK,
            until_end=until_end,
            at_capture=paced,
            rules=rules,
        ),
        hangs=lambda: hangs,
        viewer=viewer,
    ).run()
    return live


@dataclass
class Spectator:
    """Looks at every second frame, and keeps what was shown."""

    shown: list[tuple[float, tuple[str | None, ...], float]] = field(default_factory=list)
    asked: int = 0

    def wants(self, now: float) -> bool:
        del now
        self.asked += 1
        return self.asked % 2 == 0

    def show(self, frame: Frame, faces: Sequence[Watched], *, now: float, shift: float = 0.0) -> None:
        del now
        self.shown.append((frame.at, tuple(face.person_id for face in faces), shift))


def test_whoever_looks_is_shown_the_frames_they_want_with_the_faces_in_them_also_dark_ones() -> None:
    spectator = Spectator()
    stage = Stage(opens=[None], reads=[*STEADY, _dark, _dark])
    _loop(stage, viewer=spectator)
    assert spectator.asked == len(STEADY) + 2
    assert len(spectator.shown) == spectator.asked // 2
    assert spectator.shown[-2][1] == ("red",)
    film = Spectator()
    _loop(Stage(opens=[None], reads=list(STEADY)), viewer=film, paced=False)
    assert all(shift >= 0 for _, _, shift in film.shown)


def test_it_is_ready_before_the_camera_is_and_says_what_it_works_with() -> None:
    stage = Stage(opens=["no such device"])
    _loop(stage)
    assert stage.sent[0][1] == Ready(
        model_version="squares-1", provider="cpu", camera="camera 1", people=1, references=1
    )
    assert stage.states() == ["lost"]


def test_a_camera_that_fails_is_tried_again_after_waits_that_double_to_thirty_seconds_and_told_once() -> None:
    stage = Stage(opens=["no such device"] * 8)
    _loop(stage)
    waits = [later - earlier for earlier, later in pairwise(stage.opened_at)]
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert stage.states() == ["lost"]


def test_while_it_waits_it_shows_life_at_least_every_second() -> None:
    stage = Stage(opens=["no such device"] * 6)
    _loop(stage)
    lives = [at for at, message in stage.sent if isinstance(message, Progress)]
    assert max(later - earlier for earlier, later in pairwise(lives)) <= 1


def test_a_loss_and_a_return_are_told_once_each_and_the_waits_begin_anew() -> None:
    stage = Stage(opens=["busy", "busy", None, None], reads=[*STEADY, _unplugged, *STEADY])
    _loop(stage)
    assert stage.states() == ["lost", "live", "lost", "live"]
    lost = stage.changes()[2]
    assert stage.opened_at[3] - lost == pytest.approx(1, abs=0.5)
    assert stage.closed >= 4


def test_a_camera_that_gives_nothing_is_lost_within_five_seconds() -> None:
    stage = Stage(opens=[None, None], reads=[_frame, *[_nothing] * 20])
    _loop(stage)
    live, lost = [at for at, message in stage.sent if isinstance(message, CameraState)]
    assert lost - live <= 5


def test_the_end_of_a_film_is_told_after_all_decisions() -> None:
    stage = Stage(opens=[None], reads=[_frame, _frame, _frame, _over])
    _loop(stage, until_end=True)
    assert stage.kinds() == ["ready", "camera", "recognised", "ended"]
    assert stage.of(Ended) == [Ended(frames=3)]


def test_a_film_that_cannot_be_read_is_an_error_where_its_end_is_the_end() -> None:
    stage = Stage(opens=["film.avi: no such file"])
    with pytest.raises(CameraError, match="no such file"):
        _loop(stage, until_end=True)


def test_a_camera_that_hangs_is_told_and_ends_the_process_that_hangs_in_it_after_ten_seconds() -> None:
    stage = Stage(opens=[None, *["its driver still hangs"] * 10], reads=[_frame, _unplugged])
    with pytest.raises(CameraError, match="still hangs"):
        _loop(stage, hangs=True)
    assert stage.states() == ["live", "lost"]
    assert stage.time - stage.changes()[1] == pytest.approx(10, abs=0.6)
    assert stage.closed


def test_a_camera_that_fails_for_long_without_hanging_costs_no_process() -> None:
    stage = Stage(opens=[None, *["it is not there"] * 10], reads=[_frame, _unplugged])
    _loop(stage)
    assert len(stage.opened_at) == 12


def test_a_frozen_camera_is_lost_within_five_seconds_and_its_repeated_frames_are_no_witness() -> None:
    stage = Stage(opens=[None, None], reads=[_frame, _frame, *[_repeated] * 60, *STEADY])
    live = _loop(stage)
    assert stage.states() == ["live", "lost", "live"]
    frozen, lost = 1000.2, stage.changes()[1]
    assert 4 <= lost - frozen <= 5
    assert live.faces == stage.shown
    assert stage.closed >= 2


def test_a_source_that_may_repeat_itself_is_looked_at_all_the_same_and_never_lost() -> None:
    stage = Stage(opens=[None], reads=[_frame, *[_repeated] * 100])
    live = _loop(stage, rules=WatchRules(silent=math.inf, frozen=math.inf))
    assert stage.states() == ["live"]
    assert live.faces == 101
    assert len(stage.recognised()) == 1


def test_a_dark_camera_is_covered_and_back_once_each_without_being_opened_anew() -> None:
    stage = Stage(opens=[None], reads=[*STEADY, *[_dark] * 60, *STEADY])
    live = _loop(stage)
    assert stage.states() == ["live", "covered", "live"]
    dark, covered = 1000 + 0.1 * len(STEADY), stage.changes()[1]
    assert 3 <= covered - dark <= 5
    assert [one.detail for one in stage.of(CameraState) if isinstance(one, CameraState)][1] == "dark"
    assert len(stage.opened_at) == 1
    assert live.faces == 2 * len(STEADY)
    assert live.tracks == 2


def test_tracks_end_when_frames_change_their_size() -> None:
    stage = Stage(opens=[None], reads=[_frame, _frame, _larger, _larger])
    live = _loop(stage)
    assert live.tracks == 2
    assert stage.states() == ["live"]
    assert stage.recognised() == []  # two frames of one track and two of another agree on nothing


def test_a_film_begins_anew_where_its_end_is_not_the_end() -> None:
    stage = Stage(opens=[None, None, None], reads=[_frame, _over, _frame, _over, _frame])
    _loop(stage)
    assert stage.states() == ["live"]
    assert not stage.of(Ended)


def test_a_decision_carries_the_figures_it_rests_on() -> None:
    stage = Stage(opens=[None], reads=[_frame] * 3)
    _loop(stage)
    (told,) = stage.recognised()
    assert (told.person_id, told.band, told.people, told.frame) == ("red", "strong", 1, 7)
    assert told.fmr == told.fpir == 0.001
    assert told.at == stage.time
    assert told.first_seen < told.at


def test_frames_of_a_film_read_as_fast_as_it_goes_are_told_by_when_they_were_read() -> None:
    def of_the_film(stage: Stage) -> Frame:
        frame = _frame(stage)
        return Frame(frame.picture, frame.number, frame.at - 500)

    stage = Stage(opens=[None], reads=[of_the_film] * 3)
    _loop(stage, paced=False)
    (told,) = stage.recognised()
    assert told.at == stage.time


def test_a_change_of_the_gallery_is_looked_for_twice_a_second_and_found() -> None:
    shelf = Shelf()

    def enrolled(stage: Stage) -> Frame:
        shelf.stored.append(Reference("r1", "red", "squares-1", np.array(RED, np.float32)))
        shelf.counter += 1
        return _frame(stage)

    stage = Stage(opens=[None], reads=[_frame, enrolled, *[_frame] * 18])
    _loop(stage, shelf=shelf)
    assert [message for message in stage.of(Progress) if isinstance(message, Progress)][-1].people == 1
    assert len(stage.recognised()) == 1
    assert 4 <= shelf.asked <= 6


def test_a_gallery_that_cannot_be_read_is_used_as_it_was_last_known() -> None:
    shelf = Shelf([Reference("r1", "red", "squares-1", np.array(RED, np.float32))])

    def broken(stage: Stage) -> Frame:
        shelf.failing = True
        return _frame(stage)

    stage = Stage(opens=[None], reads=[broken, *[_frame] * 10])
    _loop(stage, shelf=shelf)
    assert len(stage.recognised()) == 1
