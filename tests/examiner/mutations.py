"""Damaged pictures, always the same ones: what strangers send to whoever decodes it."""

import io
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

Change = Callable[[random.Random, bytearray], bytearray]


def seeds(presidents: Path) -> list[bytes]:
    """Return small pictures of a face in every format that is taken."""
    found = []
    with Image.open(presidents / "biden.jpg") as image:
        face = image.convert("RGB").crop((380, 160, 820, 620)).resize((220, 230))
    for kind, mode, options in (
        ("JPEG", "RGB", {"quality": 90}),
        ("JPEG", "RGB", {"quality": 80, "progressive": True}),
        ("JPEG", "CMYK", {"quality": 80}),
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "P", {}),
        ("PNG", "LA", {}),
        ("WEBP", "RGB", {"quality": 80}),
        ("WEBP", "RGBA", {"lossless": True}),
    ):
        sink = io.BytesIO()
        face.convert(mode).save(sink, kind, **options)
        found.append(sink.getvalue())
    return found


def mutated(pictures: list[bytes], count: int) -> Iterator[bytes]:
    """Yield so many damaged pictures."""
    chance = random.Random(6)  # noqa: S311 - the same damage every time
    for _ in range(count):
        data = bytearray(chance.choice(pictures))
        for _ in range(chance.choice((1, 1, 2, 4))):
            data = chance.choice(CHANGES)(chance, data)
        yield bytes(data)


def _flip(chance: random.Random, data: bytearray) -> bytearray:
    for _ in range(chance.choice((1, 3, 20))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def _head(chance: random.Random, data: bytearray) -> bytearray:
    for _ in range(4):
        if data:
            data[chance.randrange(min(len(data), 64))] = chance.randrange(256)
    return data


def _cut(chance: random.Random, data: bytearray) -> bytearray:
    return data[: chance.randrange(len(data) + 1)]


def _number(chance: random.Random, data: bytearray) -> bytearray:
    if len(data) > 8:
        at = chance.randrange(min(len(data), 300) - 4)
        value = chance.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 4000, 3000))
        struct.pack_into(chance.choice((">I", "<I")), data, at, value)
    return data


def _splice(chance: random.Random, data: bytearray) -> bytearray:
    at, length = chance.randrange(len(data) + 1), chance.randrange(200)
    return data[:at] + data[at : at + length] * chance.choice((2, 5)) + data[at:]


def _noise(chance: random.Random, data: bytearray) -> bytearray:
    return data[: chance.randrange(40)] + chance.randbytes(chance.randrange(2000))


def _tall(chance: random.Random, data: bytearray) -> bytearray:
    """Let a PNG claim as many pixels as are taken."""
    if data.startswith(b"\x89PNG") and len(data) > 24:
        struct.pack_into(">II", data, 16, *chance.choice(((4000, 3000), (12_000, 1000), (1, 12_000_000))))
    return data


CHANGES: tuple[Change, ...] = (_flip, _head, _cut, _number, _splice, _noise, _tall)
