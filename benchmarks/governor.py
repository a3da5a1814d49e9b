"""The heat governor on a simulated box, beside an oracle and a naive "sleep while hot".

The box is first order: 8 W at full work, 6 K/W, so 48 K above ambient, with time constants of 60 s and 300 s;
its sensor has ±1 °C of noise and steps of 1 °C; ambient goes 20 → 35 → 45 °C in steps. The oracle knows the
box, the ambient and the true temperature, has the same actuator once a second, and never passes the limit.
"""

import argparse
import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from edge.config.sections import ThermalSettings
from edge.domain.thermal import GovernorSettings, GovernorState, govern
from edge.domain.thermal_level import Crossing

FULL_WATTS = 8.0
KELVIN_PER_WATT = 6.0
TIME_CONSTANTS = (60.0, 300.0)
AMBIENT_STEPS = (20.0, 35.0, 45.0)
LIMIT = ThermalSettings().limit
RESULTS = Path(__file__).resolve().parent.parent / "var/benchmarks"

Course: TypeAlias = Callable[[float], float]  # a value over time in seconds


def constant(value: float) -> Course:
    """Return a course that never changes."""
    return lambda _: value


def steps(values: tuple[float, ...], seconds: float) -> Course:
    """Return a course that keeps each value for some seconds and the last one for ever."""
    return lambda at: values[min(int(at / seconds), len(values) - 1)]


