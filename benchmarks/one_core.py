"""What an always-on terminal costs: one core, ten frames a second, nobody there and somebody who stays.

The daemon itself, parent and vision child held to one core, plays a film in a loop at the pace of a camera.
Counted is the CPU time of both processes over a span that begins once it has settled, the decoding of the
frames included, which are Motion JPEG of 640×360 as a USB camera gives them.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import running, scenes, terminal
from benchmarks.scenes import ROOT, Actor
from benchmarks.tracking import stand

RESULTS = ROOT / "var/benchmarks"
RATE = 10.0
LONG = 30.0  # seconds of the film
SETTLE = 8.0  # seconds until who is there is decided on, and what was loaded at first use is loaded
EMPTY_GOAL, STILL_GOAL = 4.0, 25.0  # per cent of one core

Row = dict[str, Any]


def measure(folder: Path, film: Path, seconds: float) -> tuple[float, float, float]:
    """Return the per cent of a core that the parent and vision use, and the frames looked at a second."""
    config = terminal.config(folder, film, rate=RATE, pace="clock")
    with running.daemon(folder, config, core=min(os.sched_getaffinity(0))) as daemon:
        time.sleep(SETTLE)
        before, began, first = daemon.cpu(), time.monotonic(), daemon.health()["progress"]["frames"]
        time.sleep(seconds)
        after, spent, last = daemon.cpu(), time.monotonic() - began, daemon.health()["progress"]["frames"]
    parent, vision = (100 * (late - early) / spent for early, late in zip(before, after, strict=True))
    return parent, vision, (last - first) / spent


def main(arguments: list[str] | None = None) -> list[Row]:
    """Measure, keep the rows, and return them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args(arguments)
    known, stranger = scenes.presidents()
    casts: list[tuple[str, list[Actor], float]] = [
        ("an empty scene", [], EMPTY_GOAL),
        ("one still person", [Actor(known, stand(320))], STILL_GOAL),
        ("one still stranger", [Actor(stranger, stand(320))], STILL_GOAL),
    ]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        terminal.prepare(folder, [known])
        for title, actors, goal in casts:
            film = folder / "film.avi"
            scenes.write(film, scenes.frames(actors, LONG, rate=RATE), RATE)
            parent, vision, frames = measure(folder, film, options.seconds)
            rows.append(
                {
                    "name": f"one core, {RATE:g} frames a second: {title}",
                    "figure": round(parent + vision, 1),
                    "unit": "% of a core",
                    "peer": f"of it the parent {parent:.1f}; {frames:.1f} frames a second were looked at",
                    "ratio": None,
                    "goal": f"at most {goal:g} %",
                    "holds": parent + vision <= goal and frames >= 0.95 * RATE,
                }
            )
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "one_core.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    return rows


if __name__ == "__main__":
    for one in main():
        print(json.dumps(one, ensure_ascii=False))
