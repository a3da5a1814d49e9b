from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from edge.adapters.box_psutil import BoxPsutil


class Times(NamedTuple):
    """What Linux counts, in its order."""

    user: float
    nice: float = 0
    system: float = 0
    idle: float = 0
    iowait: float = 0
    irq: float = 0
    softirq: float = 0
    steal: float = 0
    guest: float = 0
    guest_nice: float = 0


def at(monkeypatch: pytest.MonkeyPatch, *, busy: float, idle: float, iowait: float = 0.0) -> None:
    times = Times(busy, idle=idle, iowait=iowait)
    monkeypatch.setattr(psutil, "cpu_times", lambda: times)
    monkeypatch.setattr(psutil, "cpu_count", lambda: 2)


def test_the_share_is_that_of_the_time_between_two_readings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "getloadavg", lambda: (1.0, 9.0, 9.0))
    box = BoxPsutil(tmp_path)
    at(monkeypatch, busy=100, idle=900)
    assert box.read().cpu == 0.5  # the load of the last minute, over two processors
    at(monkeypatch, busy=101, idle=902, iowait=1)
    assert box.read().cpu == pytest.approx(0.25)  # one second of four was work
    at(monkeypatch, busy=102, idle=902, iowait=1)
    assert box.read().cpu == pytest.approx(0.25)  # too soon to say anything new
    at(monkeypatch, busy=105, idle=902, iowait=1)
    assert box.read().cpu == 1.0


def test_the_real_box_tells_its_memory_and_disk(tmp_path: Path) -> None:
    load = BoxPsutil(tmp_path).read()
    assert load.cpu is not None
    assert 0 <= load.cpu <= 1
    assert load.memory is not None
    assert 0 < load.memory < 1
    assert load.disk_free is not None
    assert load.disk_total is not None
    assert 0 < load.disk_free < load.disk_total


def test_a_folder_that_is_gone_leaves_the_rest(tmp_path: Path) -> None:
    load = BoxPsutil(tmp_path / "gone").read()
    assert (load.disk_free, load.disk_total) == (None, None)
    assert load.memory is not None
