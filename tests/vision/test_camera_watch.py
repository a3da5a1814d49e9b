"""A simulated camera fails in every way, and its watch sees, says and recovers each."""

from dataclasses import dataclass, field
from random import Random

import pytest

from edge.domain.camera_watch import (
    CameraWatch,
    CloseCamera,
    Condition,
    Effect,
    GiveUp,
    OpenCamera,
    SayCovered,
    SayLive,
    SayLost,
    WatchRules,
)
from edge.domain.frame_look import FrameLook

RULES = WatchRules()
GOOD = FrameLook(identical=False, dark=False, flat=False, size=(640, 360))
SAME = FrameLook(identical=True, dark=False, flat=False, size=(640, 360))
LARGER = FrameLook(identical=False, dark=False, flat=False, size=(1280, 720))
BLACK = FrameLook(identical=True, dark=True, flat=True, size=(640, 360))
GREY = FrameLook(identical=False, dark=False, flat=True, size=(640, 360))

TICK = 0.1
FAULTS = ("ends", "blocks", "repeats", "garbage", "black", "flat")
HARMLESS = ("resizes", "none")


@dataclass
class Simulation:
    """A watch with its driver, and a camera with the fault of the moment; ten frames a second."""

    rules: WatchRules = RULES
    fault: str = "none"
    hangs: bool = False
    at: float = 100.0
    open: bool = False
    opened: list[float] = field(default_factory=list)
    said: list[tuple[float, Effect]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = CameraWatch(self.rules, self.at)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            self.at += TICK
            self._do(self.watch.tick(self.at))
            if self.open:
                self._read()

    def told(self) -> list[type[Effect]]:
        """Return what was said since the last time this was asked."""
        told = [type(effect) for _, effect in self.said]
        self.said.clear()
        return told

    def _read(self) -> None:
        if self.fault == "ends":
            self._do(self.watch.failed(self.at, "it ended"))
        elif self.fault not in {"blocks", "garbage"}:
            looks = {"repeats": SAME, "black": BLACK, "flat": GREY, "resizes": LARGER}
            self._do(self.watch.see(self.at, looks.get(self.fault, GOOD)))

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, OpenCamera):
                assert not self.open
                self.opened.append(self.at)
                if self.fault == "ends":
                    self._do(self.watch.failed(self.at, "it is not there", hangs=self.hangs))
                else:
                    self.open = True
                    self._do(self.watch.opened(self.at))
            elif isinstance(effect, CloseCamera):
                assert self.open
                self.open = False
            else:
                self.said.append((self.at, effect))


@pytest.fixture
def live() -> Simulation:
    simulation = Simulation()
    simulation.run(3)
    assert simulation.told() == [SayLive]
    return simulation


def test_the_start_is_said_with_the_first_frame() -> None:
    simulation = Simulation()
    simulation.run(2 * TICK)
    [(at, effect)] = simulation.said
    assert at == pytest.approx(100 + TICK)
    assert effect == SayLive(None)
    assert simulation.watch.condition is Condition.LIVE


def test_a_camera_that_is_not_there_at_the_start_is_lost_once_and_comes_back() -> None:
    simulation = Simulation(fault="ends")
    simulation.run(6)
    assert simulation.told() == [SayLost]
    simulation.fault = "none"
    simulation.run(10)
    assert simulation.told() == [SayLive]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_seen_within_5_seconds_and_its_end_within_10(fault: str, live: Simulation) -> None:
    live.fault, began = fault, live.at
    live.run(8)
    at, effect = live.said[0]
    assert at - began <= 5
    assert isinstance(effect, SayCovered if fault in {"black", "flat"} else SayLost)
    assert len(live.told()) == 1
    live.fault, ended = "none", live.at
    live.run(12)
    [(at, effect)] = live.said
    assert at - ended <= 10
    assert isinstance(effect, SayLive)
    assert effect.after is not None
    assert ended - began - 5 <= effect.after <= at - began


