"""Follows faces from frame to frame by where they are and how they move.

A wrong identity is worse than a new one: where two faces cannot be told apart by geometry, their tracks end
and new ones begin, which have to be recognised again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from edge.domain.face import Box, Detection

GATE = 1.0  # face widths (plus the size's logarithm) a face may be off where its track is expected
SURE = 0.3  # likewise, up to which it is the same face without a doubt
AMBIGUOUS = 0.35  # difference of cost up to which a pairing and its swap are the same to us
SMOOTHING = 0.5  # weight of the newest step in a track's velocity
LONGEST_STEP = 0.5  # seconds over which motion is carried on; beyond, a face is looked for where it was


@dataclass(frozen=True, slots=True)
class TrackRules:
    """`lost_seconds` after which a track without a face ends.

    A hot box looks less often than that; a face that is found then where it was is the same track, but told
    as a leap.
    """

    lost_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Track:
    """One face followed: where it was last, at `seen`, and its velocity in pixels a second.

    `leap` is how far it was found from where it was expected, in the unit of GATE; over SURE it may be
    somebody else's.
    """

    id: int
    detection: Detection
    began: float
    seen: float
    frames: int = 1
    velocity: tuple[float, float] = (0.0, 0.0)
    leap: float = 0.0

    def expected(self, at: float) -> Box:
        """Return where the face should be at `at`."""
        box, step = self.detection.box, min(at - self.seen, LONGEST_STEP)
        left, top = box.left + self.velocity[0] * step, box.top + self.velocity[1] * step
        return Box(left, top, box.width, box.height)

    def moved(self, detection: Detection, at: float, *, unseen: float = math.inf) -> "Track":
        """Return the track with its face found again; a leap where that took more than `unseen` seconds."""
        leap = _distance(self.expected(at), detection.box)
        step = at - self.seen
        if step > unseen:
            leap = max(leap, GATE)
        velocity = self.velocity
        if step > 0:
            (x0, y0), (x1, y1) = self.detection.box.centre, detection.box.centre
            newest = ((x1 - x0) / step, (y1 - y0) / step)
            velocity = (
                SMOOTHING * newest[0] + (1 - SMOOTHING) * velocity[0],
                SMOOTHING * newest[1] + (1 - SMOOTHING) * velocity[1],
            )
        return Track(self.id, detection, self.began, at, self.frames + 1, velocity, leap)


@dataclass(frozen=True, slots=True)
class TrackUpdate:
    """What one frame made of the tracks: those with a face in it, and the ids of those that ended."""

    seen: tuple[Track, ...]
    ended: tuple[int, ...]


class Tracker:
    """Gives each face of each frame the track it belongs to; times only grow."""

    def __init__(self, rules: TrackRules) -> None:
        self._rules = rules
        self._tracks: dict[int, Track] = {}
        self._next = 1

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Return the tracks that are alive, oldest first."""
        return tuple(self._tracks.values())

    def update(self, detections: Sequence[Detection], at: float) -> TrackUpdate:
        """Take the detections of a frame at `at`; a detection belongs to one track, and a track to one."""
        costs = self._costs(detections, at)
        pairs = _pairing(costs)
        doubtful = _doubtful(costs, pairs)
        lost = self._rules.lost_seconds
        ended = [
            key
            for key, track in self._tracks.items()
            if key in doubtful or (key not in pairs and at - track.seen > lost)
        ]
        for key in ended:
            del self._tracks[key]
        seen = []
        taken = {index: key for key, index in pairs.items() if key not in doubtful}
        for index, detection in enumerate(detections):
            mine = self._tracks[taken[index]] if index in taken else None
            track = self._begin(detection, at) if mine is None else mine.moved(detection, at, unseen=lost)
            self._tracks[track.id] = track
            seen.append(track)
        return TrackUpdate(tuple(seen), tuple(ended))

    def _begin(self, detection: Detection, at: float) -> Track:
        track = Track(self._next, detection, at, at)
        self._next += 1
        return track

    def _costs(self, detections: Sequence[Detection], at: float) -> dict[tuple[int, int], float]:
        """Return the cost of each pair of track id and detection index that is possible at all."""
        costs = {}
        for key, track in self._tracks.items():
            expected = track.expected(at)
            for index, detection in enumerate(detections):
                cost = _distance(expected, detection.box)
                if cost <= GATE:
                    costs[key, index] = cost
        return costs


def _distance(expected: Box, found: Box) -> float:
    """Return how far a box is from where one is expected, in widths of the larger, its size counted in."""
    (x0, y0), (x1, y1) = expected.centre, found.centre
    width = max(expected.width, found.width, 1.0)
    sizes = abs(math.log(max(found.width, 1.0) / max(expected.width, 1.0)))
    return math.hypot(x1 - x0, y1 - y0) / width + sizes


def _pairing(costs: dict[tuple[int, int], float]) -> dict[int, int]:
    """Return the detection of each track, nearest pairs first."""
    pairs: dict[int, int] = {}
    for key, index in sorted(costs, key=lambda pair: (costs[pair], pair)):
        if key not in pairs and index not in pairs.values():
            pairs[key] = index
    return pairs


def _doubtful(costs: dict[tuple[int, int], float], pairs: dict[int, int]) -> set[int]:
    """Return the tracks whose faces might as well be each other's, or the one face that is left of two."""
    doubtful: set[int] = set()
    for one, other in combinations(sorted({key for key, _ in costs}), 2):
        mine, theirs = pairs.get(one), pairs.get(other)
        # A track without a face adds nothing to its side, so that one face near two tracks is judged as well.
        chosen = (0.0 if mine is None else costs[one, mine]) + (
            0.0 if theirs is None else costs[other, theirs]
        )
        swapped = (0.0 if theirs is None else costs.get((one, theirs), math.inf)) + (
            0.0 if mine is None else costs.get((other, mine), math.inf)
        )
        if (mine is not None or theirs is not None) and swapped - chosen < AMBIGUOUS:
            doubtful |= {one, other}
    return doubtful
