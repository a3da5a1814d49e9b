"""How long a pulse of the relay is, from its line's own record, while a core is kept busy beside it.

The peer is a bare threading.Timer of the same length in the same process, in turns with the pulses: what the
machine's scheduler adds to any timer.
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockFactory

from edge.adapters.clock_system import ClockSystem
from edge.adapters.gpio.relay import RelayGpio
from edge.domain.door_input import Cause, Committed, Pulse
from edge.domain.door_state import LockRules
from edge.door_loop import DoorLoop

RESULTS = Path(__file__).resolve().parent.parent / "var" / "benchmarks"
PULSES = 500
LENGTH = 0.1  # s; shorter than a door's, so that 500 of them fit into a benchmark
WITHIN = 100.0  # ms by which the 99th percentile may be off
PIN = 17
BUSY = "while True: sum(i * i for i in range(10_000))"

Row = dict[str, Any]


class Site:
    """A door in operation whose relay is a mock pin that keeps the times of its levels."""

    def __init__(self) -> None:
        lines = MockFactory()
        self.relay = RelayGpio(lines, PIN, active_high=True, clock=time.monotonic)
        self.pin = lines.pin(PIN)
        self.loop = DoorLoop(LockRules(), self.relay, lambda _event: 1, ClockSystem())
        self.loop.start()

    def pulse(self) -> float:
        """Return how many seconds the line was energised for one grant."""
        self.pin.clear_states()
        self.loop.post(Committed(Pulse(Cause.GRANT, LENGTH), 1))
        until = time.monotonic() + 5
        while len(self.pin.states) < 3 and time.monotonic() < until:
            time.sleep(0.005)
        return float(self.pin.states[2].timestamp)

    def close(self) -> None:
        self.loop.stop()
        self.relay.close()


def timer() -> float:
    """Return after how many seconds a bare timer of the same length fires."""
    fired = threading.Event()
    ended = 0.0

    def end() -> None:
        nonlocal ended
        ended = time.monotonic()
        fired.set()

    began = time.monotonic()
    threading.Timer(LENGTH, end).start()
    fired.wait()
    return ended - began


def off(seconds: list[float]) -> float:
    """Return by how many ms the 99th percentile is off the length asked for."""
    return sorted(abs(one - LENGTH) * 1000 for one in seconds)[int(len(seconds) * 0.99)]


def rows() -> list[Row]:
    """Measure in turns, with one core kept busy."""
    busy = subprocess.Popen([sys.executable, "-c", BUSY])
    site = Site()
    pulses, timers = [], []
    try:
        for _ in range(PULSES):
            pulses.append(site.pulse())
            timers.append(timer())
    finally:
        site.close()
        busy.kill()
        busy.wait()
    ours, peer = off(pulses), off(timers)
    return [
        {
            "name": f"pulse: {PULSES} of {LENGTH * 1000:.0f} ms beside a busy core, p99 off its length",
            "figure": round(ours, 2),
            "unit": "ms",
            "peer": f"a bare threading.Timer: {peer:.2f} ms",
            "ratio": round(ours / peer, 2),
            "goal": f"at most {WITHIN:.0f} ms",
            "holds": ours <= WITHIN,
        }
    ]


def main() -> int:
    """Print the rows and keep them; the exit status says whether every goal holds."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    measured = rows()
    (RESULTS / "pulse.json").write_text(json.dumps(measured, indent=2, ensure_ascii=False) + "\n")
    for one in measured:
        print(json.dumps(one, ensure_ascii=False))
    return 0 if all(one["holds"] for one in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
