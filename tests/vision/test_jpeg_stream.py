import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.adapters.camera_pipe.jpeg_stream import JpegStream
from edge.adapters.camera_pipe.raw_frames import RawLayout, RawStream
from edge.errors import CameraError


def jpeg(number: int, *parameters: int, side: int = 24) -> bytes:
    picture = np.random.default_rng(number).integers(0, 256, (side, side, 3), dtype=np.uint8)
    done, data = cv2.imencode(".jpg", picture, parameters)
    assert done
    return data.tobytes()


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2) + body


PICTURES = [
    jpeg(1),
    jpeg(2, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    jpeg(3, cv2.IMWRITE_JPEG_RST_INTERVAL, 1),
    jpeg(4, cv2.IMWRITE_JPEG_OPTIMIZE, 1, side=100),
]
# one with a whole picture as the preview in its APP1 segment, and fill bytes before a marker
PREVIEW = PICTURES[0][:2] + segment(0xE1, b"Exif\0\0" + PICTURES[0]) + b"\xff" + PICTURES[1][2:]
GARBAGE = st.binary(max_size=40).filter(lambda data: b"\xff\xd8" not in data and data[-1:] != b"\xff")


def fed(data: bytes, sizes: list[int], stream: JpegStream | None = None) -> list[bytes]:
    stream = stream or JpegStream()
    pictures: list[bytes] = []
    for size in [*sizes, len(data)]:
        pictures += stream.feed(data[:size])
        data = data[size:]
    return pictures


@settings(deadline=None)
@given(
    pictures=st.lists(st.sampled_from([*PICTURES, PREVIEW]), max_size=5),
    garbage=st.lists(GARBAGE, min_size=6, max_size=6),
    sizes=st.lists(st.integers(1, 3000), max_size=12),
)
def test_pictures_come_out_whole_however_they_are_cut_and_whatever_is_between(
    pictures: list[bytes], garbage: list[bytes], sizes: list[int]
) -> None:
    data = garbage[5] + b"".join(picture + junk for picture, junk in zip(pictures, garbage, strict=False))
    assert fed(data, sizes) == pictures


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_stream_that_comes_by_the_byte_is_cut_as_well(size: int) -> None:
    data = PICTURES[0] + PREVIEW + PICTURES[3]
    assert fed(data, [size] * (len(data) // size)) == [PICTURES[0], PREVIEW, PICTURES[3]]


@pytest.mark.parametrize("cut", [3, 30, 300, 900])
def test_a_picture_that_breaks_off_costs_only_itself(cut: int) -> None:
    stream = JpegStream()
    pictures = fed(PICTURES[3][:cut] + PICTURES[0] + PICTURES[1] + PICTURES[2], [], stream)
    # inside of a segment the beginning of the next picture may be taken for what is missing
    assert pictures[-2:] == [PICTURES[1], PICTURES[2]]
    assert stream.lost >= 1


def test_a_picture_that_is_too_long_or_too_large_is_dropped() -> None:
    small, large = PICTURES[0], PICTURES[3]
    assert len(large) > 2 * len(small)
    for stream in (JpegStream(max_bytes=2 * len(small)), JpegStream(max_pixels=99 * 99)):
        assert fed(small + large + small, [500] * 40, stream) == [small, small]
        assert stream.lost == 1


def test_endless_data_without_an_end_stays_bounded() -> None:
    stream = JpegStream(max_bytes=10_000)
    start = PICTURES[0][: PICTURES[0].index(b"\xff\xda") + 14]
    for _ in range(200):
        assert stream.feed(start + bytes(5_000)) == []
        assert len(stream._buffer) < 30_000


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_damage_leaves_the_stream_usable(data: st.DataObject) -> None:
    broken = bytearray(data.draw(st.sampled_from([*PICTURES, PREVIEW])))
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    stream = JpegStream(max_bytes=100_000)
    stream.feed(bytes(broken))
    last: list[bytes] = []
    for _ in range(80):  # a damaged length swallows at most 64 KiB
        last = stream.feed(PICTURES[0])
    assert last == [PICTURES[0]]


# The mean colours of a plain red frame in each format; YUV of red by ITU-R BT.601: 81, 90, 240.
RED = {
    "rgb24": bytes([255, 0, 0]) * 8,
    "bgr24": bytes([0, 0, 255]) * 8,
    "yuv420p": bytes([81]) * 8 + bytes([90]) * 2 + bytes([240]) * 2,
    "nv12": bytes([81]) * 8 + bytes([90, 240]) * 2,
    "yuyv422": bytes([81, 90, 81, 240]) * 4,
}


@pytest.mark.parametrize("name", RED)
def test_raw_frames_become_rgb(name: str) -> None:
    layout = RawLayout(4, 2, name)  # type: ignore[arg-type]  # the names above are those of the type
    assert layout.size == len(RED[name])
    frames = RawStream(layout.size).feed(RED[name] * 2 + b"x")
    assert frames == [RED[name]] * 2
    picture = layout.picture(frames[0])
    assert picture.shape == (2, 4, 3)
    assert picture.flags.writeable
    assert np.abs(picture.astype(int) - [255, 0, 0]).max() < 6


def test_a_grey_raw_frame_becomes_rgb_and_rows_stay_rows() -> None:
    picture = RawLayout(4, 2, "gray").picture(bytes(range(8)))
    np.testing.assert_array_equal(picture[:, :, 2], [[0, 1, 2, 3], [4, 5, 6, 7]])


@pytest.mark.parametrize(("width", "height"), [(3, 2), (4, 3), (0, 2), (-2, 2)])
def test_odd_sizes_of_raw_frames_are_refused(width: int, height: int) -> None:
    with pytest.raises(CameraError, match="even"):
        RawLayout(width, height)
