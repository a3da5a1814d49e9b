"""Pulls the plug of a machine that writes: User-Mode Linux on a disk image, killed with its page cache."""

import os
import platform
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.adapters.store_sqlite import open_store
from tests.store.acknowledged import Acknowledged, check_integrity
from tests.store.conftest import FakeClock

APPENDER = Path(__file__).with_name("appender.py")
CUTS = 5
TOOLS = ("mkfs.ext4", "e2fsck", "debugfs")


@pytest.fixture
def power_cut(shared_data: Path) -> Path:
    tool = shared_data / "uml" / "power-cut"
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [name for name in TOOLS if not shutil.which(name, path=path)]
    if platform.machine() != "x86_64" or not os.access(tool, os.X_OK) or missing:
        pytest.skip("a power cut needs x86-64, the tool `power-cut` and e2fsprogs")
    return tool


def run_until_the_cut(tool: Path, image: Path, seconds: float) -> list[str]:
    command = [
        str(tool),
        str(image),
        f"{seconds:.2f}",
        sys.executable,
        str(APPENDER),
        "/run/disk/data/edge.db",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=with_tools())
    return done.stdout.splitlines(keepends=True)


def what_the_disk_holds(image: Path, folder: Path) -> Path:
    """Take the data folder out of a copy of the image, after the file system's own recovery."""
    copy = folder / "copy.img"
    subprocess.run(["cp", "--sparse=always", image, copy], check=True)
    checked = subprocess.run(["e2fsck", "-fy", copy], capture_output=True, check=False, env=with_tools())
    assert checked.returncode in (0, 1)  # 1: the journal was replayed
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    subprocess.run(
        ["debugfs", "-R", f"rdump /data {out}", copy], capture_output=True, check=True, env=with_tools()
    )
    return out / "data" / "edge.db"


def with_tools() -> dict[str, str]:
    return {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_power_goes(power_cut: Path, tmp_path: Path) -> None:
    chance = random.Random(4_711)  # noqa: S311 - moments of a cut, no secrets
    image = tmp_path / "disk.img"
    acknowledged = Acknowledged()
    for _ in range(CUTS):
        acknowledged.note(run_until_the_cut(power_cut, image, chance.uniform(3, 5)))
        path = what_the_disk_holds(image, tmp_path)
        if not path.exists():
            assert acknowledged == Acknowledged()
            continue
        store = open_store(path, clock=FakeClock(), boot_id="after", ballast_bytes=0)
        acknowledged.check(store)
        store.close()
        check_integrity(path)
    assert acknowledged.seq > 0
