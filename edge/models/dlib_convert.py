"""Converts a `.dat` of dlib's net and compares the result with dlib itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx

from edge.errors import ModelError
from edge.models.dlib_dat import SIDE, ResNet29, read_resnet29
from edge.models.session import open_session
from edge.models.synthetic import synthetic_crops

CROPS = 24  # compared with dlib before a conversion is accepted
TOLERANCE = 1e-5  # of any value of a vector; float32 arithmetic in another order gives 2e-6 at most

Progress: TypeAlias = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """A net, its float form, and the largest difference of any value of a vector from dlib's."""

    net: ResNet29
    model: onnx.ModelProto
    difference: float


def convert(dat: Path, progress: Progress) -> Converted:
    """Return the ONNX form of a `.dat`; raises ModelError where it is no such net or not equal to dlib."""
    from edge.models.resnet29 import build_resnet29

    progress(f"reading {dat.name}", 0.05)
    net = read_resnet29(dat)
    progress("building the ONNX graph", 0.1)
    model = build_resnet29(net)
    difference = _difference_from_dlib(dat, model.SerializeToString(), progress)
    if not difference < TOLERANCE:
        raise ModelError(
            f"{dat}: the converted model is not accepted: it differs from dlib by {difference:.2g}, "
            f"more than {TOLERANCE:g}"
        )
    return Converted(net, model, difference)


def _difference_from_dlib(dat: Path, model: bytes, progress: Progress) -> float:
    """Return the largest difference of any value between both on pictures that hold no person."""
    import dlib

    progress("loading both", 0.15)
    try:
        peer = dlib.face_recognition_model_v1(str(dat))
    except RuntimeError as error:
        raise ModelError(f"{dat}: dlib itself does not load it: {error}") from error
    session = open_session(model)
    largest = 0.0
    for number, crop in enumerate(synthetic_crops(CROPS, SIDE, SIDE)):
        progress("comparing with dlib", 0.2 + 0.5 * number / CROPS)
        expected = np.array(peer.compute_face_descriptor(crop))
        found = session.run(None, {"crops": crop[None]})[0][0]
        largest = max(largest, float(np.abs(found - expected).max()))
    return largest
