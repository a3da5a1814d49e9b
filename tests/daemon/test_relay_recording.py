import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from edge.adapters.relay_recording import RelayRecording
from edge.errors import DeviceError
from edge.pulse import LONGEST, Pulses


def _record(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _wait_idle(relay: RelayRecording) -> None:
    until = time.monotonic() + 10
    while relay.energised and time.monotonic() < until:
        time.sleep(0.005)


def test_a_pulse_is_recorded_and_ends_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "relay.jsonl"
    relay = RelayRecording(path, time.monotonic)
    assert not path.exists()
    relay.pulse(0.1)
    assert relay.energised
    _wait_idle(relay)
    on, off = _record(path)
    assert (on["level"], on["seconds"], off["level"]) == (1, 0.1, 0)
    assert off["monotonic"] - on["monotonic"] >= 0.09  # noted just after the line moved


def test_idle_ends_a_pulse_at_once_and_is_no_change_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "relay.jsonl"
    relay = RelayRecording(path, time.monotonic)
    relay.idle()
    relay.pulse(50)
    relay.idle()
    relay.idle()
    assert not relay.energised
    assert [entry["level"] for entry in _record(path)] == [1, 0]


def test_a_second_pulse_extends_the_first(tmp_path: Path) -> None:
    path = tmp_path / "relay.jsonl"
    relay = RelayRecording(path, time.monotonic)
    relay.pulse(0.05)
    relay.pulse(0.3)
    _wait_idle(relay)
    first, second, off = _record(path)
    assert off["level"] == 0
    assert off["monotonic"] - second["monotonic"] >= 0.29
    assert first["level"] == second["level"] == 1


def test_a_record_that_cannot_be_written_leaves_the_relay_idle(tmp_path: Path) -> None:
    relay = RelayRecording(tmp_path / "missing" / "relay.jsonl", time.monotonic)
    with pytest.raises(DeviceError, match="cannot be written"):
        relay.pulse(5)
    assert not relay.energised


class Line:
    """A line that notes what was done to it, and may fail."""

    def __init__(self) -> None:
        self.now = 0.0
        self.acts: list[str] = []
        self.broken = False
        self.timers_at_on: int = 0

    def on(self, _seconds: float) -> None:
        self.timers_at_on = sum(isinstance(thread, threading.Timer) for thread in threading.enumerate())
        if self.broken:
            raise DeviceError("no such line")
        self.acts.append("on")

    def off(self) -> None:
        self.acts.append("off")


def _pulses(line: Line) -> Pulses:
    return Pulses(energise=line.on, release=line.off, clock=lambda: line.now)


def test_the_end_is_armed_before_the_line_moves() -> None:
    line = Line()
    pulses = _pulses(line)
    pulses.start(30)
    assert line.timers_at_on >= 1
    pulses.end()


def test_a_line_that_fails_is_released_and_the_error_told() -> None:
    line = Line()
    line.broken = True
    with pytest.raises(DeviceError):
        _pulses(line).start(30)
    assert line.acts == ["off"]


def test_overlapping_pulses_never_hold_the_line_longer_than_the_cap() -> None:
    line = Line()
    pulses = _pulses(line)
    for _ in range(12):  # the last at 55 s, just before the cap ends it
        pulses.start(50)
        line.now += 5
    assert pulses.until == LONGEST
    pulses.end()
