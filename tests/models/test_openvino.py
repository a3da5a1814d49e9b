import shutil
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from edge.errors import ModelError
from edge.models.openvino_ir import read_ir
from edge.models.openvino_onnx import convert_ir
from edge.models.session import open_session

Array: TypeAlias = np.ndarray[Any, Any]
Arrays: TypeAlias = dict[str, Array]
REID = "face-reidentification-retail-0095"


class TinyNet:
    """Writes a small net of all operations: input 1×2×5×5, output 3 values."""

    def __init__(self, folder: Path) -> None:
        self.xml, self.bin = folder / "tiny.xml", folder / "tiny.bin"
        random = np.random.default_rng(3)
        self.arrays: Arrays = {
            "weights": random.normal(size=(4, 2, 3, 3)).astype(np.float16),
            "group": random.normal(size=(2, 3, 2, 3, 3)).astype(np.float32),
            "slope": random.normal(size=(6,)).astype(np.float16),
            "shift": random.normal(size=(1, 6, 1, 1)).astype(np.float16),
            "last": random.normal(size=(3, 6, 1, 1)).astype(np.float16),
        }
        self.text = self._write()

    def _write(self) -> str:
        data, layers, offset = b"", [], 0
        for name, array in self.arrays.items():
            raw = array.tobytes()
            kind = "f16" if array.dtype == np.float16 else "f32"
            shape = ",".join(map(str, array.shape))
            layers.append(
                f'<layer id="c_{name}" name="{name}" type="Const" version="opset1"><data '
                f'element_type="{kind}" offset="{offset}" shape="{shape}" size="{len(raw)}"/></layer>'
            )
            data, offset = data + raw, offset + len(raw)
        conv = 'dilations="1,1" pads_begin="1,1" pads_end="1,1" strides="1,1"'
        pool = 'pads_begin="0,0" pads_end="0,0" strides="1,1" rounding_type="floor"'
        operations = [
            ("in", "Parameter", 'element_type="f16" shape="1,2,5,5"', []),
            ("conv", "Convolution", conv, ["in", "c_weights"]),
            ("max", "MaxPool", f'kernel="2,2" {pool}', ["conv"]),
            ("group", "GroupConvolution", conv, ["max", "c_group"]),
            ("wide", "Convert", 'destination_type="f32"', ["c_slope"]),
            ("prelu", "PReLU", "", ["group", "wide"]),
            ("add", "Add", 'auto_broadcast="numpy"', ["prelu", "c_shift"]),
            ("gate", "Sigmoid", "", ["add"]),
            ("mul", "Multiply", 'auto_broadcast="numpy"', ["add", "gate"]),
            ("mean", "AvgPool", f'exclude-pad="true" kernel="4,4" {pool}', ["mul"]),
            (
                "out",
                "Convolution",
                conv.replace('1,1" s', '0,0" s').replace('n="1,1"', 'n="0,0"'),
                ["mean", "c_last"],
            ),
            ("result", "Result", "", ["out"]),
        ]
        edges = []
        for name, kind, attributes, inputs in operations:
            layers.append(
                f'<layer id="{name}" name="{name}" type="{kind}" version="opset1">'
                f"<data {attributes}/></layer>"
            )
            edges += [
                f'<edge from-layer="{source}" from-port="0" to-layer="{name}" to-port="{port}"/>'
                for port, source in enumerate(inputs)
            ]
        # In the order of a file that was not sorted.
        text = '<?xml version="1.0"?>\n<net name="tiny" version="10">'
        text += f"<layers>{''.join(reversed(layers))}</layers>"
        text += f"<edges>{''.join(reversed(edges))}</edges></net>"
        self.xml.write_text(text)
        self.bin.write_bytes(data)
        return text

    def change(self, old: str, new: str) -> None:
        assert old in self.text
        self.xml.write_text(self.text.replace(old, new))


@pytest.fixture
def tiny(tmp_path: Path) -> TinyNet:
    return TinyNet(tmp_path)


def refusal(xml: Path) -> str:
    with pytest.raises(ModelError) as caught:
        convert_ir(xml)
    assert "\n" not in str(caught.value)
    assert str(xml.with_suffix("")) in str(caught.value)
    return str(caught.value)


def reference(arrays: Arrays, x: Array) -> Array:
    """Compute the tiny net in plain numpy."""
    a = {name: values.astype(np.float64) for name, values in arrays.items()}

    def conv(x: Array, w: Array, pad: int) -> Array:
        x = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
        side = x.shape[1] - w.shape[2] + 1
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(1, 2))[:, :side, :side]
        return np.asarray(np.einsum("cijkl,ockl->oij", windows, w))

    x = conv(x, a["weights"], 1)
    x = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(1, 2)).max(axis=(3, 4))
    x = np.concatenate([conv(x[2 * g : 2 * g + 2], a["group"][g], 1) for g in range(2)])
    x = np.where(x > 0, x, x * a["slope"][:, None, None]) + a["shift"][0]
    x = x / (1 + np.exp(-x))
    return np.asarray(conv(x.mean(axis=(1, 2), keepdims=True), a["last"], 0).ravel())


