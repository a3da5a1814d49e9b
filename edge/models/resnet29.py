"""Turns the weights of dlib's ResNet-29 into an ONNX graph that gives dlib's own numbers.

Input `crops`: n×150×150×3 uint8 RGB, as the pictures of the core are; output `vectors`: n×128 float32. What
dlib's input layer does, (v - mean) / 256 per channel, is folded into the first convolution, which is not
padded, so that folding is exact. The same weights always give the same bytes: the checksum is part of the
model version, and two terminals with the same version may exchange vectors.
"""

import math

import numpy as np
import onnx
from onnx import TensorProto, helper

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
from edge.models.graph import GraphWriter


def build_resnet29(net: ResNet29) -> onnx.ModelProto:
    """Return the checked ONNX model of a net, in float32."""
    graph = _Graph(net)
    graph.build()
    return graph.model("resnet29", crops_info(), vectors_info())


def crops_info() -> onnx.ValueInfoProto:
    """Return the input of the net, whatever numbers it computes with."""
    return helper.make_tensor_value_info("crops", TensorProto.UINT8, ["n", SIDE, SIDE, 3])


def vectors_info() -> onnx.ValueInfoProto:
    """Return the output of the net."""
    return helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", DIMENSION])


def with_input_layer(layer: Convolution) -> Convolution:
    """Fold (v - mean) / 256 into the first convolution; exact sums give the same bits everywhere."""
    weights = layer.weights / INPUT_SCALE
    means = np.array(CHANNEL_MEANS)[None, :, None, None]
    shift = [math.fsum(products) for products in (weights * means).reshape(len(weights), -1)]
    return Convolution(weights, layer.biases - np.array(shift))


def halved(side: int, window: int) -> int:
    """Return the output size of an unpadded window with stride 2."""
    return (side - window) // 2 + 1


class _Graph(GraphWriter):
    def __init__(self, net: ResNet29) -> None:
        super().__init__()
        self._matrix = net.matrix
        self._convolutions = iter(enumerate(net.convolutions))

    def build(self) -> None:
        value = self.node("Cast", "pixels", "crops", to=TensorProto.FLOAT)
        value = self.node("Transpose", "planes", value, perm=[0, 3, 1, 2])
        number, first = next(self._convolutions)
        value = self._convolve(value, number, with_input_layer(first), stride=2)
        value = self.node("Relu", "stem", value)
        value = self.node("MaxPool", "stem_pool", value, kernel_shape=[3, 3], strides=[2, 2])
        side = halved(halved(SIDE, 7), 3)
        inputs = STEM
        for number, block in enumerate(BLOCKS):
            value = self._block(value, f"block{number}", block, inputs, side)
            side = halved(side, 2) if block.down else side
            inputs = block.filters
        value = self.node("GlobalAveragePool", "pooled", value)
        value = self.node("Flatten", "features", value)
        self.node("MatMul", "vectors", value, self.constant("matrix", self._matrix))

    def _block(self, value: str, name: str, block: Block, inputs: int, side: int) -> str:
        number, first = next(self._convolutions)
        inner = self._convolve(value, number, first, stride=2 if block.down else 1)
        inner = self.node("Relu", f"{name}_relu", inner)
        number, second = next(self._convolutions)
        inner = self._convolve(inner, number, second, stride=1)
        skip = value
        if block.down:
            skip = self.node("AveragePool", f"{name}_pool", value, kernel_shape=[2, 2], strides=[2, 2])
            # dlib adds tensors of different sizes as if the smaller one ended in zeros.
            skip = self._pad(f"{name}_channels", skip, channels=block.filters - inputs)
            inner = self._pad(f"{name}_border", inner, border=halved(side, 2) - halved(side, 3))
        return self.node("Relu", name, self.node("Add", f"{name}_sum", inner, skip))

    def _convolve(self, value: str, number: int, layer: Convolution, *, stride: int) -> str:
        name = f"conv{number}"
        side = layer.weights.shape[2]
        return self.node(
            "Conv",
            name,
            value,
            self.constant(f"{name}_weights", layer.weights.astype(np.float32)),
            self.constant(f"{name}_biases", layer.biases.astype(np.float32)),
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[side // 2 if stride == 1 else 0] * 4,
        )

    def _pad(self, name: str, value: str, *, channels: int = 0, border: int = 0) -> str:
        if not channels and not border:
            return value
        sizes = np.array([0, 0, 0, 0, 0, channels, border, border], dtype=np.int64)
        return self.node("Pad", name, value, self.constant(f"{name}_sizes", sizes))