@pytest.mark.parametrize("seed", range(3))
def test_200_random_faults_are_each_said_once_and_recovered(seed: int, live: Simulation) -> None:
    random = Random(seed)  # noqa: S311 - an order of events, no secret
    for _ in range(200):
        live.fault, began = random.choice(FAULTS + HARMLESS), live.at
        harmless = live.fault in HARMLESS
        live.run(random.uniform(5.2, 8))
        condition = live.watch.condition
        if harmless:
            assert live.said == []
        else:
            at, effect = live.said[0]
            assert at - began <= 5
            assert len(live.told()) == 1
            expected = Condition.COVERED if isinstance(effect, SayCovered) else Condition.LOST
            assert condition is expected
        live.fault = "none"
        live.run(10)
        assert live.told() == ([] if harmless else [SayLive])
        assert live.watch.condition is Condition.LIVE
        live.run(random.uniform(0, 3))
        assert live.told() == []


def test_the_back_off_doubles_from_1_to_30_seconds(live: Simulation) -> None:
    live.fault, live.opened = "ends", []
    live.run(130)
    waits = [round(later - sooner) for sooner, later in zip(live.opened, live.opened[1:], strict=False)]
    assert waits == [2, 4, 8, 16, 30, 30, 30]
    assert live.told() == [SayLost]


def test_a_camera_that_keeps_failing_after_a_moment_is_lost_once_and_tried_less_and_less(
    live: Simulation,
) -> None:
    live.opened = []
    live.fault = "ends"
    live.run(0.5)
    for _ in range(2000):
        live.fault = "none"
        live.run(0.5)  # too short to be well again
        live.fault = "ends"
        live.run(TICK)
    assert live.told() == [SayLost]
    assert len(live.opened) < 60


def test_short_faults_are_not_worth_a_word(live: Simulation) -> None:
    for fault in ("blocks", "repeats", "black", "flat"):
        live.fault = fault
        live.run(2)
        live.fault = "none"
        live.run(2)
    assert live.told() == []


def test_a_covered_camera_that_then_is_lost_says_both_and_one_return(live: Simulation) -> None:
    for fault in ("black", "blocks", "none"):
        live.fault = fault
        live.run(8)
    assert live.told() == [SayCovered, SayLost, SayLive]


def test_a_lost_camera_that_comes_back_black_is_covered(live: Simulation) -> None:
    for fault in ("ends", "black", "none"):
        live.fault = fault
        live.run(7)
    assert live.told() == [SayLost, SayCovered, SayLive]


def test_a_frozen_camera_is_not_back_before_its_picture_changes(live: Simulation) -> None:
    live.fault = "repeats"
    live.run(60)
    assert live.told() == [SayLost]
    assert len(live.opened) > 3
    live.fault = "none"
    live.run(31)
    assert live.told() == [SayLive]


def test_black_frames_that_never_change_reopen_the_camera_without_a_word(live: Simulation) -> None:
    live.fault = "black"
    live.run(100)
    assert live.told() == [SayCovered]
    assert 2 <= len(live.opened) <= 6


def test_a_source_that_may_repeat_itself_is_not_frozen() -> None:
    simulation = Simulation(WatchRules(frozen=float("inf")))
    simulation.run(2)
    simulation.fault = "repeats"
    simulation.run(100)
    assert simulation.told() == [SayLive]


def test_a_driver_that_hangs_for_long_costs_the_process(live: Simulation) -> None:
    live.fault, live.hangs = "ends", True
    live.run(9)
    assert live.told() == [SayLost]
    live.run(10)
    assert live.told() == [GiveUp]


@pytest.mark.parametrize(
    ("look", "usable"), [(GOOD, True), (LARGER, True), (SAME, False), (BLACK, False), (GREY, False)]
)
def test_only_new_frames_with_something_to_see_are_usable(look: FrameLook, usable: bool) -> None:
    assert look.usable is usable