def test_every_operation_computes_what_it_means(tiny: TinyNet) -> None:
    session = open_session(convert_ir(tiny.xml).SerializeToString())
    inputs = np.random.default_rng(1).normal(size=(3, 2, 5, 5)).astype(np.float32)
    (found,) = session.run(None, {"crops": inputs})
    expected = np.stack([reference(tiny.arrays, one) for one in inputs])
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", [REID, "landmarks-regression-retail-0009"])
def test_the_zoos_nets_give_what_others_converted_from_them(name: str, shared_data: Path) -> None:
    models = shared_data / "models"
    ours = open_session(convert_ir(models / f"open-model-zoo/{name}.xml").SerializeToString())
    theirs = open_session((models / f"{name}.onnx").read_bytes())
    (taken,), (input_name,) = ours.get_inputs(), (one.name for one in theirs.get_inputs())
    inputs = np.random.default_rng(2).uniform(0, 255, (4, *taken.shape[1:])).astype(np.float32)
    (found,) = ours.run(None, {"crops": inputs})
    for row, one in zip(found, inputs, strict=True):
        expected = theirs.run(None, {input_name: one[None]})[0].ravel()
        cosine = row @ expected / np.linalg.norm(row) / np.linalg.norm(expected)
        assert 1 - cosine < 1e-4
        np.testing.assert_allclose(row, expected, rtol=1e-3, atol=1e-4)


def test_layers_come_in_the_order_of_their_edges(tiny: TinyNet) -> None:
    seen: set[str] = set()
    for layer in read_ir(tiny.xml).layers:
        assert seen.issuperset(layer.inputs)
        seen.add(layer.id)


CHANGES = {
    "an operation of another kind": ('type="Sigmoid"', 'type="Swish"', "layer 'gate': Swish is not among"),
    "another version": ('version="10"', 'version="7"', "no OpenVINO IR of version 10 or 11"),
    "no net": ("<net", "<met", "not XML"),
    "a constant beyond the file": ('offset="0"', 'offset="999999"', "lie beyond the"),
    "a constant of another size": ('shape="6"', 'shape="7"', "are not the 14 of its shape"),
    "a negative offset": ('offset="0"', 'offset="-4"', "constant 'weights'"),
    "an absurd shape": ('shape="6"', 'shape="999999999,999999999"', "constant 'slope'"),
    "a shape that is none": ('shape="6"', 'shape="six"', "is no list of integers"),
    "an unread element type": ('element_type="f32"', 'element_type="u1"', "element_type 'u1' is not read"),
    "an edge from nowhere": ('from-layer="conv"', 'from-layer="gone"', "layer 'gone', which is not there"),
    "a circle": ('from-layer="in"', 'from-layer="out"', "its edges go round"),
    "a missing input": (
        'to-layer="prelu" to-port="1"',
        'to-layer="add" to-port="1"',
        "takes 1 inputs, not 2",
    ),
    "two results": ('type="Convert"', 'type="Result"', "layer"),
    "no strides": ('strides="1,1" rounding', 'rides="1,1" rounding', "strides = None is no list"),
    "an unread padding": ('exclude-pad="true"', 'exclude-pad="true" auto_pad="same_upper"', "is not read"),
    "two layers of one id": ('id="gate"', 'id="add"', "two with the same id"),
}


@pytest.mark.parametrize(("old", "new", "text"), CHANGES.values(), ids=CHANGES)
def test_what_is_no_such_net_is_one_line(old: str, new: str, text: str, tiny: TinyNet) -> None:
    tiny.change(old, new)
    assert text in refusal(tiny.xml)


def test_entities_are_refused_before_they_grow(tiny: TinyNet) -> None:
    bomb = '<?xml version="1.0"?>\n<!DOCTYPE net [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    tiny.change('<?xml version="1.0"?>', bomb)
    assert "declares a document type" in refusal(tiny.xml)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe<\0n\0", b"<net", b"hello", b"<net version='10'/>"])
def test_what_is_no_ir_is_one_line(data: bytes, tiny: TinyNet) -> None:
    tiny.xml.write_bytes(data)
    refusal(tiny.xml)


def test_a_missing_or_cut_bin_is_one_line(tiny: TinyNet) -> None:
    tiny.bin.write_bytes(tiny.bin.read_bytes()[:-10])
    assert "tiny.bin" in refusal(tiny.xml)
    tiny.bin.unlink()
    assert "No such file" in refusal(tiny.xml)


def test_a_constant_that_is_not_finite_is_refused(tiny: TinyNet) -> None:
    tiny.bin.write_bytes(np.array([np.nan], np.float16).tobytes() + tiny.bin.read_bytes()[2:])
    assert "constant 'weights': a value is not finite" in refusal(tiny.xml)


def test_a_flipped_bit_anywhere_in_a_real_graph_is_refused_or_read(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / f"models/open-model-zoo/{REID}.xml"
    shutil.copy(source.with_suffix(".bin"), tmp_path / "net.bin")
    xml = tmp_path / "net.xml"
    data = bytearray(source.read_bytes())
    random = np.random.default_rng(5)
    for _ in range(20):
        place = int(random.integers(len(data)))
        was = data[place]
        data[place] ^= 1 << int(random.integers(8))
        xml.write_bytes(data)
        try:
            read_ir(xml)
        except ModelError as error:
            assert "\n" not in str(error)  # noqa: PT017 - that nothing else is raised is the point
        data[place] = was
