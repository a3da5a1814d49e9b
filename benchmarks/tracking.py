"""Is recognition with tracks as right as the still pipeline: one, two and three people in view, crossing.

The still pipeline looks at every frame by itself and compares each face that is good enough; it has no memory
that could go wrong. The live one follows faces, compares few of them, and must name everybody whom the still
one names, nobody else, and never carry a name over to another person's face. The films are cut out of the
photographs of set-up and of the London set (EDGE_TEST_DATA).
"""

import argparse
import itertools
import json
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import scenes, terminal
from benchmarks.scenes import ROOT, Actor, Model, Seen, Way
from deploy.demo.cut_out import Pose
from deploy.demo.films import RATE
from edge.bootstrap.recognition import quality_limits
from edge.bootstrap.storage import open_reader
from edge.bootstrap.vision import Sight, build_sight
from edge.config import Settings
from edge.domain.face import Box, Frame
from edge.domain.quality import judge
from edge.domain.recognise import judge_probe
from edge.gallery_sync import GallerySync

RESULTS = ROOT / "var/benchmarks"
NEAR = 0.5  # widths of a face from its true centre up to which a box is that face
AGREED = 3  # frames in which the still pipeline must name somebody

Row = dict[str, Any]


def stand(x: float, y: float = 150, width: float = 130) -> Way:
    """Return the way of somebody who stands there, not quite still."""
    return lambda at: Pose(x + 3 * math.sin(1.9 * at), y + 2 * math.sin(2.7 * at), width)


def walk(begin: float, end: float, *, seconds: float, width: float, y: float = 150, wait: float = 0.0) -> Way:
    """Return the way of somebody who walks across from `begin` to `end`, after `wait` seconds."""

    def way(at: float) -> Pose:
        gone = min(max((at - wait) / seconds, 0.0), 1.0)
        bob = 0.02 * width * math.sin(12.6 * at) if 0 < gone < 1 else 0.0
        return Pose(begin + (end - begin) * gone, y + bob, width)

    return way


# Each scene: its name, its seconds, and the ways of its people from the back to the front.
SCENES: dict[str, tuple[float, Callable[[], list[Way]]]] = {
    "one stands": (3.0, lambda: [stand(320)]),
    "one walks past": (3.0, lambda: [walk(60, 580, seconds=2.5, width=120)]),
    "two stand": (3.0, lambda: [stand(190), stand(450)]),
    "two cross": (
        4.0,
        lambda: [
            walk(140, 500, seconds=2, width=110, wait=1),
            walk(500, 140, seconds=2, width=130, wait=1),
        ],
    ),
    "two cross slowly": (
        6.0,
        lambda: [
            walk(140, 500, seconds=4, width=120, wait=1),
            walk(500, 140, seconds=4, width=120, wait=1),
        ],
    ),
    "two meet and turn round": (
        5.0,
        lambda: [
            lambda at: Pose(150 + 130 * math.sin(math.pi * min(max(at - 1, 0) / 3, 1)), 150, 120),
            lambda at: Pose(490 - 130 * math.sin(math.pi * min(max(at - 1, 0) / 3, 1)), 150, 125),
        ],
    ),
    "one passes in front of another": (
        4.0,
        lambda: [stand(320, width=120), walk(60, 580, seconds=2, width=150, wait=1)],
    ),
    "three stand": (3.0, lambda: [stand(110, width=110), stand(320), stand(530, width=120)]),
    "three, one crosses the others": (
        5.0,
        lambda: [
            stand(160, width=110),
            stand(400, width=110),
            walk(40, 590, seconds=3, width=130, wait=1, y=170),
        ],
    ),
    "one leaves, another takes the place": (
        5.0,
        lambda: [
            lambda at: Pose(320 + 260 * max(at - 1.5, 0) ** 2, 150, 130) if at < 3 else None,
            lambda at: Pose(60 + 260 * min(max(at - 2.2, 0), 1), 150, 130) if at > 1.8 else None,
        ],
    ),
}


@dataclass
class Outcome:
    """What both said about films: whom the still pipeline named, and what the live one did with them."""

    people: int = 0
    still_named: int = 0
    still_wrong: int = 0
    named: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)


def who_is_at(box: Box, seen: Sequence[Seen]) -> str | None:
    """Return whose face a box is by the truth: of several there, the one in front; None for nobody's."""
    x, y = box.centre
    near = [one.name for one in seen if math.hypot(one.x - x, one.y - y) <= NEAR * max(one.width, box.width)]
    return near[-1] if near else None


