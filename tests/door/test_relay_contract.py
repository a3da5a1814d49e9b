"""What holds of every relay, over gpiozero's mock pins and over a simulated chip with the real driver.

Levels that nobody asked for are looked for in the requests for the line, not by looking at it now and then.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from edge.adapters.gpio.relay import RelayGpio
from edge.errors import DeviceError
from tests.door.conftest import Found

PIN = 17


both_polarities = pytest.mark.parametrize("polarity", ["high", "low"])


def idle_level(polarity: str) -> int:
    return 0 if polarity == "high" else 1


@both_polarities
def test_fifty_starts_and_stops_of_the_real_driver_never_energise(gpio_sim: Found, polarity: str) -> None:
    told, idle = gpio_sim["starts", polarity], idle_level(polarity)
    assert told["levels"] == [idle] * 50
    assert (
        told["calls"]
        == [
            ["gpio_claim_output", PIN, idle],
            ["gpio_write", PIN, bool(idle)],
            ["gpio_free", PIN],
        ]
        * 50
    )


@both_polarities
def test_starts_and_stops_of_the_whole_parent_never_energise(gpio_sim: Found, polarity: str) -> None:
    told, idle = gpio_sim["parents", polarity], idle_level(polarity)
    count = len(told["levels"])
    assert count >= 3
    assert set(told["levels"]) == {idle}
    calls = [call for call in told["calls"] if call[1] == PIN]
    assert [call for call in calls if call[0].startswith("gpio_claim")] == [
        ["gpio_claim_output", PIN, idle]
    ] * count
    assert {call[2] for call in calls if call[0] == "gpio_write"} == {bool(idle)}
    assert [call for call in calls if call[0] == "gpio_free"] == [["gpio_free", PIN]] * count


@both_polarities
def test_a_pulse_of_the_real_driver_energises_and_ends_by_itself(gpio_sim: Found, polarity: str) -> None:
    idle = idle_level(polarity)
    assert gpio_sim["pulse", polarity]["levels"] == [1 - idle, idle]


@both_polarities
def test_after_a_kill_in_the_middle_of_a_pulse_one_command_makes_it_idle(
    gpio_sim: Found, polarity: str
) -> None:
    told, idle = gpio_sim["idled", polarity], idle_level(polarity)
    assert told["killed"] == [1 - idle]
    assert told["before"] == 1 - idle
    assert told["freed"] == [idle]
    assert told["calls"] == [
        ["gpio_claim_output", PIN, idle],
        ["gpio_write", PIN, bool(idle)],
        ["gpio_free", PIN],
    ]
    assert told["seconds"] < 1  # what the terminal promises, not a figure of speed


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
