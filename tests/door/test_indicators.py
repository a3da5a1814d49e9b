"""What holds of every indicator, over mock pins and by a record, and of the thread that drives one."""

import json
import threading
import time
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from edge.adapters.gpio.indicator import IndicatorGpio, LampLine
from edge.adapters.indicator_none import IndicatorNone
from edge.adapters.indicator_recording import IndicatorRecording
from edge.domain.door_input import Energise
from edge.domain.door_lamps import Cue, Lamps
from edge.domain.door_state import DoorState
from edge.door_show import DoorShow
from edge.errors import DeviceError

WIRED = [LampLine("green", 5), LampLine("red", 6, active_high=False), LampLine("buzzer", 13)]
ON = Lamps(green=True, red=True, buzzer=True)


class MockBoard:
    def __init__(self) -> None:
        self.lines = MockFactory()
        self.indicator = IndicatorGpio(self.lines, WIRED)

    def shown(self) -> Lamps:
        levels = [bool(self.lines.pin(line.pin).state) is line.active_high for line in WIRED]
        return Lamps(*levels)


class Record:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.indicator = IndicatorRecording(path, time.monotonic)

    def shown(self) -> Lamps:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        last = json.loads(lines[-1]) if lines else {}
        return Lamps(*(last.get(name, False) for name in ("green", "red", "buzzer")))


@pytest.fixture(params=["mock", "recording"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> MockBoard | Record:
    return MockBoard() if request.param == "mock" else Record(tmp_path / "lamps.jsonl")


def test_it_begins_dark_shows_what_it_is_told_and_ends_dark(site: MockBoard | Record) -> None:
    assert site.shown() == Lamps()
    for lamps in (Lamps(red=True), ON, Lamps(green=True), Lamps(buzzer=True)):
        site.indicator.show(lamps)
        assert site.shown() == lamps
    site.indicator.close()
    site.indicator.close()
    assert isinstance(site, MockBoard) or site.shown() == Lamps()


def test_none_shows_nothing() -> None:
    none = IndicatorNone()
    none.show(ON)
    none.close()


def test_a_line_in_use_is_one_clear_line_and_the_others_are_given_back() -> None:
    lines = MockFactory()
    first = IndicatorGpio(lines, [LampLine("red", 6)])
    with pytest.raises(DeviceError, match="GPIO 6: the line cannot be had for red"):
        IndicatorGpio(lines, [LampLine("green", 5), LampLine("red", 6)])
    IndicatorGpio(lines, [LampLine("green", 5)]).close()
    first.close()


def test_a_lamp_that_does_not_answer_leaves_the_others_working(monkeypatch: pytest.MonkeyPatch) -> None:
    board = MockBoard()

    def fails(_value: float) -> None:
        raise DeviceError("no answer")

    monkeypatch.setattr(board.lines.pin(5), "_set_state", fails)
    with pytest.raises(DeviceError, match="GPIO 5: green does not answer"):
        board.indicator.show(ON)
    assert board.shown() == Lamps(red=True, buzzer=True)


class Site:
    """A door that a test moves, and the lamps that were shown of it."""

    def __init__(self) -> None:
        self.state = DoorState()
        self.stuck = False
        self.at = 100.0
        self.broken = False
        self.lamps: list[Lamps] = []
        self.shows = DoorShow(
            Panel(self), state=lambda: self.state, stuck=lambda: self.stuck, clock=lambda: self.at
        )

    def look(self) -> Lamps:
        self.shows.look()
        return self.lamps[-1]


class Panel:
    def __init__(self, site: Site) -> None:
        self.site = site

    def show(self, lamps: Lamps) -> None:
        if self.site.broken:
            raise DeviceError("no answer")
        self.site.lamps.append(lamps)

    def close(self) -> None:
        self.site.lamps.append(Lamps())


UNLOCKED = DoorState(relay=Energise(None), fire=True)


def test_the_lamps_follow_the_door_and_a_cue_begins_when_it_is_given() -> None:
    site = Site()
    assert site.look() == Lamps(red=True)
    site.at += 7
    site.shows.cue(Cue.DENIED)
    assert site.look() == Lamps(red=True, buzzer=True)
    site.at += 2
    assert site.look() == Lamps(red=True)
    site.state = UNLOCKED
    assert site.look() == Lamps(green=True)


def test_a_stuck_journal_shows_though_nobody_tells() -> None:
    site = Site()
    site.stuck = True
    seen = set()
    for _ in range(20):
        seen.add(site.look())
        site.at += 0.25
    assert seen == {Lamps(red=True), Lamps()}


def test_what_is_shown_already_is_not_switched_again_but_after_a_fault() -> None:
    site = Site()
    site.look()
    site.look()
    assert len(site.lamps) == 1
    site.broken = True
    site.state = UNLOCKED
    site.look()
    site.broken = False
    assert site.look() == Lamps(green=True)


def test_a_change_of_the_door_is_shown_by_the_thread_and_its_end_is_dark() -> None:
    site = Site()
    site.shows.start()
    until = time.monotonic() + 5
    while not site.lamps and time.monotonic() < until:
        time.sleep(0.005)
    site.state = UNLOCKED
    site.shows.changed()
    while len(site.lamps) < 2 and time.monotonic() < until:
        time.sleep(0.005)
    site.shows.stop()
    assert site.lamps == [Lamps(red=True), Lamps(green=True), Lamps()]


def test_an_indicator_that_hangs_does_not_keep_anybody_from_stopping() -> None:
    hanging, entered = threading.Event(), threading.Event()

    class Hanging(Panel):
        def show(self, lamps: Lamps) -> None:
            del lamps
            entered.set()
            hanging.wait()

    site = Site()
    shows = DoorShow(Hanging(site), state=lambda: site.state, stuck=lambda: False, clock=time.monotonic)
    shows.start()
    assert entered.wait(5)
    shows.cue(Cue.GRANTED)
    shows.stop()
    hanging.set()
