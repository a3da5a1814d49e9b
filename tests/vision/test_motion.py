import numpy as np
import pytest
from numpy.typing import NDArray

from edge.domain.frame_look import FrameEye
from edge.domain.motion import MotionGate, MotionRules, coarse

Picture = NDArray[np.uint8]
RATE = 10
RULES = MotionRules(hold=1, look=2, memory=5)


class Stage:
    """A rough wall with a sensor's noise, in front of which a patch may stand."""

    def __init__(self, noise: float = 2.0, *, height: int = 360, width: int = 640) -> None:
        self._random = np.random.default_rng(5)
        self._noise = noise
        rough = self._random.normal(0, 6, (height // 8, width // 8, 1)).repeat(8, 0).repeat(8, 1)
        self._wall = np.clip(np.linspace(70, 160, width)[None, :, None] + rough, 0, 255) * np.ones((1, 1, 3))

    def shot(self, patch: tuple[int, int, int] | None = None, light: float = 1.0) -> Picture:
        """Return a frame; `patch` is (left, top, side) of a darker square."""
        scene = self._wall.copy()
        if patch:
            left, top, side = patch
            scene[top : top + side, left : left + side] *= 0.7
        noisy = scene * light + self._random.normal(0, self._noise, scene.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)


def opened(gate: MotionGate, pictures: list[Picture], start: float = 0.0) -> list[bool]:
    return [gate.opens(picture, start + number / RATE) for number, picture in enumerate(pictures)]


@pytest.mark.parametrize("noise", [0.0, 2.0, 12.0])
def test_an_empty_scene_is_looked_at_now_and_then(noise: float) -> None:
    stage = Stage(noise)
    looks = opened(MotionGate(RULES), [stage.shot() for _ in range(80)])
    assert [number for number, look in enumerate(looks) if look] == [0, 20, 40, 60]


def test_somebody_who_walks_through_opens_the_gate_on_each_frame() -> None:
    stage = Stage()
    gate = MotionGate(RULES)
    opened(gate, [stage.shot() for _ in range(55)])
    walk = [stage.shot((20 * step, 120, 80)) for step in range(25)]
    assert all(opened(gate, walk, 5.5))


def test_the_gate_stays_open_for_a_while_after_motion_and_then_closes() -> None:
    stage = Stage()
    gate = MotionGate(RULES)
    opened(gate, [stage.shot() for _ in range(50)])
    opened(gate, [stage.shot((300, 100, 100))], 5.0)
    looks = opened(gate, [stage.shot() for _ in range(19)], 5.1)
    assert looks[:10] == [True] * 10
    assert not any(looks[11:])


def test_somebody_who_stands_still_becomes_background_but_is_looked_at_again() -> None:
    stage = Stage()
    gate = MotionGate(RULES)
    opened(gate, [stage.shot() for _ in range(50)])
    looks = opened(gate, [stage.shot((300, 100, 100)) for _ in range(400)], 5.0)
    assert all(looks[:10])
    assert 9 <= sum(looks[200:]) <= 11  # one look in two seconds


def test_a_lamp_or_the_exposure_is_no_motion() -> None:
    stage = Stage()
    gate = MotionGate(RULES)
    opened(gate, [stage.shot() for _ in range(45)])
    base = stage.shot().astype(int)
    brighter = [np.clip(base + 30 + step, 0, 255).astype(np.uint8) for step in range(12)]
    assert not any(opened(gate, brighter, 4.5))


def test_another_size_starts_anew_and_any_size_works() -> None:
    gate = MotionGate(RULES)
    for number, (height, width) in enumerate([(360, 640), (240, 320), (5, 5), (1080, 1920), (1, 1)]):
        assert gate.opens(
            Stage(height=max(height, 8), width=max(width, 8)).shot()[:height, :width], number / 100
        )


@pytest.mark.parametrize("shape", [(360, 640), (720, 1280), (1080, 1920), (2160, 3840), (7, 9)])
def test_cells_stay_few(shape: tuple[int, int]) -> None:
    cells = coarse(np.full((*shape, 3), 77, np.uint8))
    assert 1 <= cells.size <= 160 * 120
    assert cells.dtype == np.float32
    assert (cells == 77).all()


def test_a_repeated_frame_is_identical_and_a_new_one_of_the_same_scene_is_not() -> None:
    stage, eye = Stage(1.0), FrameEye()
    first = stage.shot()
    assert not eye.look(first).identical
    assert eye.look(first.copy()).identical
    assert not eye.look(stage.shot()).identical
    changed = stage.shot()
    eye.look(changed)
    one_pixel = changed.copy()
    one_pixel[201, 333, 2] ^= 1
    assert not eye.look(one_pixel).identical
    assert not eye.look(one_pixel[:100]).identical


@pytest.mark.parametrize(
    ("level", "noise", "dark", "flat"),
    [(2, 3, True, True), (40, 3, False, True), (250, 2, False, True)],
)
def test_a_covered_lens_is_dark_or_flat(level: int, noise: float, dark: bool, flat: bool) -> None:
    random = np.random.default_rng(3)
    picture = np.clip(random.normal(level, noise, (360, 640, 3)), 0, 255).astype(np.uint8)
    look = FrameEye().look(picture)
    assert (look.dark, look.flat, look.usable) == (dark, flat, False)
    assert look.size == (640, 360)


def test_a_bare_wall_and_a_dim_room_are_usable() -> None:
    for light in (1.0, 0.3):
        assert FrameEye().look(Stage().shot(light=light)).usable