@dataclass(slots=True)
class Box:
    """A terminal's case as one thermal mass, exact over each step."""

    temperature: float
    time_constant: float
    rise: float = FULL_WATTS * KELVIN_PER_WATT  # K above ambient at full work

    def run(self, rate: float, ambient: float, seconds: float) -> None:
        """Work at `rate` for some seconds."""
        self.temperature += (ambient + self.rise * rate - self.temperature) * self.share(seconds)

    def share(self, seconds: float) -> float:
        """Return the share of the way to equilibrium that is gone in some seconds."""
        return 1 - math.exp(-seconds / self.time_constant)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: true °C over the limit, seconds, and work in seconds at full rate."""

    over: float
    longest_over: float
    work: float
    oracle_work: float
    longest_pause: float
    crossings: tuple[Crossing, ...]

    @property
    def ratio(self) -> float:
        """Return the work as a share of the oracle's."""
        return self.work / self.oracle_work


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A course of events that a controller meets."""

    time_constant: float
    ambient: Course
    seconds: float
    demand: Course = field(default=constant(1.0))
    start: float = 20.0
    noise: float = 1.0
    tick: float = 1.0
    rise: float = FULL_WATTS * KELVIN_PER_WATT
    seed: int = 0


class Governed:
    """The governor as a control."""

    def __init__(self) -> None:
        self.state = GovernorState()
        self.crossings: list[Crossing] = []

    def __call__(self, reading: float | None, at: float, demand: float) -> float:
        self.state, work = govern(
            self.state, temperature=reading, at=at, demand=demand, settings=GovernorSettings(limit=LIMIT)
        )
        self.crossings.extend(work.crossings)
        return work.rate


class SleepWhileHot:
    """The usual script: full work, and a sleep of 30 s whenever the reading is above the limit."""

    crossings: tuple[Crossing, ...] = ()

    def __init__(self) -> None:
        self.until = 0.0

    def __call__(self, reading: float | None, at: float, demand: float) -> float:
        if at >= self.until and reading is not None and reading > LIMIT:
            self.until = at + 30.0
        return 0.0 if at < self.until else demand


def oracle(box: Box, ambient: float, demand: float, seconds: float) -> float:
    """Return the highest rate after which the box is at the limit, and not above."""
    needed = (LIMIT - box.temperature) / box.share(seconds) + box.temperature - ambient
    return min(demand, max(0.0, needed / box.rise))


def run(scene: Scene, control: Governed | SleepWhileHot) -> Outcome:
    """Run a control and the oracle over the same scene."""
    chance = random.Random(scene.seed)  # noqa: S311 - noise, not a secret
    box, best = (Box(scene.start, scene.time_constant, scene.rise) for _ in range(2))
    work = oracle_work = over_now = longest_over = pause_now = longest_pause = 0.0
    over = -math.inf
    for tick in range(int(scene.seconds / scene.tick)):
        at = tick * scene.tick
        ambient, demand = scene.ambient(at), scene.demand(at)
        reading = round(box.temperature + chance.uniform(-scene.noise, scene.noise))
        rate = control(reading, at, demand)
        ideal = oracle(best, ambient, demand, scene.tick)
        box.run(rate, ambient, scene.tick)
        best.run(ideal, ambient, scene.tick)
        work += rate * scene.tick
        oracle_work += ideal * scene.tick
        over = max(over, box.temperature - LIMIT)
        over_now = over_now + scene.tick if box.temperature > LIMIT else 0.0
        pause_now = pause_now + scene.tick if rate == 0 < demand else 0.0
        longest_over, longest_pause = max(longest_over, over_now), max(longest_pause, pause_now)
    return Outcome(over, longest_over, work, oracle_work, longest_pause, tuple(control.crossings))


def porch(time_constant: float, seed: int = 0) -> Scene:
    """Return the scene of the requirement: full demand, ambient 20 → 35 → 45 °C, half an hour each."""
    return Scene(time_constant=time_constant, ambient=steps(AMBIENT_STEPS, 1800), seconds=5400, seed=seed)


def rows(seeds: int = 10) -> list[dict[str, Any]]:
    """Return the figures, the worst of `seeds` runs each."""
    found = []
    for constant_ in TIME_CONSTANTS:
        ours = [run(porch(constant_, seed), Governed()) for seed in range(seeds)]
        naive = [run(porch(constant_, seed), SleepWhileHot()) for seed in range(seeds)]
        found += _rows(f"governor, time constant {constant_:.0f} s", ours, naive)
    return found


def _rows(name: str, ours: list[Outcome], naive: list[Outcome]) -> list[dict[str, Any]]:
    peer = "sleep 30 s while hot"
    over, naive_over = (max(max(o.over, 0.0) for o in outcomes) for outcomes in (ours, naive))
    long, naive_long = (max(o.longest_over for o in outcomes) for outcomes in (ours, naive))
    pause, naive_pause = (max(o.longest_pause for o in outcomes) for outcomes in (ours, naive))
    ratio, naive_ratio = (min(o.ratio for o in outcomes) for outcomes in (ours, naive))
    work = min(o.work for o in ours)
    table = [
        ("over the limit", over, "°C", f"{peer}: {naive_over:.2f}", None, "<= 2", over <= 2),
        ("longest time over", long, "s", f"{peer}: {naive_long:.0f}", None, "<= 20", long <= 20),
        ("longest pause", pause, "s", f"{peer}: {naive_pause:.0f}", None, "= 0", pause == 0),
        (
            "work",
            work,
            "s at full rate",
            f"oracle ({peer}: {naive_ratio:.3f})",
            ratio,
            ">= 0.90",
            ratio >= 0.9,
        ),
    ]
    keys = ("name", "figure", "unit", "peer", "ratio", "goal", "holds")
    return [
        dict(
            zip(
                keys, (f"{name}: {what}", round(figure, 3), unit, by, _short(share), goal, holds), strict=True
            )
        )
        for what, figure, unit, by, share, goal, holds in table
    ]


def _short(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 4)


def main() -> None:
    """Print the rows and keep them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=10)
    found = rows(arguments.parse_args().seeds)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "governor.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    for row in found:
        print(
            f"{row['name']:48} {row['figure']:10} {row['unit']:12} ratio {row['ratio']}  "
            f"goal {row['goal']}  holds {row['holds']}  peer {row['peer']}"
        )


if __name__ == "__main__":
    main()
