"""Reads the weights of dlib's face-recognition ResNet-29 out of its `.dat` file, and refuses any other net.

The net is that of dlib's `tools/python/src/face_recognition.cpp` (`anet_type`). dlib serialises it nested:
the versions of all wrappers from the loss inwards, then the layers from the input outwards, each with its
details and its training state. Layer names and fields are those of `dlib/dnn/layers.h`, old and new: `con_4`
to `con_6`, `affine_`, `affine_2`, `fc_2`, `fc_3`, and the batch normalisation (`bn_con2`) that a net saved
straight from training still has, which dlib too turns into an affine layer when it loads one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.models.dlib_stream import DlibStream

Floats: TypeAlias = NDArray[np.float32]

SIDE = 150  # pixels of the square input
DIMENSION = 128
STEM = 32  # filters of the first convolution
CHANNEL_MEANS = (122.782, 117.001, 104.298)  # red, green, blue: what dlib's input layer subtracts
INPUT_SCALE = 256.0  # and then divides by (dlib/dnn/input.h)


@dataclass(frozen=True, slots=True)
class Block:
    """One residual block: `filters` of both its convolutions, and whether it halves the picture."""

    filters: int
    down: bool


# dlib names these levels alevel4 (first) to alevel0 (last).
BLOCKS: tuple[Block, ...] = tuple(
    Block(filters, down)
    for filters, downs in ((32, "---"), (64, "d---"), (128, "d--"), (256, "d--"), (256, "d"))
    for down in (letter == "d" for letter in downs)
)


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """A convolution with the affine layer behind it folded in.

    `weights` float64, out × in × rows × columns; `biases` float64, one per output.
    """

    weights: NDArray[np.float64]
    biases: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ResNet29:
    """All learned values: 29 convolutions in forward order and the final 256×128 matrix without bias."""

    convolutions: tuple[Convolution, ...]
    matrix: Floats


def read_resnet29(path: Path) -> ResNet29:
    """Read a `.dat` of this net; raises ModelError for every other, truncated, longer or corrupt file."""
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    try:
        with path.open("rb") as stream:
            return _net(DlibStream(stream, str(path)))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error


def _net(stream: DlibStream) -> ResNet29:
    stream.integer("the version of a dlib net with a loss", 1, 1)
    if stream.text("loss_metric_2", "loss_metric_") == "loss_metric_2":
        stream.number("the margin of the loss")
        stream.number("the distance threshold of the loss")
    for version, wrapper in _wrappers():
        stream.integer(f"the version of {wrapper}", version, version)
    _input(stream)
    convolutions = list(_convolutions(stream))
    stream.text("avg_pool_2")
    _window(stream, rows=0, stride=1)
    _state(stream)
    matrix = _matrix(stream)
    _state(stream)
    stream.end()
    return ResNet29(tuple(convolutions), matrix)


def _wrappers() -> Iterator[tuple[int, str]]:
    """Yield what stands before the input layer: one version per wrapper, the outermost first."""
    layer, tag = (2, "a layer (add_layer)"), (1, "a tag or skip layer")
    yield from (layer, layer)  # matrix, global pooling
    for block in reversed(BLOCKS):
        yield from (layer, layer)  # relu, add_prev
        if block.down:
            yield from (layer, tag, tag)  # avg_pool, skip1, tag2
        yield from (layer,) * 5  # affine, con, relu, affine, con
        yield tag  # tag1
    yield from (layer, layer, layer)  # max_pool, relu, affine
    yield 3, "the first layer (add_layer)"


def _input(stream: DlibStream) -> None:
    stream.text("input_rgb_image_sized")
    for mean, colour in zip(CHANNEL_MEANS, ("red", "green", "blue"), strict=True):
        found = stream.number(f"the mean of {colour}")
        if np.float32(found) != np.float32(mean):
            stream.refuse(f"the mean of {colour} = {mean}", found)
    for side in ("rows", "columns"):
        stream.integer(f"the input's {side}", SIDE, SIDE)


def _convolutions(stream: DlibStream) -> Iterator[Convolution]:
    filters = _filters(stream, outputs=STEM, inputs=3, side=7, stride=2)
    _state(stream)
    stream.integer("the sample expansion factor", 1, 1)
    yield _normalised(stream, filters)
    _relu(stream)
    stream.text("max_pool_2")
    _window(stream, rows=3, stride=2)
    _state(stream)
    inputs = STEM
    for block in BLOCKS:
        yield from _block(stream, block, inputs)
        inputs = block.filters


def _block(stream: DlibStream, block: Block, inputs: int) -> Iterator[Convolution]:
    stride = 2 if block.down else 1
    filters = _filters(stream, outputs=block.filters, inputs=inputs, side=3, stride=stride)
    _state(stream)
    yield _normalised(stream, filters)
    _relu(stream)
    filters = _filters(stream, outputs=block.filters, inputs=block.filters, side=3, stride=1)
    _state(stream)
    yield _normalised(stream, filters)
    if block.down:
        stream.text("avg_pool_2")
        _window(stream, rows=2, stride=2)
        _state(stream)
    stream.text("add_prev_")
    _state(stream)
    _relu(stream)


def _filters(stream: DlibStream, *, outputs: int, inputs: int, side: int, stride: int) -> Convolution:
    name = stream.text("con_4", "con_5", "con_6")
    count = outputs * inputs * side * side
    values = stream.tensor("the filters and biases", (count + outputs, 1, 1, 1))
    padding = side // 2 if stride == 1 else 0  # dlib's default: a strided convolution is not padded
    for what, value in (
        ("the number of filters", outputs),
        ("the rows of a filter", side),
        ("the columns of a filter", side),
        ("the vertical stride", stride),
        ("the horizontal stride", stride),
        ("the vertical padding", padding),
        ("the horizontal padding", padding),
    ):
        stream.integer(what, value, value)
    stream.alias("the filters' shape", (outputs, inputs, side, side))
    stream.alias("the biases' shape", (1, outputs, 1, 1))
    _multipliers(stream)
    if name != "con_4" and not stream.boolean("whether biases are used"):
        stream.refuse("a convolution with biases", "one without")
    if name == "con_6" and stream.boolean("whether a relu is fused"):
        stream.refuse("a convolution of its own", "one with a fused relu")
    weights = values[:count].reshape(outputs, inputs, side, side).astype(np.float64)
    return Convolution(weights, values[count:].astype(np.float64))


def _normalised(stream: DlibStream, filters: Convolution) -> Convolution:
    """Read the affine layer behind a convolution and fold it in (float64: folding costs no digits)."""
    count = len(filters.biases)
    name = stream.text("affine_", "affine_2", "bn_con2")
    values = stream.tensor("gamma and beta", (2 * count, 1, 1, 1)).astype(np.float64)
    for what in ("gamma", "beta"):
        stream.alias(f"the shape of {what}", (1, count, 1, 1))
    gamma, beta = values[:count], values[count:]
    if name == "bn_con2":
        gamma, beta = _batch_normalisation(stream, gamma, beta)
    else:
        stream.integer("the mode of the affine layer", 0, 0)
        if name == "affine_2" and stream.boolean("whether the affine layer is disabled"):
            stream.refuse("an affine layer in use", "a disabled one")
    _state(stream)
    return Convolution(filters.weights * gamma[:, None, None, None], filters.biases * gamma + beta)


def _batch_normalisation(
    stream: DlibStream, gamma: NDArray[np.float64], beta: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn running statistics into an affine layer, by the formula of dlib's `affine_(const bn_&)`."""
    start = len(gamma)
    stream.skip_tensor("the means of the last batch")
    stream.skip_tensor("the deviations of the last batch")
    means = stream.tensor("the running means", (1, start, 1, 1)).astype(np.float64)
    variances = stream.tensor("the running variances", (1, start, 1, 1)).astype(np.float64)
    stream.integer("the number of updates", 0)
    stream.integer("the window of the running statistics", 0)
    _multipliers(stream)
    epsilon = stream.number("epsilon")
    if np.any(variances + epsilon <= 0):
        stream.refuse("positive running variances", "one that is not")
    scale = gamma / np.sqrt(variances + epsilon)
    return scale, beta - scale * means


