"""Finds the ranges of a net's activations, which its 8-bit form needs, by running the float form on crops."""

from collections.abc import Iterable

import onnx
from onnx import TensorProto, helper

from edge.domain.face import Picture
from edge.models.resnet29_int8 import RANGED, Ranges
from edge.models.session import open_session


def activation_ranges(model: onnx.ModelProto, crops: Iterable[Picture]) -> Ranges:
    """Return the least and the largest value of each of RANGED over 150×150×3 uint8 RGB crops.

    The largest ever, not a share of all: one saturated activation late in the net moves a vector further
    than all the rounding that a narrower range saves.
    """
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in RANGED
    )
    session = open_session(watched.SerializeToString())
    ranges = dict.fromkeys(RANGED, (0.0, 0.0))
    for crop in crops:
        values = session.run(list(RANGED), {"crops": crop[None]})
        for name, value in zip(RANGED, values, strict=True):
            low, high = ranges[name]
            ranges[name] = (min(low, float(value.min())), max(high, float(value.max())))
    return ranges
