"""What the parent believes of a picture's first bytes, beside what Pillow says."""

import io
import random
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edge.errors import ImageError
from edge.picture_header import MAX_BYTES, PictureHeader, check_header


def encoded(kind: str, size: tuple[int, int] = (120, 90), mode: str = "RGB", **options: object) -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    sink = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(sink, kind, **options)
    return sink.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        check_header(data, "a.jpg")
    text = str(caught.value)
    assert text.startswith("a.jpg: ")
    assert "\n" not in text
    return text.removeprefix("a.jpg: ")


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("jpeg", encoded("JPEG")),
        ("jpeg", encoded("JPEG", progressive=True, exif=b"Exif\0\0" + bytes(60_000))),
        ("jpeg", encoded("JPEG", icc_profile=bytes(1_500_000))),
        ("jpeg", encoded("JPEG", mode="L")),
        ("jpeg", encoded("JPEG", mode="CMYK")),
        ("png", encoded("PNG")),
        ("png", encoded("PNG", mode="P")),
        ("png", encoded("PNG", mode="1")),
        ("png", encoded("PNG", mode="RGBA")),
        ("webp", encoded("WEBP")),
        ("webp", encoded("WEBP", lossless=True)),
        ("webp", encoded("WEBP", exif=b"Exif\0\0" + bytes(100))),
    ],
)
def test_it_says_what_pillow_says(kind: str, data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        assert check_header(data, "a.jpg") == PictureHeader(kind, *image.size)  # type: ignore[arg-type] # parametrized


def test_what_is_no_picture_is_refused() -> None:
    for data in (b"x", bytes(1000), b"\xff\xd8\xff" + bytes(100), b"GIF89a" + bytes(100), encoded("BMP")):
        assert "choose a JPEG, PNG or WebP" in refusal(data)
    assert "empty" in refusal(b"")
    assert "choose" in refusal(encoded("JPEG")[:100])
    assert "choose" in refusal(encoded("PNG")[:20])
    assert "choose" in refusal(encoded("WEBP")[:24])


def test_too_many_bytes_and_pixels_are_refused() -> None:
    assert refusal(encoded("JPEG") + bytes(MAX_BYTES)) == "it is over 5 MiB; give a smaller copy"
    png = bytearray(encoded("PNG"))
    struct.pack_into(">II", png, 16, 4000, 3001)
    assert refusal(bytes(png)) == "its header claims 4000×3001 pixels, at most 12 million are taken"
    struct.pack_into(">II", png, 16, 4000, 3000)
    assert check_header(bytes(png), "a.jpg").height == 3000
    struct.pack_into(">II", png, 16, 2**31, 2**31)
    assert "at most 12 million" in refusal(bytes(png))
    struct.pack_into(">II", png, 16, 0, 10)
    assert refusal(bytes(png)) == "its header claims no pixels"
    struct.pack_into(">II", png, 16, 20_000, 1)
    assert "20000×1" in refusal(bytes(png))
    assert "at most 12 million" in refusal(encoded("WEBP")[:26] + b"\xff\x3f\xff\x3f" + bytes(40))


def test_no_file_keeps_the_parent_busy() -> None:
    worst = (
        b"\xff\xd8" + b"\xff" * (MAX_BYTES - 2),
        b"\xff\xd8" + b"\xff\xd0" * (MAX_BYTES // 2 - 1),
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * (MAX_BYTES // 4 - 1),
    )
    for data in worst:
        assert "no picture" in refusal(data)


@given(st.binary(max_size=200), st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 2**32))
def test_whatever_comes_is_a_header_or_a_refusal(junk: bytes, kind: str, seed: int) -> None:
    data = bytearray(SEEDS[kind])
    chance = random.Random(seed)  # noqa: S311 - the same damage every time
    for byte in junk[:20]:
        data[chance.randrange(60)] = byte
    for bytes_ in (junk, bytes(data), SEEDS[kind][: len(junk)] + junk):
        try:
            header = check_header(bytes_, "a\nb")
        except ImageError:
            continue
        else:
            assert 0 < header.width * header.height <= 12_000_000


SEEDS = {kind: encoded(kind) for kind in ("JPEG", "PNG", "WEBP")}
