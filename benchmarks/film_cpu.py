"""CPU seconds per second of film, against the `face_recognition` package's usual loop on the same films.

Both see every frame of the same 640×360 films of 15 frames a second and decode them themselves, turn about in
one run; models are loaded before the count begins. Compared is what they decide as well: whoever the peer
finds must be recognised by us, and nobody may be named who is not in the film.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import peers, scenes, terminal
from benchmarks.scenes import ROOT, Actor, Model
from deploy.demo.cut_out import Pose
from deploy.demo.films import RATE, walk_up

RESULTS = ROOT / "var/benchmarks"
FACE_GOAL, EMPTY_GOAL = 15.0, 50.0  # times less CPU than the peer
AGREED = (
    3  # frames in which the peer must name somebody before it counts as found; we ask as much of ourselves
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Film:
    """One film and who is in it, None for nobody."""

    title: str
    path: Path
    who: str | None
    stranger: bool
    goal: float | None


def stay(seconds: float) -> Callable[[float], Pose | None]:
    """Return the way of somebody who walks up as in the demo, but leaves only after `seconds`."""

    def way(at: float) -> Pose | None:
        left = at - seconds
        return walk_up(min(at, 5.9)) if left < 0 else walk_up(6.0 + left)

    return way


def films(folder: Path, people: list[Model], enrolled: int, long: float) -> list[Film]:
    """Make the films: a walk-up of each, a long stay of the first, nobody."""
    made = []
    for number, model in enumerate(people):
        path = folder / f"walk-up-{model.name}.avi"
        scenes.write(path, scenes.frames([Actor(model, walk_up)], 7.5, seed=number))
        goal = FACE_GOAL if number == 0 else None
        made.append(Film(f"{model.name} walks up", path, model.name, number >= enrolled, goal))
    first = people[0]
    path = folder / "stay.avi"
    scenes.write(path, scenes.frames([Actor(first, stay(long))], long + 1.5))
    made.append(
        Film(f"{first.name} walks up and stays {long:g} s", path, first.name, stranger=False, goal=FACE_GOAL)
    )
    path = folder / "empty.avi"
    scenes.write(path, scenes.frames([], 40.0))
    made.append(Film("nobody", path, None, stranger=False, goal=EMPTY_GOAL))
    return made


def run(command: list[Any]) -> dict[str, Any]:
    """Run a program that prints one line of JSON last."""
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def measure(
    film: Film, folder: Path, known: list[Model], rounds: int
) -> tuple[float, float, dict[str, Any], dict[str, Any]]:
    """Return the median CPU seconds per second of film, ours and the peer's, and what both found."""
    ours, theirs = [], []
    for _ in range(rounds):
        peer = run(
            [
                peers.python(),
                ROOT / "benchmarks/film_peer.py",
                film.path,
                *(f"{one.name}={one.enrolled}" for one in known),
            ]
        )
        mine = run([sys.executable, "-m", "benchmarks.film_ours", folder, film.path, RATE])
        assert mine["frames"] == peer["frames"], (film, mine, peer)
        seconds = peer["frames"] / RATE
        theirs.append(peer["cpu"] / seconds)
        ours.append(mine["cpu"] / seconds)
    return statistics.median(ours), statistics.median(theirs), mine, peer


def rows(*, rounds: int, people: int, long: float) -> list[Row]:
    """Run the comparison and return its rows."""
    obama, biden = scenes.presidents()
    others = scenes.london(people)
    known = [obama, *others[: len(others) * 2 // 3]]
    cast = [*known, biden, *others[len(others) * 2 // 3 :]]
    found: list[Row] = []
    missed, wrong, theirs_wrong, build = [], [], [], ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = terminal.prepare(folder, known)
        for film in films(folder, cast, len(known), long):
            ours, peer_cpu, mine, peer = measure(film, folder, known, rounds if film.goal else 1)
            build = peer["build"]
            seen = {names[one] for one in mine["named"]}
            theirs = {one for one, frames in peer["hits"].items() if frames >= AGREED}
            expected = {film.who} if film.who and not film.stranger else set()
            missed += [f"{film.who} in {film.title}" for _ in (theirs & expected) - seen]
            wrong += [f"{one} in {film.title}" for one in seen - expected]
            theirs_wrong += [f"{one} in {film.title}" for one in theirs - expected]
            if film.goal:
                ratio = peer_cpu / ours
                found.append(
                    {
                        "name": f"film: {film.title}",
                        "figure": round(ours, 4),
                        "unit": "CPU s per s of film",
                        "peer": f"{build}: {peer_cpu:.3f}",
                        "ratio": round(ratio, 1),
                        "goal": f"at most 1/{film.goal:g} of the peer's",
                        "holds": ratio >= film.goal,
                    }
                )
    found.append(_count("people the peer finds and we miss", missed, f"{build}, of {len(cast)} walk-ups"))
    found.append(_count("people named wrongly", wrong, f"{build}: {len(theirs_wrong)}"))
    return found


def _count(name: str, cases: list[str], peer: str) -> Row:
    return {
        "name": f"film: {name}" + (f" ({', '.join(cases)})" if cases else ""),
        "figure": len(cases),
        "unit": "people",
        "peer": peer,
        "ratio": None,
        "goal": "0",
        "holds": not cases,
    }


def main(arguments: list[str] | None = None) -> list[Row]:
    """Measure, keep the rows, and return them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=8, help="of the London set, where there is one")
    parser.add_argument("--long", type=float, default=20.0, help="seconds of the long stay")
    options = parser.parse_args(arguments)
    found = rows(rounds=options.rounds, people=options.people, long=options.long)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "film_cpu.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return found


if __name__ == "__main__":
    for row in main():
        print(json.dumps(row, ensure_ascii=False))
