"""What holds of a door's contacts, on mock pins and by a file; over the real driver: `test_gpio_sim.py`."""

import time
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from edge.adapters.gpio.inputs import InputLine, InputsGpio
from edge.adapters.inputs_file import InputsFile
from edge.domain.door_input import ContactInput, ExitRequested, FireInput, Input, TamperInput
from edge.domain.door_signal import Signal
from edge.errors import DeviceError

EXIT, CONTACT = 21, 20
WIRED = [InputLine(Signal.EXIT, EXIT), InputLine(Signal.CONTACT, CONTACT)]


class Now:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class Site:
    """Inputs that are looked at by hand in a time of their own."""

    inputs: InputsGpio | InputsFile

    def __init__(self) -> None:
        self.now = Now()
        self.told: list[Input] = []

    def press(self, signal: Signal, *, active: bool = True) -> None:
        raise NotImplementedError

    def pass_time(self, seconds: float) -> list[Input]:
        """Look every 10 ms and return what was told."""
        self.told.clear()
        for _ in range(round(seconds * 100)):
            self.inputs.look()
            self.now.at += 0.01
        return self.told


class MockSite(Site):
    """On mock pins."""

    def __init__(self, *wired: InputLine) -> None:
        super().__init__()
        self.lines = MockFactory()
        self.wired = {line.signal: line for line in wired}
        self.inputs = InputsGpio(self.lines, wired, tell=self.told.append, clock=self.now)

    def press(self, signal: Signal, *, active: bool = True) -> None:
        line = self.wired[signal]
        pin = self.lines.pin(line.pin)
        (pin.drive_high if active is line.active_high else pin.drive_low)()


class FileSite(Site):
    """By a file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.active: set[str] = set()
        self.inputs = InputsFile(path, list(Signal), tell=self.told.append, clock=self.now)

    def press(self, signal: Signal, *, active: bool = True) -> None:
        (self.active.add if active else self.active.discard)(str(signal))
        self.path.write_text(" ".join(self.active))


HIGH = InputLine(Signal.FIRE, 22, active_high=True)
FLOATING = InputLine(Signal.TAMPER, 23, active_high=True, pull_up=None)


@pytest.fixture(params=["mock", "file"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    if request.param == "file":
        return FileSite(tmp_path / "inputs.txt")
    return MockSite(*WIRED, HIGH, FLOATING)


def test_levels_found_at_the_start_are_told_but_for_a_button_that_is_stuck(site: Site) -> None:
    for signal in (Signal.EXIT, Signal.FIRE):
        site.press(signal)
    for signal in (Signal.CONTACT, Signal.TAMPER):
        site.press(signal, active=False)
    told = site.pass_time(0.1)
    assert sorted(map(repr, told)) == sorted(
        map(repr, [ContactInput(opened=False), FireInput(active=True), TamperInput(active=False)])
    )


def test_a_press_counts_once_when_it_has_lasted_and_a_bounce_never(site: Site) -> None:
    for signal in Signal:
        site.press(signal, active=False)
    site.pass_time(0.1)
    for _ in range(5):
        site.press(Signal.EXIT)
        site.pass_time(0.02)
        site.press(Signal.EXIT, active=False)
        assert site.pass_time(0.02) == []
    site.press(Signal.EXIT)
    assert site.pass_time(5) == [ExitRequested()]
    site.press(Signal.EXIT, active=False)
    assert site.pass_time(1) == []


def test_every_contact_means_what_it_is_for(site: Site) -> None:
    for signal in Signal:
        site.press(signal, active=False)
    site.pass_time(0.1)
    for signal, meant in (
        (Signal.CONTACT, ContactInput(opened=True)),
        (Signal.EXIT, ExitRequested()),
        (Signal.FIRE, FireInput(active=True)),
        (Signal.TAMPER, TamperInput(active=True)),
    ):
        site.press(signal)
        assert site.pass_time(0.1) == [meant]


def test_what_nobody_takes_is_told_again_and_holds_up_no_other(site: Site) -> None:
    for signal in Signal:
        site.press(signal, active=False)
    site.pass_time(0.1)
    site.press(Signal.CONTACT)
    site.press(Signal.EXIT)
    taken = list[Input]()

    def refuse(given: Input) -> bool:
        if given == ContactInput(opened=True):
            raise RuntimeError("a defect")
        taken.append(given)
        return len(taken) > 2  # no room for it at first

    site.inputs._contacts._tell = refuse
    site.pass_time(0.2)
    assert taken == [ExitRequested()] * 3
    site.inputs._contacts._tell = site.told.append
    assert site.pass_time(0.1) == [ContactInput(opened=True)]


def test_a_file_that_cannot_be_read_changes_nothing_and_is_told(tmp_path: Path) -> None:
    site = FileSite(tmp_path / "inputs.txt")
    site.press(Signal.FIRE)
    site.pass_time(0.1)
    site.path.unlink()
    site.path.mkdir()
    assert site.pass_time(0.2) == []
    assert site.inputs.silent == tuple(Signal)
    site.path.rmdir()
    assert site.pass_time(0.2) == [FireInput(active=False)]
    assert site.inputs.silent == ()


def test_a_chip_without_edges_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = MockFactory()

    def refuses(_pin: MockPin) -> None:
        raise DeviceError("GPIO 21: no edges here")

    monkeypatch.setattr(MockPin, "_enable_event_detect", refuses)
    told = list[Input]()
    inputs = InputsGpio(lines, WIRED, tell=told.append, clock=time.monotonic, edges=True)
    assert not inputs.edges
    assert inputs.look() < 0.05
    inputs.close()


def test_with_edges_a_change_wakes_the_thread() -> None:
    lines, told = MockFactory(), list[Input]()
    inputs = InputsGpio(lines, WIRED, tell=told.append, clock=time.monotonic, edges=True)
    assert inputs.edges
    inputs._contacts._poll = 60.0  # so that nothing but an edge can be what wakes it
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
    site = MockSite(*WIRED)
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
