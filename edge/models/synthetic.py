"""Pictures without people: what converters are compared on, since no photograph may be shipped."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Picture


def synthetic_crops(count: int, width: int, height: int, seed: int = 0) -> list[Picture]:
    """Return `count` different height×width×3 uint8 RGB pictures, the same ones for the same seed.

    In turn: a drawn face, noise, soft blotches, a ramp of colours, and a hard chequerboard; the first two
    after them are all black and all white, the extremes a saturated camera gives.
    """
    random = np.random.default_rng(seed)
    kinds = (_face, _noise, _blotches, _ramp, _chequers)
    crops = [kinds[number % len(kinds)](random, width, height) for number in range(count)]
    for place, grey in zip(range(len(kinds), count), (0, 255), strict=False):
        crops[place] = np.full((height, width, 3), grey, dtype=np.uint8)
    return crops


def drawn_faces(count: int, width: int, height: int, seed: int = 0) -> list[Picture]:
    """Return `count` drawn faces, as different from each other as embedders find some people.

    For dlib's net their pairs lie on both sides of the door's threshold and near it, which makes them a hard
    test for anything that must not change decisions.
    """
    random = np.random.default_rng(seed)
    return [_face(random, width, height) for _ in range(count)]


def varied(crops: Iterable[Picture]) -> Iterator[Picture]:
    """Yield each crop as it is, mirrored, darker, brighter and with less contrast."""
    for crop in crops:
        yield crop
        yield np.ascontiguousarray(crop[:, ::-1])
        for gain, shift in ((0.6, 0.0), (1.3, 0.0), (0.7, 40.0)):
            yield _pixels(crop * gain + shift)


def _face(random: np.random.Generator, width: int, height: int) -> Picture:
    """Draw an ellipse of skin with eyes, brows, nose and mouth, lit from one side, before blotches."""
    picture = _blotches(random, width, height).astype(np.float64)
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    x, y = x + random.uniform(-0.04, 0.04), y + random.uniform(-0.04, 0.04)
    skin = np.array([90, 60, 40]) + random.uniform() * np.array([160, 155, 150])  # from dark to light
    parts = (
        (0.50, 0.50, 0.36, 0.48, skin),
        (0.33, 0.40, 0.075, 0.03, (35, 25, 25)),
        (0.67, 0.40, 0.075, 0.03, (35, 25, 25)),
        (0.33, 0.32, 0.11, 0.02, skin * 0.35),
        (0.67, 0.32, 0.11, 0.02, skin * 0.35),
        (0.50, 0.58, 0.06, 0.05, skin * 0.8),
        (0.50, 0.76, random.uniform(0.1, 0.16), 0.035, (150, 70, 75)),
    )
    for centre_x, centre_y, half_width, half_height, colour in parts:
        distance = ((x - centre_x) / half_width) ** 2 + ((y - centre_y) / half_height) ** 2
        cover = np.clip((1.15 - distance) / 0.3, 0, 1)[..., None]
        picture = picture * (1 - cover) + cover * np.asarray(colour)
    light = random.uniform(0.6, 1.2) + random.uniform(-0.5, 0.5) * (x - 0.5)
    return _pixels(picture * light[..., None] + random.normal(0, 4, picture.shape))


def _noise(random: np.random.Generator, width: int, height: int) -> Picture:
    return random.integers(0, 256, (height, width, 3), dtype=np.uint8)


def _blotches(random: np.random.Generator, width: int, height: int) -> Picture:
    """Spread a few random colours smoothly over the picture, as light and large shapes do."""
    grid = random.uniform(0, 255, (6, 6, 3))
    rows, columns = np.linspace(0, 5, height), np.linspace(0, 5, width)
    picture = _between(np.moveaxis(_between(grid, rows), 1, 0), columns)
    return _pixels(np.moveaxis(picture, 1, 0))


def _ramp(random: np.random.Generator, width: int, height: int) -> Picture:
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    slopes = random.uniform(-255, 255, (3, 2))
    return _pixels(random.uniform(0, 255, 3) + x[..., None] * slopes[:, 0] + y[..., None] * slopes[:, 1])


def _chequers(random: np.random.Generator, width: int, height: int) -> Picture:
    y, x = np.mgrid[0:height, 0:width] // int(random.integers(3, 20))
    colours = random.integers(0, 256, (2, 3), dtype=np.uint8)
    return np.asarray(colours[(x + y) % 2])


def _between(values: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Interpolate along the first axis."""
    low = np.minimum(places.astype(int), len(values) - 2)
    share = (places - low).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(values[low] * (1 - share) + values[low + 1] * share)


def _pixels(values: NDArray[np.floating]) -> Picture:
    return np.ascontiguousarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