def _relu(stream: DlibStream) -> None:
    if stream.text("relu_", "relu_2") == "relu_2" and stream.boolean("whether the relu is disabled"):
        stream.refuse("a relu in use", "a disabled one")
    _state(stream)


def _matrix(stream: DlibStream) -> Floats:
    inputs = BLOCKS[-1].filters
    name = stream.text("fc_2", "fc_3")
    stream.integer("the number of outputs", DIMENSION, DIMENSION)
    stream.integer("the number of inputs", inputs, inputs)
    values = stream.tensor("the final matrix", (inputs, DIMENSION, 1, 1))
    stream.alias("the matrix's shape", (inputs, DIMENSION, 1, 1))
    stream.alias("the shape of no biases", (0, 0, 0, 0))
    stream.integer("the bias mode (1: none)", 1, 1)
    _multipliers(stream)
    if name == "fc_3":
        stream.boolean("whether biases are used")
    return values.reshape(inputs, DIMENSION)


def _window(stream: DlibStream, *, rows: int, stride: int) -> None:
    """Check the window of a pooling layer: square, not padded; 0 rows mean the whole picture."""
    for what, value in (
        ("the rows of the window", rows),
        ("the columns of the window", rows),
        ("the vertical stride", stride),
        ("the horizontal stride", stride),
        ("the vertical padding", 0),
        ("the horizontal padding", 0),
    ):
        stream.integer(what, value, value)


def _multipliers(stream: DlibStream) -> None:
    for what in ("learning rate", "weight decay", "bias learning rate", "bias weight decay"):
        stream.number(f"the {what} multiplier")


def _state(stream: DlibStream) -> None:
    """Pass over the training state that ends every layer."""
    for what in ("set up", "stale", "without output"):
        stream.boolean(f"whether the layer is {what}")
    for what in ("gradient", "output", "parameter gradient"):
        stream.skip_tensor(f"the layer's {what}")
