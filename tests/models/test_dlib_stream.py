import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ModelError
from edge.models.dlib_stream import MAX_SKIPPED, DlibStream


def stream_of(data: bytes) -> DlibStream:
    return DlibStream(io.BytesIO(data), "net.dat")


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_come_back(dat_writer: Callable[[], Any], value: int) -> None:
    writer = dat_writer()
    writer.integer(value)
    assert stream_of(writer.data).integer("a number") == value


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_floats_come_back(dat_writer: Callable[[], Any], value: float) -> None:
    writer = dat_writer()
    writer.number(value)
    assert math.isclose(stream_of(writer.data).number("a number"), value, rel_tol=1e-15, abs_tol=1e-300)


@given(st.text("abcdefghijklmnopqrstuvwxyz_0123456789", max_size=64))
def test_strings_come_back(dat_writer: Callable[[], Any], value: str) -> None:
    writer = dat_writer()
    writer.text(value)
    assert stream_of(writer.data).text("other", value) == value


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=20))
def test_tensors_come_back(dat_writer: Callable[[], Any], values: list[float]) -> None:
    writer = dat_writer()
    expected = np.array(values, dtype=np.float32)
    writer.tensor(expected, len(values), 1, 1, 1)
    stream = stream_of(writer.data)
    np.testing.assert_array_equal(stream.tensor("weights", (len(values), 1, 1, 1)), expected)
    stream.end()


@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_a_value_or_one_line(data: bytes) -> None:
    readers: list[Callable[[DlibStream], object]] = [
        lambda s: s.integer("x"),
        lambda s: s.number("x"),
        lambda s: s.text("x"),
        lambda s: s.boolean("x"),
        lambda s: s.tensor("x", (2, 1, 1, 1)),
        lambda s: s.skip_tensor("x"),
        lambda s: s.alias("x", (1, 2, 3, 4)),
        lambda s: s.end(),
    ]
    for read in readers:
        try:
            read(stream_of(data))
        except ModelError as error:
            assert "\n" not in str(error)  # noqa: PT017 - that there is no other exception is the point
            assert str(error).startswith("net.dat: at byte ")  # noqa: PT017 - likewise


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_number_that_is_not_finite_is_refused(dat_writer: Callable[[], Any], value: float) -> None:
    writer = dat_writer()
    writer.number(value)
    with pytest.raises(ModelError, match=r"at byte 0: expected the margin \(a finite number\)"):
        stream_of(writer.data).number("the margin")


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_a_weight_that_is_not_finite_is_refused_at_its_byte(
    dat_writer: Callable[[], Any], value: float
) -> None:
    writer = dat_writer()
    writer.tensor(np.array([1, 2, value, 3], dtype=np.float32), 4, 1, 1, 1)
    with pytest.raises(ModelError, match="at byte 18: expected finite values in the filters, found"):
        stream_of(writer.data).tensor("the filters", (4, 1, 1, 1))


@pytest.mark.parametrize("head", [0x00, 0x09, 0x0F, 0x11, 0x70, 0xF1])
def test_a_byte_that_starts_no_integer_is_refused(head: int) -> None:
    with pytest.raises(ModelError, match=f"found the byte 0x{head:02x}"):
        stream_of(bytes([head]) + bytes(20)).integer("the version")


def test_an_absurd_length_is_refused_before_anything_is_allocated(dat_writer: Callable[[], Any]) -> None:
    writer = dat_writer()
    writer.integers(2, MAX_SKIPPED, MAX_SKIPPED, MAX_SKIPPED, MAX_SKIPPED)
    with pytest.raises(ModelError, match="at most"):
        stream_of(writer.data).skip_tensor("the output")
    writer = dat_writer()
    writer.integer(2**40)
    with pytest.raises(ModelError, match=r"= 0 to 64, found 1099511627776"):
        stream_of(writer.data).text("con_4")


def test_more_after_the_end_is_refused() -> None:
    with pytest.raises(ModelError, match="expected the end of the file, found more bytes"):
        stream_of(b"x").end()
