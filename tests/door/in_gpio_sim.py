"""Runs inside a machine with a simulated GPIO chip; prints what the relay did to its line, as JSON.

`starts POLARITY COUNT`: that many starts and stops, the trace of all line requests and levels.
`pulse POLARITY`: the levels during and after a pulse. `killed-then-idle POLARITY`: a process that energises
is killed in the middle; then the line is claimed idle by another. `inputs`: what is told of four contacts.
`lamps`: the levels of two lamps, off and on.
`exit POLARITY COUNT`: that many presses of the exit button while the journal hangs, in seconds to the relay.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("LG_WD", "/run")  # where lgpio makes its named pipe, when it is loaded

import lgpio

from edge.adapters.clock_system import ClockSystem
from edge.adapters.gpio.indicator import IndicatorGpio, LampLine
from edge.adapters.gpio.inputs import InputLine, InputsGpio
from edge.adapters.gpio.lines import IdleFirstFactory, open_lines
from edge.adapters.gpio.relay import RelayGpio
from edge.domain.door_lamps import Lamps
from edge.domain.door_signal import Signal
from edge.domain.door_state import LockRules
from edge.door_loop import DoorLoop

PIN = 17
TRACED = ("gpio_claim_input", "gpio_claim_output", "gpio_claim_alert", "gpio_write", "gpio_free")


def trace(calls: list[list[Any]]) -> None:
    """Let every request for a line leave a mark, in the order of the calls."""
    for name in TRACED:
        real = getattr(lgpio, name)

        def traced(*arguments: Any, _name: str = name, _real: Any = real) -> Any:
            calls.append([_name, *arguments[1:]])
            return _real(*arguments)

        setattr(lgpio, name, traced)


def tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def level(pin: int = PIN) -> int:
    return int(Path(os.environ["GPIO_SIM"], f"sim_gpio{pin}", "value").read_text())


def pull(pin: int, *, up: bool) -> None:
    word = "pull-up" if up else "pull-down"
    Path(os.environ["GPIO_SIM"], f"sim_gpio{pin}", "pull").write_text(word)


def until(holds: Callable[[], bool], seconds: float = 5.0) -> float:
    began = time.monotonic()
    while not holds() and time.monotonic() - began < seconds:
        time.sleep(0.002)
    return time.monotonic() - began


def tell_inputs() -> None:
    lines, one = relay(active_high=True)
    wired = [InputLine(signal, 20 + place) for place, signal in enumerate(Signal)]
    told: list[str] = []
    inputs = InputsGpio(lines, wired, tell=lambda given: told.append(repr(given)), clock=time.monotonic)
    inputs.start()
    until(lambda: len(told) == 3)
    for up in (False, True):
        for line in wired:
            pull(line.pin, up=up)
            time.sleep(0.2)
    pull(21, up=False)
    time.sleep(0.005)  # less than what counts
    pull(21, up=True)
    time.sleep(0.2)
    inputs.close()
    one.close()
    tell({"told": told})


def press(count: int, *, active_high: bool) -> None:
    lines, one = relay(active_high=active_high)
    loop = DoorLoop(
        LockRules(exit_pulse=1), one, lambda _event: threading.Event().wait() and 1, ClockSystem()
    )
    loop.start()
    wired = [InputLine(Signal.EXIT, 21), InputLine(Signal.CONTACT, 20)]
    inputs = InputsGpio(lines, wired, tell=loop.post, clock=time.monotonic)
    inputs.start()
    until(lambda: loop.state.opened is False)
    time.sleep(0.2)
    energised = 1 if active_high else 0
    took = []
    for _ in range(count):
        pull(21, up=False)
        took.append(until(lambda: level() == energised))
        pull(21, up=True)
        pull(20, up=False)  # opened, and closed again: the door locks at once
        until(lambda: loop.state.opened is True)
        pull(20, up=True)
        until(lambda: level() != energised)
        time.sleep(0.05)
    tell({"seconds": took, "levels": [level()]})
    os._exit(0)


def relay(*, active_high: bool) -> tuple[IdleFirstFactory, RelayGpio]:
    lines = open_lines(0)
    return lines, RelayGpio(lines, PIN, active_high=active_high, clock=time.monotonic)


def main(what: str, polarity: str, count: int) -> None:
    active_high = polarity == "high"
    calls: list[list[Any]] = []
    trace(calls)
    levels: list[Any] = []
    if what == "starts":
        for _ in range(count):
            lines, one = relay(active_high=active_high)
            levels.append(level())
            one.close()
            lines.close()
    elif what == "pulse":
        lines, one = relay(active_high=active_high)
        one.pulse(0.2)
        levels.append(level())
        time.sleep(0.5)
        levels.append(level())
    elif what == "killed-then-idle":
        child = [sys.executable, "-m", "tests.door.in_gpio_sim", "killed", polarity]
        subprocess.run(child, cwd=Path(__file__).parents[2], check=False)  # loading lgpio changed it
        began = time.monotonic()
        relay(active_high=active_high)
        tell({"levels": [level()], "seconds": time.monotonic() - began})
        return
    elif what == "inputs":
        tell_inputs()
        return
    elif what == "lamps":
        lines, _ = relay(active_high=True)
        calls.clear()
        shown = IndicatorGpio(lines, [LampLine("green", 5), LampLine("red", 6, active_high=False)])
        levels.append([level(5), level(6)])
        shown.show(Lamps(green=True, red=True))
        levels.append([level(5), level(6)])
        shown.close()
    elif what == "exit":
        press(count, active_high=active_high)
    elif what == "killed":
        _, one = relay(active_high=active_high)
        one.pulse(30)
        tell({"levels": [level()]})
        os.kill(os.getpid(), signal.SIGKILL)
    tell({"calls": calls, "levels": levels})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
