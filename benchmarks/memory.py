"""What the daemon holds in memory, and that it does not grow: a long replay, as fast as it goes.

The daemon itself, with the default models, plays a film of people who come and go in a loop until 20,000
frames were looked at; people are let in, strangers are not, and a browser asks for a page every half second,
so that every part of it works. *Growth* is that of the resident memory of both processes together, from the
first thousand frames on.
"""

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import running, scenes, terminal
from benchmarks.film_cpu import stay
from benchmarks.scenes import ROOT, Actor, Way
from deploy.demo.cut_out import Pose
from deploy.demo.films import RATE

RESULTS = ROOT / "var/benchmarks"
SETTLED = 1000  # frames from which growth counts
GROWTH_GOAL, BOTH_GOAL, PARENT_GOAL = 5.0, 350.0, 90.0  # MiB
PERIOD = 0.5  # seconds between two samples
NEAR = 5  # samples whose median is taken as what is held at a moment

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """What both processes hold after some frames, in MiB; `pss` counts what they share once."""

    frames: int
    parent: float
    vision: float
    pss: float

    @property
    def both(self) -> float:
        """Return the resident memory of both."""
        return self.parent + self.vision


def comings_and_goings(folder: Path) -> Path:
    """Write the film: somebody known, a stranger, both at once, nobody; return its path."""
    known, stranger = scenes.presidents()

    def later(seconds: float, x: float = 0.0) -> Way:
        way = stay(1.0)

        def moved(at: float) -> Pose | None:
            pose = way(at - seconds) if at >= seconds else None
            return pose and Pose(pose.x + x, pose.y, pose.width)

        return moved

    actors = [
        Actor(known, later(0)),
        Actor(stranger, later(6)),
        Actor(known, later(12, -110)),
        Actor(stranger, later(12.5, 110)),
    ]
    path = folder / "people.avi"
    scenes.write(path, scenes.frames(actors, 22.0))
    return path


def samples(folder: Path, film: Path, frames: int) -> list[Sample]:
    """Play the film until so many frames were looked at; return what was held on the way."""
    found: list[Sample] = []
    config = terminal.config(folder, film, rate=RATE, pace="every")
    with running.daemon(folder, config) as daemon:
        while not found or found[-1].frames < frames:
            time.sleep(PERIOD)
            seen = daemon.health()["progress"]["frames"]
            assert "<html" in daemon.page()
            parent, vision = daemon.memory()
            found.append(Sample(seen, parent.resident, vision.resident, parent.share + vision.share))
        assert daemon.health()["restarts"] == 0
    return found


def rows(found: list[Sample]) -> list[Row]:
    """Return the rows of the samples."""
    settled = [one for one in found if one.frames >= SETTLED]
    first, last = (statistics.median(one.both for one in part) for part in (settled[:NEAR], settled[-NEAR:]))
    highest = max(one.both for one in found)
    return [
        _row(
            f"growth after {SETTLED} frames, until {found[-1].frames}",
            last - first,
            GROWTH_GOAL,
            f"resident {first:.1f} → {last:.1f} MiB, at most {highest:.1f}",
        ),
        _row(
            "both processes together, shared pages once (PSS)",
            max(one.pss for one in found),
            BOTH_GOAL,
            f"resident (RSS, shared pages twice) at most {highest:.1f} MiB",
        ),
        _row(
            "the parent, resident (RSS)",
            max(one.parent for one in found),
            PARENT_GOAL,
            f"vision at most {max(one.vision for one in found):.1f} MiB",
        ),
    ]


def _row(name: str, figure: float, goal: float, peer: str) -> Row:
    return {
        "name": f"memory: {name}",
        "figure": round(figure, 1),
        "unit": "MiB",
        "peer": peer,
        "ratio": None,
        "goal": f"under {goal:g}",
        "holds": figure < goal,
    }


def main(arguments: list[str] | None = None) -> list[Row]:
    """Measure, keep the rows, and return them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=20_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        terminal.prepare(folder, scenes.presidents()[:1])
        found = rows(samples(folder, comings_and_goings(folder), options.frames))
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "memory.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return found


if __name__ == "__main__":
    for one in main():
        print(json.dumps(one, ensure_ascii=False))
