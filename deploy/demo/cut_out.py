"""A person cut out of a photograph, to be put into a scene at any size."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Layer: TypeAlias = NDArray[np.float32]

SEED = 20  # of all randomness: the same photographs give the same films
SMALLEST_FACE = 16  # pixels; none in the films is smaller
UNIT = 80  # pixels: the width of the face at which people are cut out


@dataclass(frozen=True)
class Portrait:
    """A photograph and where the face is in it: the square that dlib's HOG detector gives, in pixels."""

    file: str
    left: int
    top: int
    size: int


@dataclass(frozen=True)
class Pose:
    """Where a face is at a moment: its centre and its width, in pixels of the film."""

    x: float
    y: float
    width: float


class CutOut:
    """A person with soft edges, in many sizes so that shrinking does not alias."""

    def __init__(self, photographs: Path, portrait: Portrait) -> None:
        picture = cv2.imread(str(photographs / portrait.file), cv2.IMREAD_COLOR)
        if picture is None:
            raise SystemExit(f"{photographs / portrait.file}: no such picture; run `make setup`")
        mask = _silhouette(np.asarray(picture, np.uint8), portrait)
        layer = np.dstack([picture.astype(np.float32) * mask[..., None], mask])
        self._portrait = portrait
        self._levels: list[tuple[float, Layer]] = []
        scale = 1.0
        while portrait.size * scale > SMALLEST_FACE:
            size = (round(layer.shape[1] * scale), round(layer.shape[0] * scale))
            smaller = cv2.resize(layer, size, interpolation=cv2.INTER_AREA)
            self._levels.append((scale, np.asarray(smaller, np.float32)))
            scale /= math.sqrt(2)

    def put(self, scene: Layer, pose: Pose, blur: float) -> Layer:
        """Return `scene` with the person in it, who moves sideways by `blur` pixels while it is exposed."""
        zoom = pose.width / self._portrait.size
        scale, layer = next(level for level in reversed(self._levels) if level[0] >= min(zoom, 1.0))
        zoom /= scale
        middle = self._portrait.size / 2
        x, y = (self._portrait.left + middle) * scale, (self._portrait.top + middle) * scale
        placed = np.array([[zoom, 0, pose.x - zoom * x], [0, zoom, pose.y - zoom * y]])
        person = cv2.warpAffine(layer, placed, (scene.shape[1], scene.shape[0]), flags=cv2.INTER_CUBIC)
        if blur > 1:
            person = cv2.blur(person, (round(blur), 1))
        return np.asarray(scene * (1 - person[..., 3:]) + person[..., :3], np.float32)


def _silhouette(picture: NDArray[np.uint8], portrait: Portrait) -> Layer:
    """Return the mask 0–1 of the person: what GrabCut takes for one, given a rough outline."""
    shrink = UNIT / portrait.size
    small = np.asarray(
        cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
    )
    middle = portrait.size / 2
    face = (round((portrait.left + middle) * shrink), round((portrait.top + middle) * shrink))
    labels = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    _outline(labels, face, 1.0, cv2.GC_PR_BGD)
    _outline(labels, face, 0.75, cv2.GC_PR_FGD)
    _outline(labels, face, 0.55, cv2.GC_FGD)
    cv2.setRNGSeed(SEED)
    colours = np.zeros((2, 1, 65))  # GrabCut's two colour models, which it wants room for
    cv2.grabCut(small, labels, (0, 0, 0, 0), colours[0], colours[1], 4, cv2.GC_INIT_WITH_MASK)
    person = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    kernel = np.ones((3, 3), np.uint8)
    person = np.asarray(cv2.erode(cv2.morphologyEx(person, cv2.MORPH_OPEN, kernel), kernel), np.float32)
    soft = cv2.GaussianBlur(person, (0, 0), 1.5)
    return np.asarray(cv2.resize(soft, (picture.shape[1], picture.shape[0])), np.float32)


def _outline(labels: NDArray[np.uint8], face: tuple[int, int], scale: float, label: int) -> None:
    """Draw head, neck and trunk around the centre of a face UNIT pixels wide."""
    size = round(UNIT * scale)
    x, y = face[0], face[1] - round(0.1 * UNIT)
    trunk, half, neck = y + round(1.9 * UNIT), round(1.8 * size), round(0.3 * size)
    cv2.ellipse(labels, (x, y), (round(0.7 * size), size), 0, 0, 360, label, cv2.FILLED)
    cv2.rectangle(labels, (x - neck, y), (x + neck, trunk), label, cv2.FILLED)
    cv2.ellipse(labels, (x, trunk), (half, size), 0, 180, 360, label, cv2.FILLED)
    cv2.rectangle(labels, (x - half, trunk), (x + half, labels.shape[0]), label, cv2.FILLED)
