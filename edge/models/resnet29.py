"""Turns the weights of dlib's ResNet-29 into an ONNX graph that gives dlib's own numbers.

Input `crops`: n×150×150×3 uint8 RGB, as the pictures of the core are; output `vectors`: n×128 float32. What
dlib's input layer does, (v - mean) / 256 per channel, is folded into the first convolution, which is not
padded, so that folding is exact. The same weights always give the same bytes: the checksum is part of the
model version, and two terminals with the same version may exchange vectors.
"""

import math
from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge.models.dlib_dat import (
    BLOCKS,
    CHANNEL_MEANS,
    DIMENSION,
    INPUT_SCALE,
    SIDE,
    STEM,
    Block,
    Convolution,
    ResNet29,
)

# The oldest that know every operator in the form used here, so that older runtimes load the file too.
OPSET = 17
IR_VERSION = 8


def build_resnet29(net: ResNet29) -> onnx.ModelProto:
    """Return the checked ONNX model of a net."""
    graph = _Graph(net)
    graph.build()
    pixels = helper.make_tensor_value_info("crops", TensorProto.UINT8, ["n", SIDE, SIDE, 3])
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", DIMENSION])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "resnet29", [pixels], [vectors], graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="edge",
    )
    onnx.checker.check_model(model, full_check=True)
    return model


class _Graph:
    """Nodes and constants, collected in forward order; a value has the name of the node that gives it."""

    def __init__(self, net: ResNet29) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._matrix = net.matrix
        self._convolutions = iter(enumerate(net.convolutions))

    def build(self) -> None:
        value = self._node("Cast", "pixels", "crops", to=TensorProto.FLOAT)
        value = self._node("Transpose", "planes", value, perm=[0, 3, 1, 2])
        number, first = next(self._convolutions)
        value = self._convolve(value, number, _with_input_layer(first), stride=2)
        value = self._node("Relu", "stem", value)
        value = self._node("MaxPool", "stem_pool", value, kernel_shape=[3, 3], strides=[2, 2])
        side = _halved(_halved(SIDE, 7), 3)
        inputs = STEM
        for number, block in enumerate(BLOCKS):
            value = self._block(value, f"block{number}", block, inputs, side)
            side = _halved(side, 2) if block.down else side
            inputs = block.filters
        value = self._node("GlobalAveragePool", "pooled", value)
        value = self._node("Flatten", "features", value)
        self._node("MatMul", "vectors", value, self._constant("matrix", self._matrix))

    def _block(self, value: str, name: str, block: Block, inputs: int, side: int) -> str:
        number, first = next(self._convolutions)
        inner = self._convolve(value, number, first, stride=2 if block.down else 1)
        inner = self._node("Relu", f"{name}_relu", inner)
        number, second = next(self._convolutions)
        inner = self._convolve(inner, number, second, stride=1)
        skip = value
        if block.down:
            skip = self._node("AveragePool", f"{name}_pool", value, kernel_shape=[2, 2], strides=[2, 2])
            # dlib adds tensors of different sizes as if the smaller one ended in zeros.
            skip = self._pad(f"{name}_channels", skip, channels=block.filters - inputs)
            inner = self._pad(f"{name}_border", inner, border=_halved(side, 2) - _halved(side, 3))
        return self._node("Relu", name, self._node("Add", f"{name}_sum", inner, skip))

    def _convolve(self, value: str, number: int, layer: Convolution, *, stride: int) -> str:
        name = f"conv{number}"
        side = layer.weights.shape[2]
        return self._node(
            "Conv",
            name,
            value,
            self._constant(f"{name}_weights", layer.weights.astype(np.float32)),
            self._constant(f"{name}_biases", layer.biases.astype(np.float32)),
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[side // 2 if stride == 1 else 0] * 4,
        )

    def _pad(self, name: str, value: str, *, channels: int = 0, border: int = 0) -> str:
        if not channels and not border:
            return value
        sizes = np.array([0, 0, 0, 0, 0, channels, border, border], dtype=np.int64)
        return self._node("Pad", name, value, self._constant(f"{name}_sizes", sizes))

    def _constant(self, name: str, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, operator: str, name: str, *inputs: str, **attributes: int | Sequence[int]) -> str:
        node = helper.make_node(operator, list(inputs), [name], name)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return name


def _with_input_layer(layer: Convolution) -> Convolution:
    """Fold (v - mean) / 256 into the first convolution; exact sums give the same bits everywhere."""
    weights = layer.weights / INPUT_SCALE
    means = np.array(CHANNEL_MEANS)[None, :, None, None]
    shift = [math.fsum(products) for products in (weights * means).reshape(len(weights), -1)]
    return Convolution(weights, layer.biases - np.array(shift))


def _halved(side: int, window: int) -> int:
    """Return the output size of an unpadded window with stride 2."""
    return (side - window) // 2 + 1
