import time
from pathlib import Path

import pytest

from edge.adapters.clock_system import EARLIEST, TIME_ERROR, ClockSystem, boot_id, hardware_time, is_trusted

TODAY = EARLIEST + 400 * 86400
KEPT, UNKEPT = 0, TIME_ERROR


@pytest.mark.parametrize(
    ("wall", "state", "hardware", "trusted"),
    [
        (TODAY, KEPT, None, True),
        (TODAY, 1, None, True),  # a leap second is announced by a clock that is kept
        (TODAY, UNKEPT, None, False),
        (TODAY, -1, None, False),
        (TODAY, UNKEPT, TODAY + 3, True),
        (TODAY, UNKEPT, TODAY + 3600, False),
        (TODAY, UNKEPT, 946684800.0, False),  # the first second of 2000: an empty battery
        (946684800.0, UNKEPT, 946684800.0, False),
        (0.0, KEPT, None, False),
    ],
)
def test_a_wall_clock_is_trusted_where_somebody_vouches_for_it(
    wall: float, state: int, hardware: float | None, trusted: bool
) -> None:
    assert is_trusted(wall, state, hardware) is trusted


def test_the_hardware_clock_is_read_or_absent(tmp_path: Path) -> None:
    assert hardware_time(tmp_path / "rtc0") is None
    (tmp_path / "since_epoch").write_text("1795615802\n")
    assert hardware_time(tmp_path) == 1795615802.0
    (tmp_path / "since_epoch").write_text("nonsense")
    assert hardware_time(tmp_path) is None


def test_an_instant_holds_both_clocks() -> None:
    clock = ClockSystem()
    before = time.monotonic()
    instant = clock.now()
    assert before <= instant.monotonic_ns / 1e9 <= clock.monotonic()
    assert abs(instant.wall - time.time()) < 60


def test_the_boot_id_stays_the_same() -> None:
    assert boot_id() == boot_id()
    assert len(boot_id()) == 36
