import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from edge.log import configure_logging


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    root, handlers, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def text() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("info", "text", stream)
    return stream


@pytest.fixture
def jsons() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("info", "json", stream)
    return stream


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def log() -> Any:
    return structlog.get_logger("test")


def test_a_line_has_time_level_event_and_values(text: io.StringIO) -> None:
    log().info("camera lost", source="/dev/video0", seconds=2.5, known=None, why="no frame")
    stamp, rest = text.getvalue().split(" ", 1)
    assert stamp.endswith("Z")
    assert rest == 'info    camera lost source=/dev/video0 seconds=2.5 known=null why="no frame"\n'


def test_a_json_line_has_the_same(jsons: io.StringIO) -> None:
    log().warning("camera lost", source="/dev/video0", seconds=2.5, known=None, ratio=float("nan"), name="人")
    (entry,) = entries(jsons)
    assert list(entry)[:3] == ["timestamp", "level", "event"]
    assert entry["level"] == "warning"
    assert (entry["source"], entry["seconds"], entry["known"]) == ("/dev/video0", 2.5, None)
    assert entry["ratio"] == "nan"
    assert "人" in jsons.getvalue()


def test_lines_below_the_level_are_dropped(text: io.StringIO) -> None:
    log().debug("no")
    assert text.getvalue() == ""


def test_a_value_cannot_forge_a_line(text: io.StringIO, jsons: io.StringIO) -> None:
    forged = "x\n2030-01-01T00:00:00Z info    door unlocked \x1b[2K\u2028\x9b\x7f\U000e0001\udc80"
    for stream, form in ((text, "text"), (jsons, "json")):
        configure_logging("info", form, stream)  # type: ignore[arg-type] # the two literal values
        log().info("name", name=forged)
        assert len(stream.getvalue().splitlines()) == 1
        assert not set(stream.getvalue()) & set("\x1b\x9b\x7f\udc80")
    assert entries(jsons)[0]["name"] == forged


@pytest.mark.parametrize(
    "name", ["password", "mqtt_password", "token", "pin", "Authorization", "session_cookie"]
)
def test_a_secret_is_not_written(jsons: io.StringIO, name: str) -> None:
    log().info("login", **{name: "hunter2"})
    assert "hunter2" not in jsons.getvalue()
    assert entries(jsons)[0][name] == "***"


def test_credentials_in_addresses_are_not_written_wherever_they_stand(jsons: io.StringIO) -> None:
    address = "rtsp://me:hunter2@cam:554/1"
    try:
        raise OSError(f"cannot open {address}")  # noqa: TRY301 - a traceback is wanted
    except OSError:
        log().error(f"lost {address}", source=address, tried=[address], exc_info=True)
    assert "hunter2" not in jsons.getvalue()
    assert jsons.getvalue().count("rtsp://***@cam:554/1") == 4


def test_no_line_is_unbounded(jsons: io.StringIO) -> None:
    def deep(depth: int) -> None:
        if depth:
            deep(depth - 1)
        raise ValueError("at the bottom " + "x" * 100)

    values: dict[str, Any] = {f"value{number}": "y" * 10_000 for number in range(1000)}
    try:
        deep(300)
    except ValueError:
        log().error("e" * 10_000, huge=10**5000, many=list(range(10**5)), **values, exc_info=True)
    (line,) = jsons.getvalue().splitlines()
    entry = json.loads(line)
    assert len(line) < 64 * 1024
    assert entry["level"] == "error"
    assert entry["traceback"].endswith("x" * 100)


def test_a_traceback_is_one_json_value_and_indented_text(text: io.StringIO) -> None:
    try:
        raise ValueError("first\nsecond")  # noqa: TRY301 - a traceback is wanted
    except ValueError as error:
        log().error("failed", exc_info=error)
    head, *rest = text.getvalue().splitlines()
    assert head.endswith("error   failed")
    assert rest[0] == "    Traceback (most recent call last):"
    assert all(line.startswith("    ") for line in rest)


def test_libraries_are_heard_from_warnings_on(jsons: io.StringIO) -> None:
    logging.getLogger("paho").info("hello")
    logging.getLogger("paho").warning("lost %s", "broker")
    own = next(handler for handler in logging.getLogger().handlers if type(handler).__module__ == "edge.log")
    own.handle(logging.LogRecord("paho", logging.ERROR, "", 1, "format %d does not fit", ("x",), None))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", stacklevel=1)
    first, second, third = entries(jsons)
    assert (first["event"], first["level"], first["source"]) == ("lost broker", "warning", "paho")
    assert (second["event"], second["level"]) == ("format %d does not fit", "error")
    assert "UserWarning: old" in third["event"]


def test_something_that_cannot_be_shown_is_named_by_its_type(jsons: io.StringIO) -> None:
    class Shy:
        def __repr__(self) -> str:
            raise ValueError

    log().info("odd", what=Shy())
    assert entries(jsons)[0]["what"] == "<Shy>"


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    class Full(io.StringIO):
        def write(self, _text: str, /) -> int:
            raise OSError(28, "No space left on device")

    configure_logging("info", "text", Full())
    log().info("still here")
    closed = io.StringIO()
    closed.close()
    configure_logging("info", "text", closed)
    log().info("still here")


def test_lines_for_the_journal_carry_their_priority(tmp_path: Path) -> None:
    program = (
        "import os; from edge.log import configure_logging; import structlog\n"
        "found = os.fstat(2); os.environ['JOURNAL_STREAM'] = f'{found.st_dev}:{found.st_ino}'\n"
        "configure_logging('info', 'text'); log = structlog.get_logger(); log.error('bad'); log.info('ok')\n"
        "os.environ['JOURNAL_STREAM'] = '1:1'; configure_logging('info', 'text'); log.error('elsewhere')\n"
    )
    with tempfile.TemporaryFile("w+", dir=tmp_path) as file:
        subprocess.run([sys.executable, "-c", program], stderr=file, check=True, env=os.environ)
        file.seek(0)
        bad, good, elsewhere = file.read().splitlines()
    assert bad.startswith("<3>")
    assert good.startswith("<6>")
    assert elsewhere.startswith("2")
