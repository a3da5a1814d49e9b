"""What is wired to the door, as the settings name it; what is missing refuses the start in one line."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import structlog

from edge.bootstrap.gpio_lines import GpioLines
from edge.bootstrap.relay import build_relay
from edge.config import Settings
from edge.config.door import CONTACTS, LAMPS
from edge.domain.door_input import Input
from edge.domain.door_signal import Signal
from edge.ports import Indicator, Inputs, Lock

log = structlog.get_logger("edge.bootstrap")

Tell = Callable[[Input], object]


@dataclass(frozen=True, slots=True, eq=False)
class DoorParts:
    """The lock, None where there is no door; contacts, told to whoever asks for them; lamps."""

    lock: Lock | None
    indicator: Indicator
    inputs: Callable[[Tell], Inputs | None]
    close: Callable[[], None]


def build_door_parts(settings: Settings) -> DoorParts:
    """Return what is wired, with the relay's and the lamps' lines claimed and idle.

    Raises ConfigError, and DeviceError where a driver, chip or line is missing; `inputs` raises it as well.
    """
    lines = GpioLines(settings)
    with ExitStack() as undo:
        undo.callback(lines.close)
        relay = build_relay(settings, lines)
        undo.callback(relay.close)
        indicator = _indicator(settings, lines)
        undo.callback(indicator.close)
        undo.pop_all()
    _say_what_does_not_open(settings)

    def close() -> None:
        indicator.close()
        relay.close()
        lines.close()

    lock = None if settings.door.relay == "none" else relay.relay
    return DoorParts(lock, indicator, lambda tell: _inputs(settings, lines, tell), close)


def _say_what_does_not_open(settings: Settings) -> None:
    if settings.door.relay == "none":
        log.warning("no relay is configured, nothing will open", key="door.relay")
    if settings.door.relay == "recording":
        log.warning("the relay only records, no lock is moved", record=str(settings.data_dir / "relay.jsonl"))


def _inputs(settings: Settings, lines: GpioLines, tell: Tell) -> Inputs | None:
    wired, settle = settings.inputs, settings.inputs.settle_ms / 1000
    if wired.driver == "none":
        return None
    if wired.driver == "file":
        from edge.adapters.inputs_file import InputsFile

        path = settings.data_dir / "inputs.txt"
        log.warning("the door's contacts are played by a file", file=str(path))
        return InputsFile(path, list(Signal), tell=tell, clock=time.monotonic, settle=settle)
    factory = lines.open("inputs.driver")
    from edge.adapters.gpio.inputs import InputLine, InputsGpio

    contacts = [
        InputLine(
            Signal(name),
            getattr(wired, f"{name}_pin"),
            active_high=getattr(wired, f"{name}_active_high"),
            pull_up={"up": True, "down": False, "none": None}[getattr(wired, f"{name}_pull")],
            settle=settle,
        )
        for name in CONTACTS
        if getattr(wired, f"{name}_pin") is not None
    ]
    return InputsGpio(factory, contacts, tell=tell, clock=time.monotonic, edges=wired.edges == "auto")


def _indicator(settings: Settings, lines: GpioLines) -> Indicator:
    shown = settings.indicators
    if shown.driver == "none":
        from edge.adapters.indicator_none import IndicatorNone

        return IndicatorNone()
    if shown.driver == "recording":
        from edge.adapters.indicator_recording import IndicatorRecording

        return IndicatorRecording(settings.data_dir / "lamps.jsonl", time.monotonic)
    factory = lines.open("indicators.driver")
    from edge.adapters.gpio.indicator import IndicatorGpio, LampLine

    lamps = [
        LampLine(name, getattr(shown, f"{name}_pin"), active_high=getattr(shown, f"{name}_active_high"))
        for name in LAMPS
        if getattr(shown, f"{name}_pin") is not None
    ]
    return IndicatorGpio(factory, lamps)
