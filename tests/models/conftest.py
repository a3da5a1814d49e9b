"""A writer of dlib's serialisation, to make nets of any kind; real crops; models prepared once for all."""

import functools
import io
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.domain.face import Picture
from edge.models.dlib_dat import BLOCKS, CHANNEL_MEANS
from edge.models.prepare import prepare
from edge.models.profile import Form
from tests.made_once import made_once


class DatWriter:
    """Writes the primitives as dlib does."""

    def __init__(self) -> None:
        self._out = io.BytesIO()

    @property
    def data(self) -> bytes:
        return self._out.getvalue()

    def integer(self, value: int) -> None:
        magnitude = abs(value)
        count = max(1, (magnitude.bit_length() + 7) // 8)
        self._out.write(bytes([count | (0x80 if value < 0 else 0)]) + magnitude.to_bytes(count, "little"))

    def integers(self, *values: int) -> None:
        for value in values:
            self.integer(value)

    def number(self, value: float) -> None:
        if not math.isfinite(value):
            self.integers(0, 32000 if value > 0 else 32001 if value < 0 else 32002)
            return
        fraction, exponent = math.frexp(value)
        self.integers(int(fraction * 2**53), exponent - 53)

    def text(self, value: str) -> None:
        self.integer(len(value))
        self._out.write(value.encode())

    def flags(self, letters: str) -> None:
        self._out.write(letters.encode())

    def tensor(self, values: NDArray[np.float32], *shape: int) -> None:
        self.integers(2, *shape)
        self._out.write(struct.pack(f"<{values.size}f", *values.ravel()))

    def alias(self, *shape: int) -> None:
        self.integers(1, *shape)


@dataclass(frozen=True)
class NetStyle:
    """How a net is written: the layer names of one dlib version, and whether training state is left."""

    convolution: str = "con_4"
    normalisation: str = "affine_"
    relu: str = "relu_"
    matrix: str = "fc_2"
    loss: str = "loss_metric_2"
    clean: bool = True


class NetWriter(DatWriter):
    """Writes a whole net of the right shape with random weights."""

    def __init__(self, style: NetStyle, seed: int) -> None:
        super().__init__()
        self._style = style
        self._random = np.random.default_rng(seed)

    def write(self) -> bytes:
        self.integer(1)
        self.text(self._style.loss)
        if self._style.loss == "loss_metric_2":
            self.number(0.04)
            self.number(0.6)
        self._wrappers()
        self.text("input_rgb_image_sized")
        for mean in CHANNEL_MEANS:
            self.number(float(np.float32(mean)))
        self.integers(150, 150)
        self._convolution(32, 3, 7, 2)
        self.integer(1)
        self._normalisation(32)
        self._relu()
        self.text("max_pool_2")
        self.integers(3, 3, 2, 2, 0, 0)
        self._state()
        inputs = 32
        for block in BLOCKS:
            self._convolution(block.filters, inputs, 3, 2 if block.down else 1)
            self._normalisation(block.filters)
            self._relu()
            self._convolution(block.filters, block.filters, 3, 1)
            self._normalisation(block.filters)
            if block.down:
                self.text("avg_pool_2")
                self.integers(2, 2, 2, 2, 0, 0)
                self._state()
            self.text("add_prev_")
            self._state()
            self._relu()
            inputs = block.filters
        self.text("avg_pool_2")
        self.integers(0, 0, 1, 1, 0, 0)
        self._state()
        self._matrix()
        return self.data

    def _wrappers(self) -> None:
        versions = [2, 2]
        for block in reversed(BLOCKS):
            versions += [2, 2, *([2, 1, 1] if block.down else []), 2, 2, 2, 2, 2, 1]
        self.integers(*versions, 2, 2, 2, 3)

    def _normal(self, count: int, scale: float, middle: float = 0.0) -> NDArray[np.float32]:
        return self._random.normal(middle, scale, count).astype(np.float32)

    def _convolution(self, outputs: int, inputs: int, side: int, stride: int) -> None:
        count = outputs * inputs * side * side
        self.text(self._style.convolution)
        scale = math.sqrt(1 / (inputs * side * side))
        values = np.concatenate([self._normal(count, scale), self._normal(outputs, 0.1)])
        self.tensor(values, count + outputs, 1, 1, 1)
        padding = side // 2 if stride == 1 else 0
        self.integers(outputs, side, side, stride, stride, padding, padding)
        self.alias(outputs, inputs, side, side)
        self.alias(1, outputs, 1, 1)
        self._multipliers()
        if self._style.convolution != "con_4":
            self.flags("1")
        if self._style.convolution == "con_6":
            self.flags("0")
        self._state()

    def _normalisation(self, count: int) -> None:
        self.text(self._style.normalisation)
        self.tensor(
            np.concatenate([self._normal(count, 0.2, 1.0), self._normal(count, 0.1)]), 2 * count, 1, 1, 1
        )
        self.alias(1, count, 1, 1)
        self.alias(1, count, 1, 1)
        if self._style.normalisation == "bn_con2":
            for _ in range(2):
                self.tensor(np.zeros(0, np.float32), 0, 0, 0, 0)
            self.tensor(self._normal(count, 0.1), 1, count, 1, 1)
            self.tensor(np.abs(self._normal(count, 0.2, 1.0)) + np.float32(0.1), 1, count, 1, 1)
            self.integers(100, 1000)
            self._multipliers()
            self.number(1e-5)
        else:
            self.integer(0)
        if self._style.normalisation == "affine_2":
            self.flags("0")
        self._state()

    def _relu(self) -> None:
        self.text(self._style.relu)
        if self._style.relu == "relu_2":
            self.flags("0")
        self._state()

    def _matrix(self) -> None:
        self.text(self._style.matrix)
        self.integers(128, 256)
        self.tensor(self._normal(256 * 128, 0.05), 256, 128, 1, 1)
        self.alias(256, 128, 1, 1)
        self.alias(0, 0, 0, 0)
        self.integer(1)
        self._multipliers()
        if self._style.matrix == "fc_3":
            self.flags("1")
        self._state()

    def _multipliers(self) -> None:
        for value in (1.0, 1.0, 1.0, 0.0):
            self.number(value)

    def _state(self) -> None:
        self.flags("110")
        left = np.zeros(0 if self._style.clean else 6, np.float32)
        shape = (0, 0, 0, 0) if self._style.clean else (1, 2, 3, 1)
        for _ in range(3):
            self.tensor(left, *shape)


@pytest.fixture(scope="session")
def dat_writer() -> type[DatWriter]:
    return DatWriter


@pytest.fixture(scope="session")
def write_net() -> Callable[..., bytes]:
    """Return a function that gives the bytes of a random net: write_net(seed, **style)."""

    def write(seed: int = 0, **style: str | bool) -> bytes:
        return NetWriter(NetStyle(**style), seed).write()  # type: ignore[arg-type] # the keys are the tests' own

    return write


@pytest.fixture(scope="session")
def embedder_dat(dlib_models: Path) -> Path:
    return dlib_models / "dlib_face_recognition_resnet_model_v1.dat"


@functools.cache
def eyes(dlib_models: Path) -> tuple[Any, Any]:
    predictor = dlib.shape_predictor(str(dlib_models / "shape_predictor_5_face_landmarks.dat"))
    return dlib.get_frontal_face_detector(), predictor


def aligned(path: Path, dlib_models: Path) -> list[Picture]:
    """Return dlib's aligned crops of all faces of a photograph: RGB, 150×150."""
    detector, predictor = eyes(dlib_models)
    read = cv2.imread(str(path))
    assert read is not None
    picture = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)
    boxes = detector(picture, 0)
    return [np.asarray(dlib.get_face_chip(picture, predictor(picture, box), 150, 0.25)) for box in boxes]


