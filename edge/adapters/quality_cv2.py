"""Measures a face with OpenCV: the figures as `domain.face.QualityFigures` defines them."""

import cv2
import numpy as np

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
        return QualityFigures(
            face_width=detection.box.width,
            sharpness=float(cv2.Laplacian(grey, cv2.CV_32F).var()),
            brightness=float(grey.mean()),
            contrast=float(grey.std()),
            saturated=float(np.mean((grey <= BLACK) | (grey >= WHITE))),
            inside=detection.box.share_inside(width, height),
            yaw=0.0,
            pitch=0.0,
            roll=_roll(landmarks),
            detector=detection.confidence,
        )


def _roll(landmarks: Landmarks) -> float:
    """Return the angle of the line through the eyes; to be replaced by the pose of `domain.align`."""
    (x0, y0), (x1, y1) = landmarks.points[0], landmarks.points[2 if landmarks.scheme == "dlib5" else 1]
    angle = float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
    return (angle + 90) % 180 - 90
