import numpy as np
import pytest
from numpy.typing import NDArray

from edge.domain.face import Frame
from edge.domain.frame_look import FrameEye, FrameLook

Picture = NDArray[np.uint8]


class Eye:
    """An eye for pictures."""

    def __init__(self) -> None:
        self.eye = FrameEye()

    def look(self, picture: Picture) -> FrameLook:
        return self.eye.look(Frame(picture, 0, 0.0))


class Wall:
    """A bare, rough wall, lit from one side, with a sensor's noise."""

    def __init__(self, noise: float = 2.0) -> None:
        self._random = np.random.default_rng(5)
        self._noise = noise
        rough = self._random.normal(0, 3, (45, 80, 1)).repeat(8, 0).repeat(8, 1)
        self._wall = (np.linspace(100, 140, 640)[None, :, None] + rough) * np.ones((1, 1, 3))

    def shot(self, light: float = 1.0) -> Picture:
        noisy = self._wall * light + self._random.normal(0, self._noise, self._wall.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)


def test_a_repeated_frame_is_identical_and_a_new_one_of_the_same_scene_is_not() -> None:
    wall, eye = Wall(1.0), Eye()
    first = wall.shot()
    assert not eye.look(first).identical
    assert eye.look(first.copy()).identical
    assert not eye.look(wall.shot()).identical
    changed = wall.shot()
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
    look = Eye().look(picture)
    assert (look.dark, look.flat, look.usable) == (dark, flat, False)
    assert look.size == (640, 360)


def test_a_bare_wall_and_a_dim_room_are_usable() -> None:
    for light in (1.0, 0.3):
        assert Eye().look(Wall().shot(light=light)).usable