@pytest.fixture(scope="session")
def real_crops(presidents: Path, dlib_models: Path) -> list[Picture]:
    """Return aligned crops of real photographs, each also mirrored, re-lit and blurred: RGB, 150×150."""
    crops: list[Picture] = []
    for path in sorted(presidents.glob("*.jpg")):
        for crop in aligned(path, dlib_models):
            light = np.linspace(0.5, 1.3, 150)[None, :, None]
            crops += [
                crop,
                np.ascontiguousarray(crop[:, ::-1]),
                np.clip(crop * light, 0, 255).astype(np.uint8),
                np.asarray(cv2.GaussianBlur(crop, (0, 0), 2), dtype=np.uint8),
            ]
    assert len(crops) >= 20
    return crops


@pytest.fixture(scope="session")
def dlib_vectors(real_crops: list[Picture], embedder_dat: Path) -> NDArray[np.float64]:
    """Return dlib's own vectors of the real crops."""
    model = dlib.face_recognition_model_v1(str(embedder_dat))
    return np.array([model.compute_face_descriptor(crop) for crop in real_crops])


@pytest.fixture(scope="session")
def prepared(dlib_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a models folder with dlib's two models, the embedder in float; tests do not change it."""

    def make(folder: Path) -> None:
        prepare(folder, source=dlib_models, form=Form.FP32)

    return made_once(tmp_path_factory.getbasetemp(), "prepared-fp32", make)


@pytest.fixture(scope="session")
def london_crops(shared_data: Path, dlib_models: Path) -> list[Picture]:
    """Return dlib's aligned crop of every London photograph, by path; two of each of 53 people."""
    return [
        crop
        for path in sorted((shared_data / "photos/london").glob("*/*.jpg"))
        for crop in aligned(path, dlib_models)[:1]
    ]
