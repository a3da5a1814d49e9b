"""Measures a face with OpenCV: the figures as `domain.face.QualityFigures` defines them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.domain.align import pose_of
from edge.domain.face import Detection, Landmarks, Picture, QualityFigures

SIDE = 150  # pixels, the size in which crops of any model are measured, so that limits mean the same
BLACK, WHITE = 4, 251  # grey levels up to and from which a pixel holds no detail


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
        )


def _sharpness(grey: NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian without the border of what lies outside of the picture.

    An aligner fills that with black, and the edge of the black is sharper than any face: a blurred face that
    leaves the picture would pass for a sharp one. Pure black within a face holds no detail either.
    """
    detail = cv2.Laplacian(grey, cv2.CV_32F)
    near_black = cv2.dilate((grey == 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    kept = detail[~near_black]
    return float(kept.var()) if kept.size else 0.0
