"""What holds of every relay, over gpiozero's mock pins; `test_gpio_sim.py` has it over the real driver."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from edge.adapters.gpio.relay import RelayGpio
from edge.errors import DeviceError

PIN = 17


@pytest.fixture
def lines() -> MockFactory:
    return MockFactory()


@pytest.mark.parametrize("active_high", [True, False])
def test_a_pulse_on_mock_pins_energises_and_ends_by_itself(lines: MockFactory, active_high: bool) -> None:
    relay = RelayGpio(lines, PIN, active_high=active_high, clock=time.monotonic)
    pin = lines.pin(PIN)
    assert pin.state is not active_high
    relay.pulse(0.1)
    assert pin.state is active_high
    until = time.monotonic() + 5
    while pin.state is active_high and time.monotonic() < until:
        time.sleep(0.01)
    assert pin.state is not active_high
    relay.close()


def test_idle_ends_a_pulse_at_once_and_closing_may_be_done_twice(lines: MockFactory) -> None:
    relay = RelayGpio(lines, PIN, active_high=True, clock=time.monotonic)
    relay.pulse(30)
    relay.idle()
    assert not lines.pin(PIN).state
    relay.pulse(30)
    relay.close()
    relay.close()
    assert not lines.pin(PIN).state


def test_a_line_in_use_and_one_that_is_not_there_are_one_clear_line(lines: MockFactory) -> None:
    first = RelayGpio(lines, PIN, active_high=True, clock=time.monotonic)
    for pin in (PIN, 99):
        with pytest.raises(DeviceError, match=f"GPIO {pin}: the line cannot be had"):
            RelayGpio(lines, pin, active_high=True, clock=time.monotonic)
    first.close()


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has GPIO lines")
def test_a_machine_without_gpio_is_one_clear_line_and_never_the_mock(tmp_path: Path) -> None:
    config = tmp_path / "edge.toml"
    config.write_text('[door]\nrelay = "gpio"\npin = 17\n')
    edgectl = shutil.which("edgectl", path=str(Path(sys.executable).parent))
    assert edgectl is not None
    done = subprocess.run(
        [edgectl, "--config", str(config), "relay", "idle"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"EDGE_DATA_DIR": str(tmp_path)},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("edgectl: error: GPIO: ")
    assert done.stderr.count("\n") == 1


def test_making_the_relay_idle_loads_nothing_heavy() -> None:
    program = (
        "import sys; from edge.cli import main; main(['relay', 'idle']);"
        "print([name for name in ('cv2', 'onnxruntime', 'dlib', 'numpy', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
