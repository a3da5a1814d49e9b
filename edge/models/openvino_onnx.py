"""Turns a net read from OpenVINO IR into ONNX: the few operations that the zoo's face models are made of."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from edge.errors import ModelError
from edge.models.graph import GraphWriter
from edge.models.openvino_ir import Layer, LayerError, Network, read_ir


def convert_ir(xml: Path) -> onnx.ModelProto:
    """Return the ONNX model of `NAME.xml` and `NAME.bin`; raises ModelError for what is no such net.

    Input `crops`: n × channels × rows × columns float32 as the zoo documents it; output `vectors`: n ×
    values. The numbers of a net published in FP16 are computed with in float32.
    """
    network = read_ir(xml)
    try:
        return _Converter(network).converted()
    except LayerError as error:
        raise ModelError(f"{xml}: {error}") from error
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ModelError(f"{xml}: its layers do not fit together: {str(error).splitlines()[0]}") from error


class _Converter(GraphWriter):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network
        self._values: dict[str, str] = {}
        self._constants_read: dict[str, NDArray[np.generic]] = {}
        self._shape: list[int] = []
        self._result = ""

    def converted(self) -> onnx.ModelProto:
        for layer in self._network.layers:
            self._add(layer)
        if not self._shape or not self._result:
            raise LayerError("it has no input or no result")
        self.node("Flatten", "vectors", self._result)
        crops = helper.make_tensor_value_info("crops", TensorProto.FLOAT, ["n", *self._shape[1:]])
        vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", None])
        return self.model(self._network.name, crops, vectors)

    def _add(self, layer: Layer) -> None:
        if layer.constant is not None:
            self._constants_read[layer.id] = layer.constant
            return
        add = _OPERATIONS.get(layer.kind)
        if add is None:
            raise LayerError(
                f"layer {layer.name!r}: {layer.kind} is not among the operations read: "
                f"{', '.join(_OPERATIONS)}"
            )
        needed = _INPUTS.get(layer.kind, 1)
        if len(layer.inputs) != needed:
            raise LayerError(
                f"layer {layer.name!r} ({layer.kind}) takes {len(layer.inputs)} inputs, not {needed}"
            )
        add(self, layer)

    def parameter(self, layer: Layer) -> None:
        if self._shape:
            raise LayerError("it has more than one input")
        self._shape = layer.integers("shape")
        if len(self._shape) != 4:  # noqa: PLR2004 - n, channels, rows, columns
            raise LayerError(f"its input has {len(self._shape)} dimensions, not 4")
        self._values[layer.id] = "crops"

    def result(self, layer: Layer) -> None:
        if self._result:
            raise LayerError("it has more than one result")
        self._result = self._value(layer.inputs[0])

    def convert(self, layer: Layer) -> None:
        """Pass a change between float types on: everything is float32 here."""
        source = layer.inputs[0]
        if source in self._constants_read:
            self._constants_read[layer.id] = self._constants_read[source]
        else:
            self._values[layer.id] = self._value(source)

    def convolution(self, layer: Layer) -> None:
        weights = self._weights(layer, 4)
        self._convolve(layer, weights, 1)

    def group_convolution(self, layer: Layer) -> None:
        weights = self._weights(layer, 5)
        self._convolve(layer, weights.reshape(-1, *weights.shape[2:]), len(weights))

    def prelu(self, layer: Layer) -> None:
        slope = self._constant(layer, 1).reshape(-1, 1, 1)
        name = _name(layer)
        self._give(layer, "PRelu", self._value(layer.inputs[0]), self.constant(f"{name}_slope", slope))

    def sigmoid(self, layer: Layer) -> None:
        self._give(layer, "Sigmoid", self._value(layer.inputs[0]))

    def add(self, layer: Layer) -> None:
        self._give(layer, "Add", *map(self._value, layer.inputs))

    def multiply(self, layer: Layer) -> None:
        self._give(layer, "Mul", *map(self._value, layer.inputs))

    def average_pool(self, layer: Layer) -> None:
        counted = layer.data.get("exclude-pad", "false") == "false"
        self._pool(layer, "AveragePool", count_include_pad=int(counted))

    def max_pool(self, layer: Layer) -> None:
        self._pool(layer, "MaxPool")

    def _convolve(self, layer: Layer, weights: NDArray[np.generic], group: int) -> None:
        name = _name(layer)
        self._give(
            layer,
            "Conv",
            self._value(layer.inputs[0]),
            self.constant(f"{name}_weights", weights),
            kernel_shape=list(weights.shape[2:]),
            strides=layer.integers("strides"),
            pads=_pads(layer),
            dilations=layer.integers("dilations", "1,1"),
            group=group,
        )

    def _pool(self, layer: Layer, operator: str, **attributes: int) -> None:
        self._give(
            layer,
            operator,
            self._value(layer.inputs[0]),
            kernel_shape=layer.integers("kernel"),
            strides=layer.integers("strides"),
            pads=_pads(layer),
            ceil_mode=int(layer.data.get("rounding_type", "floor") == "ceil"),
            **attributes,
        )

    def _give(self, layer: Layer, operator: str, *inputs: str, **attributes: int | list[int]) -> None:
        self._values[layer.id] = self.node(operator, _name(layer), *inputs, **attributes)

    def _value(self, source: str) -> str:
        if source in self._constants_read:
            name = f"constant{source}"
            if source not in self._values:
                self._values[source] = self.constant(name, self._constants_read[source])
            return name
        return self._values[source]

    def _constant(self, layer: Layer, position: int) -> NDArray[np.generic]:
        found = self._constants_read.get(layer.inputs[position])
        if found is None or found.dtype != np.float32:
            raise LayerError(
                f"layer {layer.name!r} ({layer.kind}): input {position} is no constant of floats"
            )
        return found

    def _weights(self, layer: Layer, dimensions: int) -> NDArray[np.generic]:
        found = self._constant(layer, 1)
        if found.ndim != dimensions:
            raise LayerError(f"layer {layer.name!r} ({layer.kind}): weights of {found.ndim} dimensions")
        return found


_OPERATIONS: dict[str, Callable[[_Converter, Layer], None]] = {
    "Parameter": _Converter.parameter,
    "Result": _Converter.result,
    "Convert": _Converter.convert,
    "Convolution": _Converter.convolution,
    "GroupConvolution": _Converter.group_convolution,
    "PReLU": _Converter.prelu,
    "Sigmoid": _Converter.sigmoid,
    "Add": _Converter.add,
    "Multiply": _Converter.multiply,
    "AvgPool": _Converter.average_pool,
    "MaxPool": _Converter.max_pool,
}
_INPUTS = {"Parameter": 0, "Convolution": 2, "GroupConvolution": 2, "PReLU": 2, "Add": 2, "Multiply": 2}


def _name(layer: Layer) -> str:
    """Return a name of its own for a layer's value; those in the file need not be unique."""
    return f"layer{layer.id}"


def _pads(layer: Layer) -> list[int]:
    automatic = layer.data.get("auto_pad", "explicit")
    if automatic == "valid":
        return [0, 0, 0, 0]
    if automatic not in {"explicit", "notset"}:
        raise LayerError(f"layer {layer.name!r} ({layer.kind}): auto_pad {automatic!r} is not read")
    return layer.integers("pads_begin") + layer.integers("pads_end")
