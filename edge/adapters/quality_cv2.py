"""Measures a face with OpenCV: the figures as `domain.face.QualityFigures` defines them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.domain.align import pose_of
from edge.domain.face import Detection, Landmarks, Picture, QualityFigures

SIDE = 150  # pixels, the size in which crops of any model are measured, so that limits mean the same
BLACK, WHITE = 4, 251  # grey levels up to and from which a pixel holds no detail
SMOOTHING = 1.2  # pixels: blurs noise away, and little of what tells a sharp face from a blurred one
DERIVATIVES = tuple(
    np.array(kernel, np.float32)
    for kernel in (
        [[0, 0, 0], [1, -2, 1], [0, 0, 0]],
        [[0, 1, 0], [0, -2, 0], [0, 1, 0]],
        [[0.5, 0, 0], [0, -1, 0], [0, 0, 0.5]],  # the diagonal's pixels are √2 apart
        [[0, 0, 0.5], [0, -1, 0], [0.5, 0, 0]],
    )
)
SCALE = 20.0  # the gain of a plain Laplacian for white noise: keeps the figures in the order of its variance
PATCH = 5  # pixels of pure black each way that no face has


class QualityCv2:
    """Measures; what is good enough is for the core to say."""

    def measure(
        self, picture: Picture, detection: Detection, landmarks: Landmarks, crop: Picture
    ) -> QualityFigures:
        """Return the figures of one face of an RGB picture, with its aligned RGB crop."""
        grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
        if grey.shape != (SIDE, SIDE):
            grey = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        height, width = picture.shape[:2]
        yaw, pitch, roll = pose_of(landmarks)
        return QualityFigures(
            face_width=detection.box.width,
            sharpness=_sharpness(np.asarray(grey, np.uint8)),
            brightness=float(grey.mean()),
            contrast=float(grey.std()),
            saturated=float(np.mean((grey <= BLACK) | (grey >= WHITE))),
            inside=detection.box.share_inside(width, height),
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            detector=detection.confidence,
            span=detection.box.width / min(height, width),
        )


def _sharpness(grey: NDArray[np.uint8]) -> float:
    """Return how much detail there is in the direction that has least of it.

    It is the variance of the second derivative, of four directions the least: a moving face keeps its detail
    across the motion. Smoothing comes first, because noise looks like detail to a derivative: with the plain
    Laplacian a noisy camera (standard deviation 8) makes any blurred face look sharp.
    """
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), SMOOTHING)
    kept = _inside(grey)
    if not kept.any():
        return 0.0
    spreads = (cv2.meanStdDev(cv2.filter2D(smooth, cv2.CV_32F, one), mask=kept)[1] for one in DERIVATIVES)
    return SCALE * min(float(spread[0, 0]) ** 2 for spread in spreads)


def _inside(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 0 where an aligner filled in black for what lies outside of the picture, and around it; else 1.

    The edge of that black is sharper than any face.
    """
    black = cv2.erode((grey == 0).astype(np.uint8), np.ones((PATCH, PATCH), np.uint8))
    reach = PATCH + 2 * round(4 * SMOOTHING)
    return np.asarray(1 - cv2.dilate(black, np.ones((reach, reach), np.uint8)), np.uint8)
