"""The motion gate on made-up scenes with the noise of a sensor."""

from collections.abc import Sequence

import numpy as np
import pytest

from edge.domain.blocks import block_means
from edge.domain.face import Box, Picture
from edge.domain.motion import MotionGate, MotionRules

RATE = 15.0
RANDOM = np.random.default_rng(7)


def scene(*, light: float = 1.0, face: int | None = None, noise: float = 5.0) -> Picture:
    """Return a textured wall, noisy; with a darker square of 80 pixels at column `face`."""
    rows, columns = np.mgrid[0:360, 0:640]
    grey = (120 + 30 * np.sin(rows / 17) + 20 * np.cos(columns / 23)) * light
    if face is not None:
        grey[140:220, face : face + 80] -= 40
    noisy = grey[:, :, None] + RANDOM.normal(0, noise, (360, 640, 3))
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


class Gate:
    """A motion gate for pictures."""

    def __init__(self) -> None:
        self.gate = MotionGate(MotionRules())

    def moves(self, picture: Picture, at: float, *, apart_from: Sequence[Box] = ()) -> bool:
        return self.gate.moves(block_means(picture), at, apart_from=apart_from)


def test_the_first_frame_and_one_of_another_size_count_as_motion() -> None:
    gate = Gate()
    assert gate.moves(scene(), 0.0)
    assert not gate.moves(scene(), 1 / RATE)
    assert gate.moves(scene()[:240], 2 / RATE)


def test_the_noise_of_a_sensor_is_no_motion() -> None:
    gate = Gate()
    gate.moves(scene(), 0.0)
    assert not any(gate.moves(scene(), number / RATE) for number in range(1, 60))


def test_a_face_that_enters_and_one_that_walks_are_motion_in_every_frame() -> None:
    gate = Gate()
    gate.moves(scene(), 0.0)
    assert all(gate.moves(scene(face=100 + 6 * number), number / RATE) for number in range(1, 30))


def test_what_stays_becomes_background() -> None:
    gate = Gate()
    gate.moves(scene(), 0.0)
    seen = [gate.moves(scene(face=200), number / RATE) for number in range(1, 120)]
    assert seen[0]
    assert not any(seen[-15:])


def test_a_slow_change_of_light_is_no_motion_and_a_sudden_one_is() -> None:
    gate = Gate()
    gate.moves(scene(), 0.0)
    slow = [gate.moves(scene(light=1 + 0.0005 * number), number / RATE) for number in range(1, 100)]
    assert not any(slow)
    assert gate.moves(scene(light=1.3), 100 / RATE)


def test_what_moves_where_it_may_does_not_count_and_what_moves_beside_it_does() -> None:
    gate = Gate()
    gate.moves(scene(), 0.0)
    around = Box(90, 130, 130, 400)
    assert not gate.moves(scene(face=100), 1 / RATE, apart_from=[around])
    assert gate.moves(scene(face=120), 2 / RATE, apart_from=[Box(400, 130, 130, 400), Box(-50, -90, 20, 20)])
    assert gate.moves(scene(face=250), 3 / RATE, apart_from=[around])


@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (8, 8), (361, 643), (4, 700)])
def test_pictures_of_any_size_are_taken(shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 77, np.uint8)
    means = block_means(picture)
    assert means.dtype == np.float32
    assert np.all(means == 77)
    gate = Gate()
    gate.moves(picture, 0.0)
    assert not gate.moves(picture, 1.0)


def test_a_block_is_the_mean_of_its_green_pixels() -> None:
    picture = np.zeros((16, 16, 3), np.uint8)
    picture[:8, :8, 1] = 200
    picture[:, :, 0] = 255
    assert block_means(picture).tolist() == [[200, 0], [0, 0]]
