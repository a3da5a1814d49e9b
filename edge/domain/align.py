"""What five landmarks say of a face: where its crop lies in the picture, and how the head is turned."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Landmarks, LandmarkScheme

# How far the nose point of a scheme stands below the line through the eyes when a face looks at the camera,
# and how far it stands out of the face towards it, both as shares of the distance between the eye points.
# The drop is the median over frontal portraits (0.52 for dlib's base of the nose between outer corners,
# 0.50 for the nose tip between eye centres); the depths are those of an average head (nose base 40 mm
# before outer corners 90 mm apart, tip 38 mm before centres 63 mm apart). Good for telling a turned face,
# not for measuring angles.
NOSE_DROP = {LandmarkScheme.DLIB5: 0.52, LandmarkScheme.ARCFACE5: 0.50}
NOSE_DEPTH = {LandmarkScheme.DLIB5: 0.45, LandmarkScheme.ARCFACE5: 0.60}
NOSE = {LandmarkScheme.DLIB5: 4, LandmarkScheme.ARCFACE5: 2}


def pose_of(landmarks: Landmarks) -> tuple[float, float, float]:
    """Return (yaw, pitch, roll) of a head in degrees, estimated from five landmarks; 0, 0, 0 is frontal.

    Yaw is positive where the nose points to the right of the picture, pitch where it points down, roll where
    the head leans clockwise as seen. Landmarks that lie on one point give 90° of each, as no face does.
    """
    left, right = _eyes(landmarks)
    along = (right[0] - left[0], right[1] - left[1])
    span = math.hypot(*along)
    if span == 0:
        return 90.0, 90.0, 90.0
    nose = landmarks.points[NOSE[landmarks.scheme]]
    middle = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
    offset = (nose[0] - middle[0], nose[1] - middle[1])
    aside = (offset[0] * along[0] + offset[1] * along[1]) / span**2
    below = (offset[1] * along[0] - offset[0] * along[1]) / span**2
    depth = NOSE_DEPTH[landmarks.scheme]
    yaw = math.degrees(math.atan2(aside, depth))
    drop = below * math.cos(math.radians(yaw))  # a turned head shows its eyes nearer together
    pitch = math.degrees(math.atan2(drop - NOSE_DROP[landmarks.scheme], depth))
    roll = math.degrees(math.atan2(along[1], along[0]))
    return yaw, pitch, roll


def _eyes(landmarks: Landmarks) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the eye point on the left of the picture and the one on its right, of an upright face."""
    points = landmarks.points
    if landmarks.scheme is LandmarkScheme.DLIB5:
        return points[2], points[0]  # the outer corners: dlib numbers the eye on the right first
    return points[0], points[1]


def template_transform(
    landmarks: Landmarks, template: Sequence[tuple[float, float]], width: int, height: int
) -> NDArray[np.float64]:
    """Return the 2×3 matrix that moves landmarks onto a template by turning, scaling and shifting alone.

    `template` holds the five points as fractions of a crop of `width`×`height` pixels. The matrix takes a
    pixel (x, y, 1) of the picture to one of the crop and is the least-squares similarity without mirroring
    (Umeyama, Least-squares estimation of transformation parameters between two point patterns, 1991).
    Landmarks that lie on one point or are no numbers give a matrix of zeros and a shift: the crop is of one
    colour.
    """
    source = np.array(landmarks.points, np.float64)
    target = np.array(template, np.float64) * (width, height)
    if not np.isfinite(source).all():
        source = np.zeros_like(source)
    from_mean, to_mean = source.mean(axis=0), target.mean(axis=0)
    away, towards = source - from_mean, target - to_mean
    spread = float((away**2).sum())
    u, strengths, vt = np.linalg.svd(towards.T @ away)
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt)) or 1.0])
    scale = float(strengths @ signs) / spread if spread > 0 else 0.0
    turn = scale * (u * signs) @ vt
    return np.hstack([turn, (to_mean - turn @ from_mean)[:, None]])