class Judge:
    """Shows films to both pipelines of one terminal and gathers what they made of them."""

    def __init__(self, settings: Settings, names: dict[str, str]) -> None:
        self._settings = settings
        self._names = names
        self._limits = quality_limits(settings.quality)
        self.outcome = Outcome()

    def show(self, title: str, film: Iterable[tuple[NDArray[np.uint8], list[Seen]]]) -> None:
        """Show a film to a live pipeline that has seen nothing yet, and to the still one."""
        sight = build_sight(self._settings)
        GallerySync(open_reader(self._settings).people, sight.gallery, sight.profile.version).refresh()
        still: Counter[str] = Counter()
        told: set[str] = set()
        there: set[str] = set()
        for number, (picture, seen) in enumerate(film):
            frame = Frame(
                np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), number, number / RATE
            )
            there |= {one.name for one in seen}
            still += self._still(sight, frame, seen)
            told |= self._live(title, sight, frame, seen)
        to = self.outcome
        found = {one for one, count in still.items() if count >= AGREED} & there
        to.people += len(there & set(self._names.values()))
        to.still_named += len(found)
        to.named += len(told & there)
        to.missed += [f"{title}: {one}" for one in sorted(found - told)]

    def _still(self, sight: Sight, frame: Frame, seen: Sequence[Seen]) -> Counter[str]:
        """Return whom the still pipeline names in a frame."""
        named: Counter[str] = Counter()
        faces = [one for one in sight.pipeline.faces(frame.picture) if judge(one.figures, self._limits).ok]
        for face, vector in zip(faces, sight.pipeline.embed(faces), strict=True):
            candidates = sight.gallery.snapshot.search(vector, count=2)
            judged = judge_probe(candidates, sight.profile.vectors.scale, sight.rules)
            if judged.accepted and judged.best is not None:
                name = self._names[judged.best.person_id]
                named[name] += 1
                self.outcome.still_wrong += name != who_is_at(face.detection.box, seen)
        return named

    def _live(self, title: str, sight: Sight, frame: Frame, seen: Sequence[Seen]) -> set[str]:
        """Return whom the live pipeline names with a frame; note what is wrong with it."""
        told = set()
        findings = sight.live.step(frame)
        faces = {one.track: one for one in sight.live.watched}
        for finding in findings:
            if finding.decision.person_id is not None:
                name = self._names[finding.decision.person_id]
                told.add(name)
                truth = who_is_at(faces[finding.track].box, seen)
                if name != truth:
                    self.outcome.wrong.append(f"{title}: {truth} as {name} in frame {frame.number}")
        for one in faces.values():
            if one.person_id is not None and one.seen == frame.at:
                truth, name = who_is_at(one.box, seen), self._names[one.person_id]
                case = f"{title}: {name} on {truth}"
                if truth not in {None, name} and case not in self.outcome.carried:
                    self.outcome.carried.append(case)
        return told


def outcome(models: Sequence[Model], *, strangers: int, rounds: int) -> Outcome:
    """Play every scene `rounds` times with people of `models`, whose last `strangers` are not enrolled."""
    known = models[: len(models) - strangers]
    with tempfile.TemporaryDirectory() as folder:
        names = terminal.prepare(Path(folder), known)
        both = Judge(terminal.settings(Path(folder)), names)
        people = itertools.cycle(models)
        for number in range(rounds):
            for name, (seconds, ways) in SCENES.items():
                cast = [Actor(next(people), way) for way in ways()]
                both.show(f"{name} {number}", scenes.frames(cast, seconds, seed=number))
    return both.outcome


def rows(to: Outcome) -> list[Row]:
    """Return the rows of an outcome."""
    peer = f"the still pipeline: {to.still_named} of {to.people} named, {to.still_wrong} faces wrongly"

    def row(what: str, cases: list[str]) -> Row:
        return {
            "name": f"tracking: {what}" + (f" ({'; '.join(cases)})" if cases else ""),
            "figure": len(cases),
            "unit": "people",
            "peer": peer,
            "ratio": None,
            "goal": "0",
            "holds": not cases,
        }

    return [
        row(f"named by the still pipeline, not by ours ({to.named} named)", to.missed),
        row("named wrongly", to.wrong),
        row("names carried over to somebody else's face", to.carried),
    ]


def main(arguments: list[str] | None = None) -> list[Row]:
    """Measure, keep the rows, and return them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    models = [*scenes.presidents()[:1], *scenes.london(11), scenes.presidents()[1]]
    found = rows(outcome(models, strangers=3 if len(models) > 3 else 1, rounds=options.rounds))
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "tracking.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return found


if __name__ == "__main__":
    for one in main():
        print(json.dumps(one, ensure_ascii=False))
