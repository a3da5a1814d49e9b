import time
from pathlib import Path

import pytest

from edge.adapters.clock_setting import set_clock, set_hardware_clock
from edge.adapters.clock_system import TIME_ERROR, ClockSystem, boot_id, hardware_time, is_trusted
from edge.domain.clock_trust import EARLIEST, Vouch, Witness, vouch
from edge.errors import DeviceError
from edge.ports import VouchedClock

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


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> VouchedClock:
    """Return the system's clock on a machine without NTP and hardware clock."""
    monkeypatch.setattr("edge.adapters.clock_system._adjtimex", lambda: TIME_ERROR)
    monkeypatch.setattr("edge.adapters.clock_system.hardware_time", lambda: None)
    return ClockSystem()


def test_an_admins_word_makes_the_clock_trusted_until_it_is_taken_back(alone: VouchedClock) -> None:
    assert alone.standing().witnesses == ()
    assert not alone.now().trusted
    alone.accept(vouch(alone.now()))
    assert alone.now().trusted
    assert alone.standing().witnesses == (Witness.ADMIN,)
    alone.accept(None)
    assert not alone.now().trusted


def test_a_word_for_another_time_says_nothing(alone: VouchedClock) -> None:
    now = alone.now()
    alone.accept(Vouch(now.wall - 3600, now.monotonic_ns))
    assert not alone.now().trusted
    assert alone.standing().witnesses == ()


def test_everybody_who_vouches_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.adapters.clock_system._adjtimex", lambda: KEPT)
    monkeypatch.setattr("edge.adapters.clock_system.hardware_time", time.time)
    clock = ClockSystem()
    clock.accept(vouch(clock.now()))
    assert clock.standing().witnesses == (Witness.NTP, Witness.HARDWARE, Witness.ADMIN)
    assert clock.standing().at.trusted


def test_a_clock_that_may_not_be_set_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_clock: int, _wall: float) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(time, "clock_settime", refuse)
    with pytest.raises(
        DeviceError, match=r"clock: it cannot be set \(Operation not permitted\); do it as root"
    ):
        set_clock(TODAY)
    assert set_hardware_clock(TODAY, tmp_path / "rtc0") is False
    assert not (tmp_path / "rtc0").exists()
    (tmp_path / "rtc0").touch()  # no device
    with pytest.raises(DeviceError, match="the hardware clock cannot be set"):
        set_hardware_clock(TODAY, tmp_path / "rtc0")
