"""The same net in 8-bit integers: weights int8 per channel, activations uint8, in ONNX's QDQ form.

Runtimes turn each group DequantizeLinear → operator → QuantizeLinear into one integer operator. Ranges of
the activations come from outside (`calibrate.py`); with them the same weights give the same bytes, as in the
float form. What is small or gives the vector itself stays float: the last sum, the mean, the matrix.

CPUs without dot-product instructions (x86 before VNNI) add two products of bytes in 16 bits and cut off what
does not fit there, which moves vectors twice as far as rounding does. So weights use 7 of the 8 bits: the
sums fit, the vectors are the same on every CPU, and rounding moves them little more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray

from edge.models.dlib_dat import BLOCKS, SIDE, STEM, Block, Convolution, ResNet29
from edge.models.graph import GraphWriter
from edge.models.resnet29 import crops_info, halved, vectors_info, with_input_layer

Ranges: TypeAlias = Mapping[str, tuple[float, float]]

# The values whose ranges are needed, by their names in the float graph.
RANGED: tuple[str, ...] = (
    "stem",
    *(name for n in range(len(BLOCKS)) for name in (f"block{n}_relu", f"conv{2 * n + 2}", f"block{n}")),
)[:-1]  # the last sum stays float

LARGEST = 63  # of the weights: 2 · 255 · 63 fits in 16 bits with a sign, 2 · 255 · 127 does not

_CLIPS = np.linspace(0.7, 1.0, 16)  # shares of the largest weight that are tried as the end of the scale


@dataclass(frozen=True, slots=True)
class _Value:
    """A uint8 value in the graph and what its numbers mean: real = (number - zero) · scale."""

    name: str
    scale: np.float32
    zero: int = 0


def build_resnet29_int8(net: ResNet29, ranges: Ranges) -> onnx.ModelProto:
    """Return the checked ONNX model of a net; `ranges` has an entry (least, largest) for each of RANGED."""
    graph = _Graph(net, ranges)
    graph.build()
    return graph.model("resnet29_int8", crops_info(), vectors_info())


class _Graph(GraphWriter):
    def __init__(self, net: ResNet29, ranges: Ranges) -> None:
        super().__init__()
        self._matrix = net.matrix
        self._convolutions = iter(enumerate(net.convolutions))
        self._ranges = ranges

    def build(self) -> None:
        planes = self.node("Transpose", "planes", "crops", perm=[0, 3, 1, 2])
        number, first = next(self._convolutions)
        value = self._convolve(
            _Value(planes, np.float32(1)), number, with_input_layer(first), stride=2, result="stem"
        )
        pooled = self.node("MaxPool", "stem_pool", value.name, kernel_shape=[3, 3], strides=[2, 2])
        value = _Value(pooled, value.scale)
        side, inputs = halved(halved(SIDE, 7), 3), STEM
        for number, block in enumerate(BLOCKS[:-1]):
            total = self._block(value, f"block{number}", block, inputs, side)
            value = self._quantise(total, f"block{number}")
            side = halved(side, 2) if block.down else side
            inputs = block.filters
        total = self._block(value, f"block{len(BLOCKS) - 1}", BLOCKS[-1], inputs, side)
        last = self.node("Relu", "last", total)
        mean = self.node("Flatten", "features", self.node("GlobalAveragePool", "pooled", last))
        self.node("MatMul", "vectors", mean, self.constant("matrix", self._matrix))

    def _block(self, value: _Value, name: str, block: Block, inputs: int, side: int) -> str:
        """Add a block and return its sum, still float; its relu is the next scale, which has no negatives."""
        number, first = next(self._convolutions)
        stride = 2 if block.down else 1
        inner = self._convolve(value, number, first, stride=stride, result=f"{name}_relu")
        number, second = next(self._convolutions)
        inner = self._convolve(inner, number, second, stride=1, result=f"conv{number}")
        skip = value
        if block.down:
            skip = self._halve(value, name, block.filters, inputs)
            inner = self._pad(inner, name, halved(side, 2) - halved(side, 3))
        return self.node("Add", f"{name}_sum", self._real(inner), self._real(skip, f"{name}_skip"))

    def _convolve(
        self, value: _Value, number: int, layer: Convolution, *, stride: int, result: str
    ) -> _Value:
        name = f"conv{number}"
        numbers, scales = _whole_weights(layer.weights)
        products = scales * value.scale  # the scale of a sum of products, and so of the bias
        biases = np.rint(layer.biases / products.astype(np.float64)).astype(np.int32)
        side = layer.weights.shape[2]
        real = self.node(
            "Conv",
            f"{name}_real",
            self._real(value, f"{name}_input"),
            self._weights(f"{name}_weights", numbers, scales),
            self._weights(f"{name}_biases", biases, products),
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[side // 2 if stride == 1 else 0] * 4,
        )
        return self._quantise(real, result)

    def _halve(self, value: _Value, name: str, outputs: int, inputs: int) -> _Value:
        """Average 2×2 pixels and end the channels in zeros: as a convolution that is one integer operator."""
        numbers = np.zeros((outputs, inputs, 2, 2), dtype=np.int8)
        numbers[range(inputs), range(inputs)] = LARGEST
        scales = np.full(outputs, 0.25 / LARGEST, dtype=np.float32)
        weights = self._weights(f"{name}_mean", numbers, scales)
        real = self.node(
            "Conv",
            f"{name}_pool",
            self._real(value, f"{name}_pool_input"),
            weights,
            kernel_shape=[2, 2],
            strides=[2, 2],
        )
        return self._on_scale(real, f"{name}_half", value.scale, 0)

    def _pad(self, value: _Value, name: str, border: int) -> _Value:
        if not border:
            return value
        sizes = self.constant(f"{name}_border", np.array([0, 0, 0, 0, 0, 0, border, border], dtype=np.int64))
        zero = self.constant(f"{name}_nothing", np.array(value.zero, dtype=np.uint8))
        return _Value(self.node("Pad", f"{name}_padded", value.name, sizes, zero), value.scale, value.zero)

    def _quantise(self, real: str, name: str) -> _Value:
        """Round a value to the scale of its range; one that starts at 0 cuts negatives off as a relu does."""
        low, high = self._ranges[name]
        least = min(low, 0.0) if name.startswith("conv") else 0.0
        scale = np.float32((max(high, 1e-6) - least) / 255)
        return self._on_scale(real, f"{name}_whole", scale, round(-least / float(scale)))

    def _on_scale(self, real: str, name: str, scale: np.float32, zero: int) -> _Value:
        constants = self._scale(name, np.asarray(scale), np.array(zero, dtype=np.uint8))
        return _Value(self.node("QuantizeLinear", name, real, *constants), scale, zero)

    def _real(self, value: _Value, name: str = "") -> str:
        name = name or f"{value.name}_real"
        constants = self._scale(name, np.asarray(value.scale), np.array(value.zero, dtype=np.uint8))
        return self.node("DequantizeLinear", name, value.name, *constants)

    def _weights(self, name: str, numbers: NDArray[np.generic], scales: NDArray[np.float32]) -> str:
        constants = self._scale(name, scales, np.zeros(len(scales), dtype=numbers.dtype))
        whole = self.constant(f"{name}_whole", numbers)
        return self.node("DequantizeLinear", name, whole, *constants, axis=0)

    def _scale(self, name: str, scale: NDArray[np.float32], zero: NDArray[np.generic]) -> tuple[str, str]:
        return self.constant(f"{name}_scale", scale), self.constant(f"{name}_zero", zero)


def _whole_weights(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round each output channel's weights, on the scale that leaves the least squared error."""
    largest = np.abs(weights).reshape(len(weights), -1).max(axis=1)
    best = np.full(len(weights), np.inf)
    scales = np.ones(len(weights), dtype=np.float32)
    for clip in _CLIPS:
        tried = np.maximum(largest * clip / LARGEST, 1e-12).astype(np.float32)
        error = ((_rounded(weights, tried) * _each(tried) - weights) ** 2).sum(axis=(1, 2, 3))
        better = error < best
        best[better], scales[better] = error[better], tried[better]
    return _rounded(weights, scales).astype(np.int8), scales


def _rounded(weights: NDArray[np.float64], scales: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.clip(np.rint(weights / _each(scales)), -LARGEST, LARGEST)


def _each(scales: NDArray[np.float32]) -> NDArray[np.float64]:
    return scales.astype(np.float64)[:, None, None, None]
