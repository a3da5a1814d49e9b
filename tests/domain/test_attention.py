from collections import Counter
from collections.abc import Collection

import pytest

from edge.domain.attention import Attention, AttentionRules, Look

RATE = 15.0


def looks(
    seconds: float, *, moving: bool = False, followed: int = 0, undecided: int = 0, rate: float = 1.0
) -> Counter[Look]:
    attention = Attention(AttentionRules())
    return Counter(
        attention.look(number / RATE, moving=moving, followed=followed, undecided=undecided, rate=rate)
        for number in range(round(seconds * RATE))
    )


def times_of_whole_looks(seconds: float, *, moving: Collection[int] = ()) -> list[float]:
    attention = Attention(AttentionRules())
    found = []
    for number in range(round(seconds * RATE)):
        at = number / RATE
        if attention.look(at, moving=number in moving, followed=0, undecided=0) is Look.WHOLE:
            found.append(round(at, 1))
    return found


def test_an_empty_scene_is_looked_at_ever_less_but_never_less_than_each_eight_seconds() -> None:
    assert times_of_whole_looks(40) == [0, 2, 6, 14, 22, 30, 38]


def test_where_something_moved_a_look_follows_soon_and_two_seconds_later() -> None:
    assert times_of_whole_looks(20, moving={150}) == [0, 2, 6, 10, 12, 16]


def test_motion_is_looked_at_several_times_a_second() -> None:
    assert looks(10, moving=True)[Look.WHOLE] == 50
    assert looks(10, moving=True)[Look.NEAR] == 0


def test_a_face_that_is_not_decided_is_looked_at_in_every_frame() -> None:
    seen = looks(10, followed=1, undecided=1)
    assert seen[Look.NONE] == 0
    assert seen[Look.WHOLE] == 10


def test_whoever_else_moves_is_looked_for_also_while_a_face_is_followed() -> None:
    seen = looks(10, moving=True, followed=1)
    assert seen[Look.WHOLE] == 50


def test_a_decided_face_is_looked_at_less_and_others_are_still_looked_for() -> None:
    seen = looks(10, followed=1)
    assert seen[Look.WHOLE] == 10
    assert 35 <= seen[Look.NEAR] <= 45
    assert seen[Look.NONE] >= 90


def test_a_face_that_was_lost_is_looked_for_in_the_whole_picture_at_once() -> None:
    attention = Attention(AttentionRules())
    assert attention.look(0.0, moving=False, followed=1, undecided=1) is Look.WHOLE
    assert attention.look(0.3, moving=False, followed=1, undecided=1) is Look.NEAR
    attention.missed()
    assert attention.look(0.4, moving=False, followed=1, undecided=1) is Look.WHOLE
    assert attention.look(0.5, moving=False, followed=1, undecided=1) is Look.NEAR


@pytest.mark.parametrize("rate", [0.5, 0.25])
def test_a_hot_box_looks_less_often(rate: float) -> None:
    assert looks(40, moving=True, rate=rate)[Look.WHOLE] == pytest.approx(200 * rate, rel=0.1)


@pytest.mark.parametrize(("rate", "every"), [(1.0, 1), (0.5, 2), (0.25, 4), (0.0, 20)])
def test_a_hot_box_looks_at_undecided_faces_in_fewer_frames(rate: float, every: int) -> None:
    seen = looks(60, followed=1, undecided=1, rate=rate)
    assert (seen[Look.NEAR] + seen[Look.WHOLE]) == pytest.approx(900 / every, rel=0.15)


def test_a_paused_box_still_looks_now_and_then() -> None:
    assert looks(41, rate=0.0)[Look.WHOLE] == 2
    assert looks(40, moving=True, rate=0.0)[Look.WHOLE] == 10
