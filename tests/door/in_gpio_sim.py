"""Runs inside a machine with a simulated GPIO chip; prints what was done to its lines, one JSON object each.

`PARENTS PRESSES`: starts and stops of a relay and of the whole parent, a pulse, a process that is killed in
the middle of one and `edgectl relay idle` after it, for both polarities; contacts, lamps, and presses of the
exit button while the journal hangs. Each object has the trace of all requests for lines and of their levels.
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
from edge.cli import main as edgectl
from edge.config import Settings, load_settings
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


def told_of_inputs() -> dict[str, Any]:
    lines = open_lines(0)
    wired = [InputLine(signal, 20 + place) for place, signal in enumerate(Signal)]
    told: list[str] = []
    inputs = InputsGpio(
        lines, wired, tell=lambda given: told.append(repr(given)), clock=time.monotonic, edges=True
    )
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
    lines.close()
    return {"told": told, "edges": inputs.edges}


def press(count: int, *, active_high: bool) -> dict[str, Any]:
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
    inputs.close()
    loop.stop()
    one.close()
    lines.close()
    return {"seconds": took}


def configured(*, active_high: bool) -> Settings:
    """Return the settings of a terminal on this chip, in a data folder that is nobody else's."""
    config = Path("/run/edge.toml")
    config.write_text(
        f'[door]\nrelay = "gpio"\nchip = 0\npin = {PIN}\nactive_high = {str(active_high).lower()}\n'
        '[inputs]\ndriver = "gpio"\nexit_pin = 21\ncontact_pin = 20\n'
        '[indicators]\ndriver = "gpio"\ngreen_pin = 5\nred_pin = 6\n[storage]\nballast_mib = 0\n'
    )
    os.environ["EDGE_DATA_DIR"] = "/run/data"
    return load_settings(config)


def start_parents(count: int, *, active_high: bool) -> list[int]:
    """Start and stop the whole parent that often; return the relay's level in the middle of each."""
    from edge.bootstrap.parent import build_parent

    settings = configured(active_high=active_high)
    levels = []
    for _ in range(count):
        parent = build_parent(settings, vision_command=["/bin/true"])
        thread = threading.Thread(target=parent.run)
        thread.start()
        until(lambda parent=parent: parent.runtime.health()["door"]["contact"] is not None, 30)  # type: ignore[misc]
        levels.append(level())
        parent.runtime.stop()
        thread.join(30)
        parent.close()
    return levels


def idled_by_command(*, active_high: bool) -> dict[str, Any]:
    """Run `edgectl relay idle` on a line that a board keeps energised; return what it did to it."""
    configured(active_high=active_high)
    pull(PIN, up=active_high)  # as a board does that keeps the line of a killed process as it was
    before, freed = level(), list[int]()
    free = lgpio.gpio_free

    def noted(*line: Any) -> Any:
        freed.append(level())
        return free(*line)

    lgpio.gpio_free = noted
    began = time.monotonic()
    edgectl(["--config", "/run/edge.toml", "relay", "idle"])
    took = time.monotonic() - began
    lgpio.gpio_free = free
    pull(PIN, up=False)
    return {"before": before, "freed": freed, "seconds": took}


def relay(*, active_high: bool) -> tuple[IdleFirstFactory, RelayGpio]:
    lines = open_lines(0)
    return lines, RelayGpio(lines, PIN, active_high=active_high, clock=time.monotonic)


def starts(count: int, *, active_high: bool) -> dict[str, Any]:
    levels = []
    for _ in range(count):
        lines, one = relay(active_high=active_high)
        levels.append(level())
        one.close()
        lines.close()
    return {"levels": levels}


def pulse(*, active_high: bool) -> dict[str, Any]:
    lines, one = relay(active_high=active_high)
    one.pulse(0.2)
    levels = [level()]
    time.sleep(0.5)
    levels.append(level())
    one.close()
    lines.close()
    return {"levels": levels}


def lamps() -> dict[str, Any]:
    lines = open_lines(0)
    shown = IndicatorGpio(lines, [LampLine("green", 5), LampLine("red", 6, active_high=False)])
    levels = [[level(5), level(6)]]
    shown.show(Lamps(green=True, red=True))
    levels.append([level(5), level(6)])
    shown.close()
    lines.close()
    return {"levels": levels}


def be_killed(*, active_high: bool) -> None:
    _, one = relay(active_high=active_high)
    one.pulse(30)
    tell({"levels": [level()]})
    os.kill(os.getpid(), signal.SIGKILL)


def kill(*, active_high: bool) -> list[int]:
    """Have a process killed in the middle of a pulse; return the level that it had reached."""
    child = [sys.executable, "-m", "tests.door.in_gpio_sim", "killed", "high" if active_high else "low"]
    done = subprocess.run(
        child, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )  # the folder is given because loading lgpio changed it
    assert done.returncode == -signal.SIGKILL, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1])["levels"])


def all_of_it(parents: int, presses: int) -> None:
    calls: list[list[Any]] = []
    trace(calls)

    def one(what: str, polarity: str, found: dict[str, Any]) -> None:
        tell({"what": what, "polarity": polarity, "calls": list(calls), **found})
        calls.clear()

    for polarity in ("high", "low"):
        active_high = polarity == "high"
        one("starts", polarity, starts(50, active_high=active_high))
        one("pulse", polarity, pulse(active_high=active_high))
        killed = kill(active_high=active_high)
        one("idled", polarity, {"killed": killed, **idled_by_command(active_high=active_high)})
        one("parents", polarity, {"levels": start_parents(parents, active_high=active_high)})
    one("inputs", "high", told_of_inputs())
    one("lamps", "high", lamps())
    one("exit", "low", press(presses, active_high=False))


if __name__ == "__main__":
    if sys.argv[1] == "killed":
        be_killed(active_high=sys.argv[2] == "high")
    all_of_it(int(sys.argv[1]), int(sys.argv[2]))
