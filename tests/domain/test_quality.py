import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.face import QualityFigures
from edge.domain.quality import QualityLimits, QualityReason, judge

LIMITS = QualityLimits(
    min_width=80,
    min_sharpness=11,
    min_brightness=40,
    max_brightness=220,
    min_contrast=15,
    max_saturated=0.35,
    min_inside=0.9,
    max_yaw=35,
    max_pitch=30,
    max_roll=35,
    min_detector=0.2,
    max_span=0.8,
)
GOOD = QualityFigures(
    face_width=150,
    sharpness=30,
    brightness=128,
    contrast=40,
    saturated=0,
    inside=1,
    yaw=0,
    pitch=0,
    roll=0,
    detector=1.5,
    span=0.4,
)
AT_THE_LIMITS = QualityFigures(80, 11, 40, 15, 0.35, 0.9, -35, 30, -35, 0.2, 0.8)


def reasons(**wrong: float) -> list[str]:
    return [reason.value for reason in judge(replace(GOOD, **wrong), LIMITS).reasons]


def test_a_good_face_and_one_at_every_limit_pass() -> None:
    assert judge(GOOD, LIMITS).ok
    assert judge(AT_THE_LIMITS, LIMITS).ok
    assert judge(replace(AT_THE_LIMITS, brightness=220), LIMITS).ok


@pytest.mark.parametrize(
    ("figure", "value", "reason"),
    [
        ("detector", 0.19, "not_a_face"),
        ("span", 0.81, "too_near"),
        ("inside", 0.89, "cut_off"),
        ("face_width", 79.9, "too_far"),
        ("brightness", 39.9, "too_dark"),
        ("brightness", 220.1, "too_bright"),
        ("saturated", 0.36, "too_bright"),
        ("contrast", 14.9, "low_contrast"),
        ("yaw", 35.1, "look_at_camera"),
        ("yaw", -35.1, "look_at_camera"),
        ("pitch", 30.1, "look_at_camera"),
        ("pitch", -30.1, "look_at_camera"),
        ("roll", 35.1, "look_at_camera"),
        ("roll", -35.1, "look_at_camera"),
        ("sharpness", 10.9, "hold_still"),
    ],
)
def test_each_figure_beyond_its_limit_has_one_reason(figure: str, value: float, reason: str) -> None:
    assert reasons(**{figure: value}) == [reason]


@pytest.mark.parametrize("figure", [field.name for field in fields(QualityFigures)])
def test_what_is_no_number_is_not_good(figure: str) -> None:
    assert reasons(**{figure: math.nan})


def test_what_to_do_first_comes_first() -> None:
    assert reasons(span=0.95, inside=0.8, sharpness=5) == ["too_near", "cut_off", "hold_still"]
    assert reasons(brightness=20, sharpness=5) == ["too_dark", "hold_still"]
    assert reasons(contrast=10, sharpness=5) == ["low_contrast", "hold_still"]
    assert reasons(detector=0.1, face_width=20)[0] == "not_a_face"


def test_a_flat_face_lacks_light_where_there_is_little_and_is_veiled_where_there_is_enough() -> None:
    assert reasons(brightness=50, contrast=12) == ["too_dark"]
    assert reasons(brightness=50, contrast=40) == []
    assert reasons(brightness=128, contrast=12) == ["low_contrast"]


def test_each_reason_says_what_to_do() -> None:
    sentences = [reason.sentence for reason in QualityReason]
    assert len(set(sentences)) == len(sentences)
    assert all(
        sentence.startswith(("the face", "no clear face", "part of the face")) for sentence in sentences
    )


@given(
    st.fixed_dictionaries({}, optional={one.name: st.floats(-200, 400) for one in fields(QualityFigures)}),
    st.sampled_from([(one.name, 1 if one.name.startswith("max") else -1) for one in fields(QualityLimits)]),
)
def test_a_looser_limit_never_refuses_what_a_stricter_one_passes(
    wrong: dict[str, float], looser: tuple[str, int]
) -> None:
    name, sign = looser
    figures = replace(GOOD, **wrong)
    if judge(figures, LIMITS).ok:
        assert judge(figures, replace(LIMITS, **{name: getattr(LIMITS, name) + sign * 5.0})).ok
