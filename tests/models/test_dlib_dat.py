from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from edge.models.dlib_dat import BLOCKS, read_resnet29

STYLES = {
    "as of 2017": {},
    "as of 2022": {"convolution": "con_5", "matrix": "fc_3"},
    "newest": {"convolution": "con_6", "normalisation": "affine_2", "relu": "relu_2", "matrix": "fc_3"},
    "straight from training": {"normalisation": "bn_con2", "clean": False},
    "first loss": {"loss": "loss_metric_"},
}


@pytest.fixture(scope="module")
def net_bytes(write_net: Callable[..., bytes]) -> bytes:
    return write_net(1)


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        read_resnet29(path)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    return text


def test_dlibs_own_file_has_29_convolutions_and_a_matrix(embedder_dat: Path) -> None:
    net = read_resnet29(embedder_dat)
    assert len(net.convolutions) == 29
    assert len(BLOCKS) == 14
    assert net.convolutions[0].weights.shape == (32, 3, 7, 7)
    assert net.convolutions[-1].weights.shape == (256, 256, 3, 3)
    assert net.matrix.shape == (256, 128)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_way_dlib_ever_wrote_the_net_is_read(
    style: dict[str, str | bool], write_net: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "net.dat"
    path.write_bytes(write_net(3, **style))
    assert len(read_resnet29(path).convolutions) == 29


def test_a_file_cut_short_anywhere_is_refused(net_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.dat"
    path.write_bytes(net_bytes)
    rest = np.random.default_rng(7)
    lengths = {*range(0, 700, 13), len(net_bytes) - 1, len(net_bytes) - 40}
    lengths |= {int(rest.integers(len(net_bytes))) for _ in range(60)}
    for length in sorted(lengths, reverse=True):
        with path.open("r+b") as stream:
            stream.truncate(length)
        assert f"at byte {length}: expected " in refusal(path)


def test_a_flipped_byte_is_refused_or_changes_one_value(net_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.dat"
    path.write_bytes(net_bytes)
    rest = np.random.default_rng(11)
    refused = 0
    with path.open("r+b") as stream:
        for place in [*range(0, 400, 7), *(int(rest.integers(len(net_bytes))) for _ in range(25))]:
            stream.seek(place)
            stream.write(bytes([net_bytes[place] ^ (1 << int(rest.integers(8)))]))
            stream.flush()
            try:
                net = read_resnet29(path)
            except ModelError as error:
                assert "\n" not in str(error)  # noqa: PT017 - that nothing else is raised is the point
                refused += 1
            else:
                assert all(np.isfinite(layer.weights).all() for layer in net.convolutions)
            stream.seek(place)
            stream.write(net_bytes[place : place + 1])
    assert refused > 40


@pytest.mark.parametrize("name", [b"con_4", b"affine_", b"relu_", b"add_prev_", b"avg_pool_2", b"fc_2"])
def test_a_layer_of_another_name_is_refused(name: bytes, net_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.dat"
    where = net_bytes.rindex(name)
    path.write_bytes(net_bytes[:where] + name[:-1] + b"x" + net_bytes[where + len(name) :])
    text = refusal(path)
    assert repr(name.decode()) in text
    assert repr(name.decode()[:-1] + "x") in text


def test_a_fused_or_disabled_layer_is_refused(write_net: Callable[..., bytes], tmp_path: Path) -> None:
    path = tmp_path / "net.dat"
    data = write_net(1, relu="relu_2")
    where = data.index(b"relu_2") + len(b"relu_2")
    path.write_bytes(data[:where] + b"1" + data[where + 1 :])
    assert "expected a relu in use" in refusal(path)


def test_more_bytes_after_the_net_are_refused(net_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.dat"
    path.write_bytes(net_bytes + b"\0")
    assert f"at byte {len(net_bytes)}: expected the end of the file" in refusal(path)


def test_running_variances_below_zero_are_refused(write_net: Callable[..., bytes], tmp_path: Path) -> None:
    path = tmp_path / "net.dat"
    data = bytearray(write_net(1, normalisation="bn_con2"))
    variances = data.index(b"bn_con2") + len(b"bn_con2")
    # gamma and beta (64 values), two shapes, two empty tensors, the running means: then the variances
    variances += 12 + 256 + 20 + 20 + 10 + (10 + 128) + 10
    data[variances : variances + 4] = np.float32(-1).tobytes()
    path.write_bytes(bytes(data))
    assert "positive running variances" in refusal(path)


@pytest.mark.parametrize("name", ["mmod_human_face_detector.dat", "shape_predictor_5_face_landmarks.dat"])
def test_another_model_of_dlib_is_refused(name: str, dlib_models: Path) -> None:
    assert "expected " in refusal(dlib_models / name)


@pytest.mark.parametrize("data", [b"", b"hello, I am no net", b"\x89PNG\r\n\x1a\n", bytes(5000)])
def test_what_is_no_net_at_all_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.dat"
    path.write_bytes(data)
    refusal(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.dat").endswith("no such file")
    assert refusal(tmp_path).endswith("no such file")
