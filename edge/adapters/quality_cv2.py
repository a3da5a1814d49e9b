"""Measures a face with OpenCV: the figures as `domain.face.QualityFigures` defines them."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.domain.align import pose_of
from edge.domain.face import Detection, Landmarks, Picture, QualityFigures

SIDE = 150  # pixels, the size in which crops of any model are measured, so that limits mean the same
BLACK, WHITE = 4, 251  # grey levels up to and from which a pixel holds no detail
FINE, COARSE = 1.2, 3.0  # pixels of smoothing under the second and under the first derivative
# Second and first derivatives in four directions; the diagonals' pixels are √2 apart.
CURVATURES, SLOPES = (
    tuple(np.array(kernel, np.float32) for kernel in kernels)
    for kernels in (
        (
            [[0, 0, 0], [1, -2, 1], [0, 0, 0]],
            [[0, 1, 0], [0, -2, 0], [0, 1, 0]],
            [[0.5, 0, 0], [0, -1, 0], [0, 0, 0.5]],
            [[0, 0, 0.5], [0, -1, 0], [0.5, 0, 0]],
        ),
        (
            [[0, 0, 0], [-0.5, 0, 0.5], [0, 0, 0]],
            [[0, -0.5, 0], [0, 0, 0], [0, 0.5, 0]],
            [[-(0.125**0.5), 0, 0], [0, 0, 0], [0, 0, 0.125**0.5]],
            [[0, 0, 0.125**0.5], [0, 0, 0], [-(0.125**0.5), 0, 0]],
        ),
    )
)
MARGIN = 5  # pixels at the edge of the crop, where the derivatives see what is mirrored there
LEAST = 0.1  # grey levels a pixel, standard deviation of the slope: below it there is nothing to be sharp
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
    """Return how fine the detail is in the direction in which it is least so.

    That is 100 times the variance of the second derivative by that of the first: how steep the edges are, for
    as much contrast as there is, so that it depends neither on light nor on the colour of skin. Of four
    directions the least counts, because a moving face keeps its detail across the motion. Smoothing comes
    first, because noise looks like detail to a derivative.
    """
    kept = _inside(grey)
    if not kept.any():
        return 0.0
    fine, coarse = (cv2.GaussianBlur(grey.astype(np.float32), (0, 0), by) for by in (FINE, COARSE))
    ratios = []
    for curvature, slope in zip(CURVATURES, SLOPES, strict=True):
        steep = _variance(coarse, slope, kept)
        ratios.append(_variance(fine, curvature, kept) / steep if steep >= LEAST**2 else 0.0)
    return 100 * min(ratios)


def _variance(grey: NDArray[Any], kernel: NDArray[np.float32], kept: NDArray[np.uint8]) -> float:
    return float(cv2.meanStdDev(cv2.filter2D(grey, cv2.CV_32F, kernel), mask=kept)[1][0, 0]) ** 2


def _inside(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 1 where the derivatives see the face, 0 at the edges and around what an aligner filled in.

    That is black for what lies outside of the picture, and the edge of the black is sharper than any face.
    """
    black = cv2.erode((grey == 0).astype(np.uint8), np.ones((PATCH, PATCH), np.uint8))
    reach = PATCH + 2 * round(4 * COARSE)
    kept = 1 - cv2.dilate(black, np.ones((reach, reach), np.uint8))
    kept[:MARGIN] = kept[-MARGIN:] = kept[:, :MARGIN] = kept[:, -MARGIN:] = 0
    return np.asarray(kept, np.uint8)
