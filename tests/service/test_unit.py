"""The unit: what systemd itself says of it, and that its times fit those of the daemon."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.domain.watchdog import Deadlines
from edge.supervise import Patience

REPOSITORY = Path(__file__).resolve().parents[2]
UNIT = REPOSITORY / "systemd" / "edged.service"
CHECK = REPOSITORY / "deploy" / "check-units.sh"

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here; Debian: apt install systemd"
)


class Unit(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


def service() -> dict[str, str]:
    parsed = Unit(strict=False, delimiters=("=",))
    parsed.read_string(UNIT.read_text())
    return dict(parsed["Service"])


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", str(CHECK), str(folder)], capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(UNIT.parent, tmp_path / "systemd")
    return tmp_path / "systemd"


@needs_systemd
def test_systemd_has_nothing_against_the_unit_and_its_examples() -> None:
    run = check(UNIT.parent)
    assert (run.returncode, run.stderr) == (0, "")
    assert "of 10 exposed" in run.stdout


@needs_systemd
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("edged.service", "WatchdogSec=30", "WatchdogSec=soon"),
        ("edged.service", "StateDirectory=edge", "StateDirectry=edge"),
        ("edged.service", "ProtectSystem=strict\n", "\n"),
        ("edged.service.d/raspberry-pi-camera.conf.example", "DeviceAllow", "DeviceAlow"),
    ],
)
def test_a_mistake_is_found(copy: Path, file: str, old: str, new: str) -> None:
    text = (copy / file).read_text()
    assert old in text
    (copy / file).write_text(text.replace(old, new))
    run = check(copy)
    assert run.returncode == 1
    assert "check-units: " in run.stderr


def test_without_systemd_the_check_says_that_it_was_skipped(tmp_path: Path) -> None:
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    run = subprocess.run(
        ["bash", str(CHECK)], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0
    assert "skipped" in run.stdout


def test_the_service_has_time_for_what_the_daemon_allows_itself() -> None:
    times, patience, deadlines = service(), Patience(), Deadlines()
    # A child that hangs has been replaced before the watchdog of a service fed until then bites.
    silent = patience.progress + patience.terminate - deadlines.vision + deadlines.grace
    assert int(times["WatchdogSec"]) > 2 * silent
    assert int(times["TimeoutStartSec"]) > patience.start + patience.terminate + 30
    assert int(times["TimeoutStopSec"]) > 2 * 5


def test_it_restarts_for_ever_and_leaves_no_core_and_no_lock_open() -> None:
    values = service()
    assert values["Restart"] == "always"
    assert "StartLimitIntervalSec=0" in UNIT.read_text()
    assert values["LimitCORE"] == "0"
    assert values["ExecStopPost"].endswith(" relay idle")
    assert values["Environment"] == "ORT_DISABLE_TELEMETRY=1"
    assert values["NotifyAccess"] == "main"
    assert "PrivateDevices" not in values
