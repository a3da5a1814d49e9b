import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.domain.align import pose_of, template_transform
from edge.domain.face import Landmarks, LandmarkScheme

Points = NDArray[np.float64]

# An average head in mm, x to the right of the picture, y down, z towards the camera: eye points, nose point,
# and for the five-point template two mouth corners.
HEADS = {
    LandmarkScheme.DLIB5: [(45, 0, 0), (15, 0, 8), (-45, 0, 0), (-15, 0, 8), (0, 46.8, 40.5)],
    LandmarkScheme.ARCFACE5: [(-31.5, 0, 0), (31.5, 0, 0), (0, 31.5, 37.8), (-25, 65, 15), (25, 65, 15)],
}
# The template of Open Model Zoo's face-reidentification-retail-0095, as fractions of the crop.
TEMPLATE = (
    (0.31557, 0.46157),
    (0.68262, 0.46157),
    (0.50026, 0.64051),
    (0.34947, 0.82469),
    (0.65344, 0.82325),
)


def seen(
    scheme: LandmarkScheme, *, yaw: float = 0, pitch: float = 0, roll: float = 0, scale: float = 1.7
) -> Landmarks:
    """Return the landmarks of the head after turning it, far enough from the camera for no perspective."""
    y, p, r = (math.radians(angle) for angle in (yaw, pitch, roll))
    turn_yaw = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    turn_pitch = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    turn_roll = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    points = np.array(HEADS[scheme], np.float64) @ (turn_roll @ turn_pitch @ turn_yaw).T * scale
    return Landmarks(scheme, tuple((float(x) + 300, float(y) + 200) for x, y, _ in points))


def mirrored(landmarks: Landmarks) -> Landmarks:
    points = [(-x, y) for x, y in landmarks.points]
    order = (2, 3, 0, 1, 4) if landmarks.scheme is LandmarkScheme.DLIB5 else (1, 0, 2, 4, 3)
    return Landmarks(landmarks.scheme, tuple(points[place] for place in order))


@pytest.mark.parametrize("scheme", LandmarkScheme)
@pytest.mark.parametrize("angle", [-40, -20, 0, 20, 40])
def test_yaw_and_roll_are_found_and_signed_as_promised(scheme: LandmarkScheme, angle: float) -> None:
    assert pose_of(seen(scheme, yaw=angle)) == pytest.approx((angle, 0, 0), abs=0.5)
    assert pose_of(seen(scheme, roll=angle)) == pytest.approx((0, 0, angle), abs=0.5)


@pytest.mark.parametrize("scheme", LandmarkScheme)
@pytest.mark.parametrize("angle", [-25, -15, 15, 25])
def test_pitch_is_found_well_enough_for_a_limit(scheme: LandmarkScheme, angle: float) -> None:
    yaw, pitch, roll = pose_of(seen(scheme, pitch=angle))
    assert pitch == pytest.approx(angle, abs=8)
    assert (yaw, roll) == pytest.approx((0, 0), abs=0.5)


@given(
    scheme=st.sampled_from(LandmarkScheme),
    yaw=st.floats(-45, 45),
    pitch=st.floats(-30, 30),
    roll=st.floats(-60, 60),
    scale=st.floats(0.1, 20),
)
def test_a_mirrored_face_has_the_mirrored_pose_and_size_does_not_matter(
    scheme: LandmarkScheme, yaw: float, pitch: float, roll: float, scale: float
) -> None:
    landmarks = seen(scheme, yaw=yaw, pitch=pitch, roll=roll)
    turned, nodded, leant = pose_of(landmarks)
    assert pose_of(mirrored(landmarks)) == pytest.approx((-turned, nodded, -leant), abs=1e-6)
    other = seen(scheme, yaw=yaw, pitch=pitch, roll=roll, scale=scale)
    assert pose_of(other) == pytest.approx((turned, nodded, leant), abs=1e-6)


@given(scheme=st.sampled_from(LandmarkScheme), yaw=st.floats(-40, 40), roll=st.floats(-40, 40))
def test_leaning_the_head_changes_roll_alone(scheme: LandmarkScheme, yaw: float, roll: float) -> None:
    upright, leant = pose_of(seen(scheme, yaw=yaw)), pose_of(seen(scheme, yaw=yaw, roll=roll))
    assert leant[:2] == pytest.approx(upright[:2], abs=1e-6)
    assert leant[2] - upright[2] == pytest.approx(roll, abs=1e-6)


@pytest.mark.parametrize("scheme", LandmarkScheme)
def test_points_that_lie_on_one_another_are_no_frontal_face(scheme: LandmarkScheme) -> None:
    assert pose_of(Landmarks(scheme, ((7.0, 7.0),) * 5)) == (90.0, 90.0, 90.0)


def moved(matrix: NDArray[np.float64], points: Points) -> Points:
    return points @ matrix[:, :2].T + matrix[:, 2]


@given(
    angle=st.floats(-math.pi, math.pi),
    scale=st.floats(0.05, 50),
    shift=st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000)),
    size=st.tuples(st.integers(16, 512), st.integers(16, 512)),
)
def test_a_turned_scaled_and_shifted_template_is_brought_back_exactly(
    angle: float, scale: float, shift: tuple[float, float], size: tuple[int, int]
) -> None:
    target = np.array(TEMPLATE) * size
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    source = target @ turn.T + shift
    landmarks = Landmarks(LandmarkScheme.ARCFACE5, tuple((float(x), float(y)) for x, y in source))
    matrix = template_transform(landmarks, TEMPLATE, *size)
    assert matrix.shape == (2, 3)
    assert matrix.dtype == np.float64
    assert moved(matrix, source) == pytest.approx(target, abs=1e-6)


def error(matrix: NDArray[np.float64], source: Points, target: Points) -> float:
    return float(((moved(matrix, source) - target) ** 2).sum())


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_no_other_similarity_brings_the_points_nearer_to_the_template(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source = rng.normal(size=(5, 2)) * 40
    landmarks = Landmarks(LandmarkScheme.ARCFACE5, tuple((float(x), float(y)) for x, y in source))
    target = np.array(TEMPLATE) * 112
    matrix = template_transform(landmarks, TEMPLATE, 112, 112)
    a, b = matrix[:, 0]
    assert matrix[:, 1] == pytest.approx((-b, a), abs=1e-9)  # turned and scaled, neither sheared nor mirrored
    best = error(matrix, source, target)
    for _ in range(20):
        da, db, dx, dy = rng.normal(size=4) * (1e-3, 1e-3, 0.1, 0.1)
        other = matrix + np.array([[da, -db, dx], [db, da, dy]])
        assert error(other, source, target) >= best


def test_a_mirrored_face_is_turned_rather_than_mirrored_back() -> None:
    source = np.array(TEMPLATE) * (-112, 112) + (200, 0)
    landmarks = Landmarks(LandmarkScheme.ARCFACE5, tuple((float(x), float(y)) for x, y in source))
    assert np.linalg.det(template_transform(landmarks, TEMPLATE, 112, 112)[:, :2]) > 0


@pytest.mark.parametrize("value", [5.0, math.nan, math.inf])
def test_landmarks_of_no_extent_give_a_crop_of_one_colour(value: float) -> None:
    landmarks = Landmarks(LandmarkScheme.ARCFACE5, ((value, value),) * 5)
    matrix = template_transform(landmarks, TEMPLATE, 112, 112)
    assert (matrix[:, :2] == 0).all()
    assert np.isfinite(matrix).all()
