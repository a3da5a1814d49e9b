"""Reads OpenVINO IR: a graph in XML and its constants in a `.bin` beside it, bounded and checked.

The format is OpenVINO's own (IR version 10 and 11, operation sets opset1 and later): `<layer>` elements with
`<data>` attributes, `<edge>` elements between numbered ports, constants by offset and size.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Never
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError

MAX_XML = 8 * 2**20  # bytes; the largest graph read here has 230,000
MAX_BIN = 512 * 2**20
MAX_LAYERS = 10_000
VERSIONS = {"10", "11"}
TYPES = {"f16": "<f2", "f32": "<f4", "i64": "<i8", "i32": "<i4"}


class LayerError(ModelError):
    """A layer that cannot be used; whoever knows the file adds its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One operation. `inputs` are the ids of the layers it takes, in the order of its ports."""

    id: str
    name: str
    kind: str
    data: Mapping[str, str]
    inputs: tuple[str, ...] = ()
    constant: NDArray[np.generic] | None = None

    def integers(self, key: str, default: str | None = None) -> list[int]:
        """Return a list of integers among the attributes, such as `strides="2,2"`."""
        text = self.data.get(key, default)
        if text is None or not re.fullmatch(r"-?\d{1,9}(,-?\d{1,9})*|", text):
            raise LayerError(f"layer {self.name!r} ({self.kind}): {key} = {text!r} is no list of integers")
        return [int(part) for part in text.split(",") if part]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The layers of a net in an order in which each comes after what it takes."""

    name: str
    layers: tuple[Layer, ...]


@dataclass(slots=True)
class _Reader:
    xml: Path
    weights: bytes
    takes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def refuse(self, what: str) -> Never:
        """Raise a ModelError that names the file."""
        raise ModelError(f"{self.xml}: {what}")


def read_ir(xml: Path) -> Network:
    """Read `NAME.xml` and `NAME.bin` beside it; raises ModelError for anything that is no such pair."""
    root = _parse(xml, _bytes(xml, MAX_XML))
    if root.tag != "net" or root.get("version") not in VERSIONS:
        raise ModelError(f"{xml}: no OpenVINO IR of version 10 or 11")
    reader = _Reader(xml, _bytes(xml.with_suffix(".bin"), MAX_BIN))
    for edge in root.iterfind("edges/edge"):
        port = edge.get("to-port", "")
        reader.takes.setdefault(edge.get("to-layer", ""), []).append(
            (int(port) if port.isdigit() else 0, edge.get("from-layer", ""))
        )
    try:
        layers = [_layer(reader, element) for element in root.iterfind("layers/layer")]
    except LayerError as error:
        reader.refuse(str(error))
    if len(layers) > MAX_LAYERS or len({layer.id for layer in layers}) != len(layers):
        reader.refuse("too many layers, or two with the same id")
    return Network(root.get("name", xml.stem), _ordered(reader, layers))


def _bytes(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    if len(data) > most:
        raise ModelError(f"{path}: over {most} bytes; this is no model of faces")
    return data


def _parse(xml: Path, data: bytes) -> ET.Element:
    # A graph declares neither a document type nor entities, through which a small file could grow large.
    if b"<!" in data.replace(b"<!--", b""):
        raise ModelError(f"{xml}: it declares a document type, which OpenVINO IR does not")
    try:
        return ET.fromstring(data.decode())  # noqa: S314 - bounded, and no entities: see above
    except UnicodeDecodeError as error:
        raise ModelError(f"{xml}: not UTF-8 text at byte {error.start}") from error
    except ET.ParseError as error:
        raise ModelError(f"{xml}: not XML: {error}") from error


def _layer(reader: _Reader, element: ET.Element) -> Layer:
    identity, kind = element.get("id", ""), element.get("type", "")
    data = dict(found.attrib) if (found := element.find("data")) is not None else {}
    layer = Layer(
        identity,
        element.get("name", identity),
        kind,
        data,
        tuple(source for _, source in sorted(reader.takes.get(identity, []))),
    )
    if kind != "Const":
        return layer
    return Layer(identity, layer.name, kind, data, (), _constant(reader, layer))


def _constant(reader: _Reader, layer: Layer) -> NDArray[np.generic]:
    kind = TYPES.get(layer.data.get("element_type", ""))
    if kind is None:
        reader.refuse(f"constant {layer.name!r}: element_type {layer.data.get('element_type')!r} is not read")
    shape = layer.integers("shape", "")
    offset, size = (layer.integers(key)[0] if layer.data.get(key) else -1 for key in ("offset", "size"))
    expected = math.prod(shape) * np.dtype(kind).itemsize
    if min([offset, *shape], default=0) < 0 or size != expected or offset + size > len(reader.weights):
        reader.refuse(
            f"constant {layer.name!r}: {size} bytes at {offset} are not the {expected} of its shape, or lie "
            f"beyond the {len(reader.weights)} of {reader.xml.with_suffix('.bin').name}"
        )
    values = np.frombuffer(reader.weights, kind, math.prod(shape), offset).reshape(shape)
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            reader.refuse(f"constant {layer.name!r}: a value is not finite")
        return values.astype(np.float32)
    return values.astype(np.int64)


def _ordered(reader: _Reader, layers: list[Layer]) -> tuple[Layer, ...]:
    """Return the layers so that each comes after what it takes."""
    known = {layer.id for layer in layers}
    waiting, done, ordered = list(layers), set[str](), list[Layer]()
    while waiting:
        ready = [layer for layer in waiting if all(source in done for source in layer.inputs)]
        if not ready:
            missing = {source for layer in waiting for source in layer.inputs} - known
            reader.refuse(
                f"an edge comes from layer {min(missing)!r}, which is not there"
                if missing
                else "its edges go round"
            )
        done |= {layer.id for layer in ready}
        ordered += ready
        waiting = [layer for layer in waiting if layer.id not in done]
    return tuple(ordered)
