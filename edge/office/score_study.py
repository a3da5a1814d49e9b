"""The site's own comparison scores: of the same people, and of different ones, among the enrolled references.

All pairs of the same person are compared. Those of different people grow with the square of the gallery: they
are compared in slices, each some milliseconds long, and beyond MOST_PAIRS only those of references chosen at
random, the same ones every time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.domain.person import Reference
from edge.domain.score import Metric, ScoreScale
from edge.domain.score_bins import ScoreBins

MOST_PAIRS = 20_000_000
SLICE = 500_000  # pairs compared at once: some milliseconds
CLOSEST = 10  # pairs of people
SEED = 20240229


@dataclass(frozen=True, slots=True)
class ClosePair:
    """The two closest references of two different people."""

    one: str
    other: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What was found. `sampled` says that of `pairs` of different people not all were compared."""

    people: int
    references: int
    genuine: ScoreBins
    impostor: ScoreBins
    pairs: int
    sampled: bool
    closest: tuple[ClosePair, ...]


class StudyRun:
    """Compares step by step, for one thread."""

    def __init__(self, references: Sequence[Reference], scale: ScoreScale) -> None:
        self._scale = scale
        self._ids = [reference.person_id for reference in references]
        names = {person: number for number, person in enumerate(dict.fromkeys(self._ids))}
        self._owners = np.array([names[person] for person in self._ids], np.int32)
        self._people = list(names)
        self._vectors = _prepared(references, scale.metric)
        self._squares = np.einsum("ij,ij->i", self._vectors, self._vectors)
        self._rows = self._chosen()
        self._left_out = np.ones(len(self._ids), np.bool_)
        self._left_out[self._rows] = False
        self._done = 0
        self._genuine = self._same_people()
        self._impostor = ScoreBins.empty(scale.metric, scale.low, scale.high)
        self._close: dict[tuple[int, int], float] = {}

    @property
    def progress(self) -> float:
        """Return the share that is done."""
        return self._done / len(self._rows) if len(self._rows) else 1.0

    def step(self) -> bool:
        """Compare one slice; return whether all is done."""
        count = len(self._owners)
        if self._done < len(self._rows):
            some = self._rows[self._done : self._done + max(1, SLICE // count)]
            self._compare(some)
            self._done += len(some)
        return self._done >= len(self._rows)

    def result(self) -> Study:
        """Return what was found."""
        count = len(self._owners)
        closest = sorted(self._close.items(), key=lambda item: (self._badness(item[1]), item[0]))[:CLOSEST]
        return Study(
            people=len(self._people),
            references=count,
            genuine=self._genuine,
            impostor=self._impostor,
            pairs=count * (count - 1) // 2 - self._genuine.total,
            sampled=len(self._rows) < count,
            closest=tuple(
                ClosePair(self._people[one], self._people[other], score) for (one, other), score in closest
            ),
        )

    def _chosen(self) -> NDArray[np.int64]:
        count = len(self._owners)
        rows = min(count, max(1, MOST_PAIRS // max(count, 1)))
        if rows * 2 >= count:  # all pairs are no more work than these
            rows = count
        if rows == count:
            return np.arange(count)
        return np.sort(np.random.default_rng(SEED).choice(count, rows, replace=False))

    def _same_people(self) -> ScoreBins:
        """Return the scores of all pairs of references of one person."""
        found = ScoreBins.empty(self._scale.metric, self._scale.low, self._scale.high)
        order = np.argsort(self._owners, kind="stable")
        owners, vectors = self._owners[order], self._vectors[order]
        for apart in range(1, len(order)):
            mates = np.flatnonzero(owners[:-apart] == owners[apart:])
            if not len(mates):
                break
            one, other = vectors[mates], vectors[mates + apart]
            found.add(
                np.einsum("ij,ij->i", one, other)
                if self._scale.metric is Metric.COSINE
                else np.linalg.norm(one - other, axis=1)
            )
        return found

    def _compare(self, rows: NDArray[np.int64]) -> None:
        """Compare some references with those of other people, each pair once."""
        scores = self._scores(rows)
        columns = np.arange(len(self._owners))
        strangers = self._owners[rows][:, None] != self._owners[None, :]
        strangers &= (columns[None, :] > rows[:, None]) | self._left_out[None, :]
        self._impostor.add(scores[strangers])
        self._keep_closest(rows, scores, strangers)

    def _scores(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        products: NDArray[np.float32] = self._vectors[rows] @ self._vectors.T
        if self._scale.metric is Metric.COSINE:
            return products
        distances: NDArray[np.float32] = self._squares[rows][:, None] + self._squares[None, :] - 2 * products
        np.sqrt(np.maximum(distances, 0, out=distances), out=distances)
        return distances

    def _keep_closest(
        self, rows: NDArray[np.int64], scores: NDArray[np.float32], strangers: NDArray[np.bool_]
    ) -> None:
        sign = np.float32(-1.0 if self._scale.metric is Metric.COSINE else 1.0)
        badness = np.where(strangers, scores * sign, np.float32(np.inf))
        most = min(CLOSEST * 8, badness.size)  # several references of the same two people are one pair
        found = np.argpartition(badness, most - 1, axis=None)[:most]
        for flat in found[np.isfinite(badness.ravel()[found])]:
            row, column = divmod(int(flat), badness.shape[1])
            pair = sorted((int(self._owners[rows[row]]), int(self._owners[column])))
            key, score = (pair[0], pair[1]), float(scores[row, column])
            if key not in self._close or self._badness(score) < self._badness(self._close[key]):
                self._close[key] = score
        if len(self._close) > CLOSEST * 50:
            kept = sorted(self._close.items(), key=lambda item: self._badness(item[1]))[: CLOSEST * 4]
            self._close = dict(kept)

    def _badness(self, score: float) -> float:
        """Return a number that is the smaller the closer a score is."""
        return -score if self._scale.metric is Metric.COSINE else score


def _prepared(references: Sequence[Reference], metric: Metric) -> NDArray[np.float32]:
    if not references:
        return np.zeros((0, 1), np.float32)
    vectors = np.stack([reference.vector for reference in references]).astype(np.float32, copy=False)
    if metric is Metric.COSINE:
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    return vectors
