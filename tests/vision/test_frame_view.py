import numpy as np
import pytest
from numpy.typing import NDArray

from edge.domain.face import Box, Detection, Landmarks, LandmarkScheme
from edge.domain.frame_view import Turn, detect_in, upright
from edge.domain.zone import ZONES, Zone

Scene = NDArray[np.uint8]

RED, GREEN, BLUE, YELLOW = "RED", "GREEN", "BLUE", "YELLOW"


def quarters(picture: Scene) -> list[str]:
    """Return the colours of a picture's quarters, row by row."""
    height, width = picture.shape[:2]
    names = {(True, False, False): RED, (False, True, False): GREEN, (False, False, True): BLUE}
    found = []
    for y, x in ((1, 1), (1, 3), (3, 1), (3, 3)):
        pixel = picture[height * y // 4, width * x // 4] > 100
        found.append(names.get((bool(pixel[0]), bool(pixel[1]), bool(pixel[2])), YELLOW))
    return found


@pytest.mark.parametrize(
    ("turn", "mirror", "expected"),
    [
        (0, False, [RED, GREEN, BLUE, YELLOW]),
        (90, False, [BLUE, RED, YELLOW, GREEN]),
        (180, False, [YELLOW, BLUE, GREEN, RED]),
        (270, False, [GREEN, YELLOW, RED, BLUE]),
        (0, True, [GREEN, RED, YELLOW, BLUE]),
        (90, True, [RED, BLUE, GREEN, YELLOW]),
    ],
)
def test_frames_are_turned_clockwise_and_then_mirrored(
    turn: Turn, mirror: bool, expected: list[str], scene: Scene
) -> None:
    seen = upright(scene, turn=turn, mirror=mirror)
    assert quarters(seen) == expected
    assert seen.shape == ((48, 64, 3) if turn in {0, 180} else (64, 48, 3))
    assert seen.flags.c_contiguous


def test_a_frame_that_needs_nothing_is_not_copied(scene: Scene) -> None:
    assert upright(scene) is scene


def test_zones_are_those_of_the_picture_as_it_is_seen(scene: Scene) -> None:
    seen: list[Scene] = []

    def detect(picture: Scene) -> list[Detection]:
        seen.append(picture)
        return []

    for name, colour in (
        ("top-left", RED),
        ("top-right", GREEN),
        ("bottom-left", BLUE),
        ("bottom-right", YELLOW),
    ):
        detect_in(ZONES[name], scene, detect)
        assert quarters(seen[-1]) == [colour] * 4
        assert seen[-1].shape == (24, 32, 3)
        assert seen[-1].flags.c_contiguous
    detect_in(ZONES["centre"], scene, detect)
    assert quarters(seen[-1]) == [RED, GREEN, BLUE, YELLOW]
    assert seen[-1].shape == (24, 32, 3)
    detect_in(ZONES["whole"], scene, detect)
    assert seen[-1] is scene


def test_what_is_found_in_a_zone_is_told_in_the_whole_picture(scene: Scene) -> None:
    marks = Landmarks(LandmarkScheme.ARCFACE5, ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10)))
    inside = [Detection(Box(-1, 2, 10, 12), 0.9, marks), Detection(Box(0, 0, 4, 4), 0.5)]
    found = detect_in(Zone(0.25, 0.5, 1, 1), scene, lambda _: inside)
    assert found[0].box == Box(15, 26, 10, 12)
    assert found[0].landmarks == Landmarks(
        LandmarkScheme.ARCFACE5, ((17, 26), (19, 28), (21, 30), (23, 32), (25, 34))
    )
    assert (found[1].box, found[1].confidence, found[1].landmarks) == (Box(16, 24, 4, 4), 0.5, None)


@pytest.mark.parametrize("sides", [(0.5, 0, 0.5, 1), (0, 0.6, 1, 0.5), (-0.1, 0, 1, 1), (0, 0, 1, 1.1)])
def test_an_empty_or_overhanging_zone_is_refused(sides: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="fractions"):
        Zone(*sides)


def test_the_smallest_zone_still_has_a_pixel() -> None:
    for zone in (Zone(0.999, 0.999, 1, 1), Zone(0, 0, 0.001, 0.001)):
        left, top, right, bottom = zone.pixels(20, 10)
        assert 0 <= left < right <= 20
        assert 0 <= top < bottom <= 10
