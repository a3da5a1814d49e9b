"""What is wired to the door by its name in the settings; what is named and missing refuses the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.adapters.indicator_none import IndicatorNone
from edge.adapters.indicator_recording import IndicatorRecording
from edge.adapters.inputs_file import InputsFile
from edge.adapters.relay_recording import RelayRecording
from edge.bootstrap.door_parts import build_door_parts
from edge.bootstrap.door_rules import access_rules, direction, hours_rules, lock_rules
from edge.bootstrap.parent import check_parent
from edge.config import Settings, load_settings
from edge.domain.access_two_person import TwoPersonRules
from edge.domain.passback import Direction, PassbackMode
from edge.errors import ConfigError, DeviceError

no_chip = pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has GPIO lines")
FAKE_EDGED = Path(__file__).parents[1] / "daemon" / "fake_edged.py"
RECORDING = '[door]\nrelay = "recording"\n'


def settings(folder: Path, text: str) -> Settings:
    config = folder / "edge.toml"
    config.write_text(text)
    return load_settings(config, {"EDGE_DATA_DIR": str(folder)})


def test_nothing_is_wired_unless_it_is_named(tmp_path: Path) -> None:
    parts = build_door_parts(settings(tmp_path, ""))
    assert parts.lock is None
    assert isinstance(parts.indicator, IndicatorNone)
    assert parts.inputs(print) is None
    parts.close()


def test_what_only_records_or_plays_is_there_by_its_name(tmp_path: Path) -> None:
    text = f'{RECORDING}[inputs]\ndriver = "file"\n[indicators]\ndriver = "recording"\n'
    parts = build_door_parts(settings(tmp_path, text))
    assert isinstance(parts.lock, RelayRecording)
    assert isinstance(parts.indicator, IndicatorRecording)
    inputs = parts.inputs(print)
    assert isinstance(inputs, InputsFile)
    inputs.close()
    parts.close()


@no_chip
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[door]\nrelay = "gpio"\npin = 17\n', "GPIO: this machine is no board whose header is known"),
        ('[door]\nrelay = "gpio"\npin = 40\nchip = 0\n', "/dev/gpiochip0: the chip cannot be opened"),
        (f'{RECORDING}[inputs]\ndriver = "gpio"\nexit_pin = 5\n', "GPIO: this machine is no board"),
        (f'{RECORDING}chip = 3\n[indicators]\ndriver = "gpio"\nred_pin = 5\n', "/dev/gpiochip3: the chip"),
    ],
)
def test_a_chip_that_is_named_and_missing_keeps_the_daemon_from_starting_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: str
) -> None:
    monkeypatch.setenv("LG_WD", str(tmp_path))
    made, here = settings(tmp_path, text), Path.cwd()
    with pytest.raises(DeviceError, match=line):
        build_door_parts(made).inputs(print)
    assert Path.cwd() == here  # whatever the driver does as it is loaded
    (tmp_path / "play.json").write_text("[]")
    play, config = str(tmp_path / "play.json"), str(tmp_path / "edge.toml")
    command = [sys.executable, str(FAKE_EDGED), play, "--config", config]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "EDGE_DATA_DIR": str(tmp_path / "data")},
    )
    assert done.returncode == 1
    (said,) = [one for one in done.stderr.splitlines() if one.startswith("edged: ")]
    assert said.startswith(f"edged: error: {line}")
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "data" / "control.sock").exists()


def test_contacts_of_a_door_that_is_not_there_are_refused_with_their_line(tmp_path: Path) -> None:
    made = settings(tmp_path, '[inputs]\ndriver = "file"\n')
    with pytest.raises(
        ConfigError, match=r"edge.toml:2: inputs.driver: .* door.relay is none; set it as well"
    ):
        check_parent(made)


def test_every_setting_becomes_a_rule(tmp_path: Path) -> None:
    made = settings(
        tmp_path,
        '[device]\ntimezone = "Asia/Tokyo"\n'
        '[door]\nname = "gate"\npulse_seconds = 3\nexit_seconds = 4\nlongest_seconds = 9\nheld_seconds = 20\n'
        'warning_seconds = 5\nrelock = false\non_journal_failure = "allow"\nunlock_schedule = "office"\n'
        "first_person = false\n"
        '[access]\nmax_fpir = 0.5\ndefault_schedule = "never"\nsecond_factor = "always"\n'
        'second_factor_outside = "office"\npin_tries = 5\npassback = "timed"\npassback_seconds = 60\n'
        'outer_area = "street"\ninner_area = "hall"\ntwo_person_seconds = 7\nescort = true\n'
        'trust_any_clock = true\n[attendance]\ndirection = "out"\n',
    )
    lock, access, hours = lock_rules(made), access_rules(made), hours_rules(made)
    assert (lock.door, lock.pulse, lock.exit_pulse, lock.longest) == ("gate", 3, 4, 9)
    assert (lock.held, lock.warning, lock.relock, lock.open_unjournaled) == (20, 5, False, True)
    assert (access.door, str(access.zone), access.max_fpir) == ("gate", "Asia/Tokyo", 0.5)
    assert (access.default_schedule, access.trust_any_clock) == ("never", True)
    assert (access.second_factor.always, access.second_factor.outside) == (True, "office")
    assert access.attempts.most == 5
    assert (access.passback.mode, access.passback.seconds) == (PassbackMode.TIMED, 60)
    assert (access.passback.outer, access.passback.inner) == ("street", "hall")
    assert access.two_person == TwoPersonRules(seconds=7, escort=True)
    assert hours is not None
    assert (hours.schedule, hours.first_person) == ("office", False)
    assert direction(made) is Direction.OUT


def test_the_defaults_are_those_of_the_rules(tmp_path: Path) -> None:
    made = settings(tmp_path, "")
    assert lock_rules(made) == type(lock_rules(made))()
    assert access_rules(made).two_person is None
    assert hours_rules(made) is None
    assert direction(made) is Direction.IN


def test_the_driver_is_loaded_where_the_present_folder_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refused(path: str | Path, *rest: int, **named: int) -> int:
        if path == ".":
            raise PermissionError("Permission denied")
        return opened(path, *rest, **named)

    monkeypatch.setenv("LG_WD", str(tmp_path))
    monkeypatch.setattr(os, "open", refused)
    text = '[door]\nrelay = "gpio"\npin = 40\nchip = 250\n'
    with pytest.raises(DeviceError, match="/dev/gpiochip250: the chip cannot be opened"):
        build_door_parts(settings(tmp_path, text)).inputs(print)
