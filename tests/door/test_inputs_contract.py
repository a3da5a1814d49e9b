"""What holds of a door's contacts, on gpiozero's mock pins and on a simulated chip with the real driver."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from edge.adapters.gpio.inputs import InputLine, InputsGpio
from edge.domain.door_input import ContactInput, ExitRequested, FireInput, Input, TamperInput
from edge.domain.door_signal import Signal
from edge.errors import DeviceError

Machine = Callable[..., list[dict[str, Any]]]
EXIT, CONTACT = 21, 20
WIRED = [InputLine(Signal.EXIT, EXIT), InputLine(Signal.CONTACT, CONTACT)]


class Now:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class Site:
    """Inputs on mock pins, looked at by hand in a time of their own."""

    def __init__(self, *wired: InputLine) -> None:
        self.lines = MockFactory()
        self.now = Now()
        self.told: list[Input] = []
        self.inputs = InputsGpio(self.lines, wired, tell=self.told.append, clock=self.now)

    def pass_time(self, seconds: float) -> list[Input]:
        """Look every 10 ms and return what was told."""
        self.told.clear()
        for _ in range(round(seconds * 100)):
            self.inputs.look()
            self.now.at += 0.01
        return self.told


def test_the_real_driver_tells_the_start_and_each_change_once_and_no_bounce(machine: Machine) -> None:
    (found,) = machine("inputs", "high")
    assert found["told"] == [
        *map(repr, [ContactInput(opened=False), FireInput(active=False), TamperInput(active=False)]),
        *map(repr, [ContactInput(opened=True), ExitRequested()]),
        *map(repr, [FireInput(active=True), TamperInput(active=True)]),
        *map(repr, [ContactInput(opened=False), FireInput(active=False), TamperInput(active=False)]),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("polarity", ["high", "low"])
def test_the_exit_button_moves_the_real_driver_s_relay_within_a_fifth_of_a_second_each_of_100_times(
    machine: Machine, polarity: str
) -> None:
    (found,) = machine("exit", polarity, "100")
    assert len(found["seconds"]) == 100
    assert max(found["seconds"]) < 0.2  # what the terminal promises of each press, not a figure of speed


def test_levels_found_at_the_start_are_told_but_for_a_button_that_is_stuck() -> None:
    fire = InputLine(Signal.FIRE, 22, active_high=True)
    site = Site(*WIRED, fire)
    site.lines.pin(EXIT).drive_low()
    assert site.pass_time(0.1) == [ContactInput(opened=False), FireInput(active=True)]


def test_a_press_counts_once_when_it_has_lasted_and_a_bounce_never() -> None:
    site = Site(*WIRED)
    site.pass_time(0.1)
    button = site.lines.pin(EXIT)
    for _ in range(5):
        button.drive_low()
        site.pass_time(0.02)
        button.drive_high()
        assert site.pass_time(0.02) == []
    button.drive_low()
    assert site.pass_time(5) == [ExitRequested()]
    button.drive_high()
    assert site.pass_time(1) == []


def test_with_edges_a_change_wakes_the_thread() -> None:
    lines, told = MockFactory(), list[Input]()
    inputs = InputsGpio(lines, WIRED, tell=told.append, clock=time.monotonic, edges=True)
    inputs._poll = 60.0  # so that nothing but an edge can be what wakes it
    inputs.start()
    until = time.monotonic() + 5
    while len(told) < 1 and time.monotonic() < until:
        time.sleep(0.01)
    lines.pin(EXIT).drive_low()
    while len(told) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    inputs.close()
    assert told == [ContactInput(opened=False), ExitRequested()]


def test_a_line_that_does_not_answer_leaves_the_others_working(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(*WIRED)
    site.pass_time(0.1)

    def fails() -> bool:
        raise DeviceError("GPIO 20: no answer")

    monkeypatch.setattr(site.lines.pin(CONTACT), "_get_state", fails)
    site.lines.pin(EXIT).drive_low()
    assert site.pass_time(0.1) == [ExitRequested()]


def test_a_line_in_use_is_one_clear_line_and_the_others_are_given_back() -> None:
    lines = MockFactory()
    first = InputsGpio(lines, [InputLine(Signal.FIRE, 22)], tell=print, clock=time.monotonic)
    wired = [InputLine(Signal.EXIT, EXIT), InputLine(Signal.TAMPER, 22)]
    with pytest.raises(DeviceError, match="GPIO 22: the line cannot be had for tamper"):
        InputsGpio(lines, wired, tell=print, clock=time.monotonic)
    InputsGpio(lines, [InputLine(Signal.EXIT, EXIT)], tell=print, clock=time.monotonic).close()
    first.close()
    first.close()
