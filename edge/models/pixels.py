"""Turns crops into the input of a model, as its profile describes it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Picture
from edge.models.profile import InputFormat


def model_input(crops: NDArray[np.uint8], pixels: InputFormat) -> NDArray[Any]:
    """Return n×height×width×3 uint8 RGB crops in the layout, colour order, type and scale of a model."""
    values: NDArray[Any] = crops if pixels.colour == "RGB" else crops[..., ::-1]
    if pixels.type == "float32":
        values = values.astype(np.float32)
        values -= np.array(pixels.mean, dtype=np.float32)
        values /= np.array(pixels.std, dtype=np.float32)
    if pixels.layout == "NCHW":
        values = values.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(values)


def reference_crop(width: int, height: int) -> Picture:
    """Return the height×width×3 uint8 RGB picture that reference vectors of models are given for.

    Whole numbers only, so that it is the same everywhere and for ever: curved bands, another in each colour.
    """
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    planes = [
        (x * x + 3 * y * y + 5 * x * y) // 64 + 85 * colour + (x, y, x + y)[colour] for colour in range(3)
    ]
    return np.stack(planes, axis=2).astype(np.uint8)
