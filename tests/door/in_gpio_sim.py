"""Runs inside a machine with a simulated GPIO chip; prints what the relay did to its line, as JSON.

`starts POLARITY COUNT`: that many starts and stops, the trace of all line requests and levels.
`pulse POLARITY`: the levels during and after a pulse. `killed-then-idle POLARITY`: a process that energises
is killed in the middle; then the line is claimed idle by another.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("LG_WD", "/run")  # where lgpio makes its named pipe, when it is loaded

import lgpio

from edge.adapters.gpio.lines import IdleFirstFactory, open_lines
from edge.adapters.gpio.relay import RelayGpio

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


def level() -> int:
    return int(Path(os.environ["GPIO_SIM"], f"sim_gpio{PIN}", "value").read_text())


def relay(*, active_high: bool) -> tuple[IdleFirstFactory, RelayGpio]:
    IdleFirstFactory._get_revision = lambda _self: 0xA02082  # a Pi 3B, whose lines are the chip's
    lines = open_lines(0)
    return lines, RelayGpio(lines, PIN, active_high=active_high, clock=time.monotonic)


def main(what: str, polarity: str, count: int) -> None:
    active_high = polarity == "high"
    calls: list[list[Any]] = []
    trace(calls)
    levels = []
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
        here = Path(__file__).parents[2]  # loading lgpio changed the working directory
        subprocess.run(child, cwd=here, check=False)
        began = time.monotonic()
        relay(active_high=active_high)
        tell({"levels": [level()], "seconds": time.monotonic() - began})
        return
    elif what == "killed":
        _, one = relay(active_high=active_high)
        one.pulse(30)
        tell({"levels": [level()]})
        os.kill(os.getpid(), signal.SIGKILL)
    tell({"calls": calls, "levels": levels})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
