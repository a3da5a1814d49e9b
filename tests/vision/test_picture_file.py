import io
import os
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from edge.adapters.picture_file import decode_picture, read_picture
from edge.errors import ImageError

Scene = NDArray[np.uint8]


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    sink = io.BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")


def refusal(path: Path) -> str:
    with pytest.raises(ImageError) as caught:
        read_picture(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


def test_a_lossless_picture_comes_back_to_the_bit_in_rgb(scene: Scene, tmp_path: Path) -> None:
    for kind, options in (("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True})):
        path = tmp_path / f"日本語.{kind}"
        path.write_bytes(encoded(Image.fromarray(scene), kind, **options))
        picture = read_picture(path)
        assert picture.dtype == np.uint8
        assert picture.flags.c_contiguous
        np.testing.assert_array_equal(picture, scene)


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "MPO"])
def test_other_formats_keep_the_colours_apart(kind: str, scene: Scene) -> None:
    data = encoded(Image.fromarray(scene), kind)
    assert np.abs(decode_picture(data, "it").astype(int) - scene)[4:20, 4:28].max() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_exif_orientation_is_applied(kind: str, orientation: int, scene: Scene) -> None:
    # how a camera stores the upright scene for each orientation (Exif 2.3, 4.6.4: row 0, column 0 are…)
    stored = {
        1: scene,
        2: scene[:, ::-1],
        3: scene[::-1, ::-1],
        4: scene[::-1],
        5: scene.transpose(1, 0, 2),
        6: np.rot90(scene, 1),
        7: scene[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(scene, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95} if kind == "JPEG" else {"lossless": True}
    data = encoded(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif, **options)
    picture = decode_picture(data, "it")
    assert picture.shape == scene.shape
    for y, x in ((12, 16), (12, 48), (36, 16), (36, 48)):
        assert np.abs(picture[y, x].astype(int) - scene[y, x]).max() < 12


def test_an_unreadable_exif_block_does_not_lose_the_picture(scene: Scene) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.fromarray(scene), "JPEG", exif=exif)
    broken = data.replace(b"Exif\0\0MM\0*" if b"MM\0*" in data else b"Exif\0\0II*\0", b"Exif\0\0XX*\0")
    assert broken != data
    assert decode_picture(broken, "it").shape == scene.shape


def test_transparent_parts_lie_on_white(scene: Scene) -> None:
    clear = np.dstack([scene, np.full(scene.shape[:2], 255, np.uint8)])
    clear[:24, :32, 3] = 0
    clear[:24, 32:, 3] = 128
    picture = decode_picture(encoded(Image.fromarray(clear), "PNG"), "it")
    assert picture[10, 10].tolist() == [255, 255, 255]
    assert np.abs(picture[10, 40].astype(int) - [134, 247, 142]).max() <= 1
    np.testing.assert_array_equal(picture[30, 40], scene[30, 40])


def test_a_palette_with_a_transparent_entry_lies_on_white(scene: Scene) -> None:
    image = Image.fromarray(scene).quantize(4)
    entry = int(np.asarray(image)[10, 10])
    picture = decode_picture(encoded(image, "PNG", transparency=entry), "it")
    assert picture[10, 10].tolist() == [255, 255, 255]
    assert np.abs(picture[10, 40].astype(int) - scene[10, 40]).max() <= 2


def test_grey_pictures_of_1_8_and_16_bits_become_rgb() -> None:
    ramp = np.repeat(np.linspace(0, 65535, 64).astype(np.uint16)[None], 8, axis=0)
    expected = (ramp >> 8).astype(np.uint8)
    deep = decode_picture(encoded(Image.fromarray(ramp), "PNG"), "it")
    shallow = decode_picture(encoded(Image.fromarray(expected), "PNG"), "it")
    for picture in (deep, shallow):
        assert picture.shape == (8, 64, 3)
        np.testing.assert_array_equal(picture[:, :, 1], expected)
    black_and_white = decode_picture(encoded(Image.fromarray(expected).convert("1"), "PNG"), "it")
    assert set(np.unique(black_and_white)) == {0, 255}


def test_cmyk_becomes_rgb(scene: Scene) -> None:
    picture = decode_picture(encoded(Image.fromarray(scene).convert("CMYK"), "JPEG", quality=98), "it")
    assert np.abs(picture.astype(int) - scene)[4:20, 4:28].max() < 16


def test_an_animation_gives_its_first_frame(scene: Scene) -> None:
    frames = [Image.fromarray(scene), Image.fromarray(255 - scene)]
    for kind, options in (("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True})):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert np.abs(decode_picture(data, "it")[10, 10].astype(int) - scene[10, 10]).max() < 12


def test_a_32_bit_photograph_is_read(presidents: Path) -> None:
    deep, plain = read_picture(presidents / "32bit.png"), read_picture(presidents / "obama2.jpg")
    assert deep.shape == plain.shape
    assert np.abs(deep.astype(int) - plain).mean() < 2


def test_a_folder_is_named_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImageError) as caught:
        read_picture(Path())
    assert str(caught.value) == f"{tmp_path}: it is a folder; name the picture itself"


def test_missing_empty_folder_and_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no picture at all\n" * 50)
    assert refusal(tmp_path / "missing.jpg") == "there is no such file"
    assert refusal(tmp_path / "empty.jpg") == "it is empty"
    assert refusal(tmp_path) == "it is a folder; name the picture itself"
    assert "JPEG, PNG, WebP, BMP and GIF" in refusal(tmp_path / "text.jpg")
    assert "too long" in refusal(tmp_path / ("x" * 300 + ".jpg"))
    assert "Not a directory" in refusal(tmp_path / "text.jpg" / "x.jpg")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "locked.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    assert refusal(path) == "Permission denied"


def test_pipes_and_devices_are_refused_without_blocking(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    done = threading.Event()

    def look() -> None:
        assert refusal(tmp_path / "pipe.jpg") == "it is no regular file"
        assert refusal(Path("/dev/zero")) == "it is no regular file"
        done.set()

    threading.Thread(target=look, daemon=True).start()
    assert done.wait(20)


@pytest.mark.parametrize(("kind", "cut"), [("JPEG", 0.6), ("PNG", 0.6), ("WEBP", 0.5), ("BMP", 0.9)])
def test_a_cut_off_picture_is_refused(kind: str, cut: float, presidents: Path, tmp_path: Path) -> None:
    image = Image.open(presidents / "obama.jpg").resize((300, 400))
    data = encoded(image, kind)
    path = tmp_path / "cut.jpg"
    path.write_bytes(data[: int(len(data) * cut)])
    assert "cut off" in refusal(path) or "damaged" in refusal(path)


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.jpg"
    path.write_bytes(bytes(3 * 2**20))
    with pytest.raises(ImageError, match=r"over 2 MiB"):
        read_picture(path, max_bytes=2 * 2**20)


@pytest.mark.parametrize(
    ("side", "said"),
    [(12_000, "12000×12000"), (30_000, "more than the 50 million pixels that are read at most")],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_header_with_too_many_pixels_is_refused(side: int, said: str, strict: bool, tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(side, side))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("error" if strict else "always")
        assert said in refusal(path)
    assert heard == []


def test_a_header_with_too_many_pixels_costs_no_memory(tmp_path: Path) -> None:
    for name, data in (("a.png", png_header(7_100, 7_100)), ("b.png", png_header(30_000, 30_000))):
        (tmp_path / name).write_bytes(data)
    program = """
import resource, sys
from pathlib import Path
from edge.adapters.picture_file import read_picture
from edge.errors import ImageError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in sys.argv[1:]:
    try:
        read_picture(Path(name))
    except ImageError:
        continue
    sys.exit("it was read")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    names = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    run = subprocess.run([sys.executable, "-c", program, *names], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 20 * 1024  # KiB; the smaller of the two would take 150 MiB


def test_the_pixel_limit_is_the_callers(scene: Scene) -> None:
    data = encoded(Image.fromarray(scene), "PNG")
    assert decode_picture(data, "it", max_pixels=48 * 64).shape == scene.shape
    with pytest.raises(ImageError, match="64×48"):
        decode_picture(data, "it", max_pixels=48 * 64 - 1)


def test_a_name_cannot_forge_a_second_line() -> None:
    with pytest.raises(ImageError) as caught:
        decode_picture(b"", "a\nb\x1b[2J")
    assert str(caught.value) == "a\\nb\\x1b[2J: it is empty"


def samples() -> list[bytes]:
    random = np.random.default_rng(7)
    image = Image.fromarray(random.integers(0, 256, (20, 30, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    moving: dict[str, object] = {"save_all": True, "append_images": [image.rotate(90)]}
    return [
        encoded(image, "JPEG", exif=exif),
        encoded(image, "JPEG", progressive=True),
        encoded(image, "PNG", exif=exif),
        encoded(image.convert("P"), "PNG", transparency=3),
        encoded(Image.fromarray(random.integers(0, 65535, (9, 9), dtype=np.uint16)), "PNG"),
        encoded(image, "WEBP", exif=exif),
        encoded(image, "BMP"),
        encoded(image.convert("P"), "BMP"),
        encoded(image, "GIF", **moving),
        encoded(image, "PNG", **moving),
        encoded(image, "MPO", **moving),
    ]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_pictures_are_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    picture = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(picture) - 1))
        match data.draw(st.sampled_from("crd")):
            case "c":
                picture[place] = data.draw(st.integers(0, 255))
            case "r" if place:
                del picture[place:]
            case _:
                picture[place:place] = data.draw(st.binary(min_size=1, max_size=8))
    try:
        read = decode_picture(bytes(picture), "it", max_pixels=10**6)
    except ImageError:
        return
    assert read.ndim == 3
    assert read.shape[2] == 3
    assert read.dtype == np.uint8


SAMPLES = samples()
