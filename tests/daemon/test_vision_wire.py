import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision_wire import (
    MAX_LINE,
    CameraState,
    Ended,
    Fatal,
    LineBuffer,
    Message,
    NotRecognised,
    Progress,
    Ready,
    Recognised,
    Start,
    Stop,
    WireError,
    encode,
    from_child,
    to_child,
)

RECOGNISED = Recognised(
    track=3,
    person_id="01JD0000000000000000000000",
    score=0.31,
    percent=99.42,
    band="clear",
    frames=3,
    frame=187,
    at=12.5,
    first_seen=11.0,
    people=7,
    model_version="dlib-resnet29/fp32",
    fmr=0.0024,
    fpir=0.0167,
)
ALL = [
    Ready(model_version="m", provider="CPU", camera="replay:film", people=2, references=5),
    Progress(frames=10, faces=2, people=2, references=5),
    CameraState(state="lost", detail="no such device"),
    RECOGNISED,
    NotRecognised(
        track=4,
        reason="unknown",
        hint="",
        frames=3,
        frame=9,
        at=1.0,
        first_seen=0.5,
        people=7,
        model_version="m",
    ),
    Ended(frames=300),
    Fatal(line="model: checksum does not match"),
]


@pytest.mark.parametrize("message", ALL, ids=lambda message: message.kind)
def test_what_the_child_sends_arrives_as_it_was(message: Message) -> None:
    assert from_child(encode(message).rstrip(b"\n")) == message


def test_what_the_parent_sends_arrives_as_it_was() -> None:
    start = Start(settings={"camera": {"source": "replay:日本.avi"}, "n": 1.5}, until_end=True)
    assert to_child(encode(start)) == start
    assert to_child(encode(Stop())) == Stop()


def _changed(**changes: object) -> bytes:
    return json.dumps(RECOGNISED.model_dump() | changes).encode()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"null",
        b"[1]",
        b"not json",
        b"\xff\xfe",
        b'{"kind":"open_the_door"}',
        b'{"kind":"stop"}',
        b'{"kind":"progress","frames":-1}',
        b'{"kind":"progress","frames":"1"}',
        b'{"kind":"progress","frames":1.5}',
        b'{"kind":"progress","frames":true}',
        b'{"kind":"progress","extra":1}',
        b"[" * 10_000,
        _changed(score=float("nan")),
        _changed(at=float("inf")),
        _changed(fpir=1.5),
        _changed(band="sure"),
        _changed(person_id="x" * 501),
        _changed(frames=None),
        json.dumps({"kind": "not_recognised", "track": 1, "reason": "Un known"}).encode(),
    ],
)
def test_anything_else_from_the_child_is_refused_in_one_line(line: bytes) -> None:
    with pytest.raises(WireError) as refused:
        from_child(line)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) <= 500


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_otherwise(line: bytes) -> None:
    with contextlib.suppress(WireError):
        from_child(line)


def test_a_message_too_long_is_not_sent() -> None:
    with pytest.raises(WireError, match="at most 65536"):
        encode(Start(settings={"text": "x" * MAX_LINE}))


@given(
    st.lists(st.binary(max_size=50).map(lambda raw: raw.replace(b"\n", b"")), max_size=20), st.integers(1, 7)
)
def test_lines_come_out_whole_however_the_stream_is_cut(lines: list[bytes], size: int) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    buffer = LineBuffer()
    found = [
        line for start in range(0, len(stream), size) for line in buffer.feed(stream[start : start + size])
    ]
    assert found == lines


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    buffer = LineBuffer()
    buffer.feed(b"x" * (MAX_LINE - 1))
    with pytest.raises(WireError, match="more than 65536 bytes"):
        buffer.feed(b"x")
