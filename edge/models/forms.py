"""Compares the 8-bit form of an embedder with its float form, on this very CPU: speed and decisions.

Both depend on the CPU: without dot-product instructions integers are no faster, and older ones saturate sums
of products that newer ones hold.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Picture
from edge.domain.score import Metric
from edge.models.profile import Embedding
from edge.models.session import available_providers, open_session

FASTER = 1.2  # times: less is within what a measurement of a fraction of a second can tell
ROUNDS = 15
FARTHEST = 2.0  # margins; rounding moves the vectors of faces by 1 on average
ACCELERATORS = {"tensorrt", "cuda", "coreml"}


@dataclass(frozen=True, slots=True)
class FormComparison:
    """What the 8-bit form is against the float form.

    `speedup` times as fast, one thread; `moved` the mean Euclidean distance of the two vectors of one crop;
    `shifts` the mean change of a comparison score; `flips` the number of decisions of all `pairs` that
    changed, `far_flips` of those where the float score was further than the margin from the threshold.
    """

    speedup: float
    moved: float
    shifts: float
    flips: int
    far_flips: int
    pairs: int
    margin: float
    accelerator: str = ""

    @property
    def agrees(self) -> bool:
        """Return whether decisions stay: none changes beyond the margin, and scores move far less than it.

        Vectors that move further together than rounding moves them tell of sums that were cut off.
        """
        return self.far_flips == 0 and self.shifts <= self.margin / 2 and self.moved <= FARTHEST * self.margin

    @property
    def taken(self) -> bool:
        """Return whether the 8-bit form is the better one to use."""
        return self.agrees and self.speedup >= FASTER and not self.accelerator

    @property
    def sentence(self) -> str:
        """Return one line for people."""
        text = (
            f"int8 is {self.speedup:.1f} times as fast as fp32 here and moves scores by {self.shifts:.3f} "
            f"(margin {self.margin:g}); {self.flips} of {self.pairs} decisions near the threshold change"
        )
        if self.accelerator:
            return f"{text}: fp32 is used, because {self.accelerator} computes it"
        if not self.agrees:
            return f"{text}: fp32 is used, because the two do not agree"
        return f"{text}: int8 is used" if self.taken else f"{text}: fp32 is used, because int8 is not faster"


def compare_forms(fp32: bytes, int8: bytes, crops: Sequence[Picture], embedding: Embedding) -> FormComparison:
    """Run both forms of a model on the same uint8 NHWC crops, interleaved and on one thread.

    Compared is CPU time, so that a machine that does other work meanwhile decides alike.
    """
    sessions = [open_session(model) for model in (fp32, int8)]
    name = sessions[0].get_inputs()[0].name
    inputs = [{name: crop[None]} for crop in crops]
    exact, rounded = (
        np.concatenate([np.asarray(session.run(None, one)[0]) for one in inputs]) for session in sessions
    )
    times: list[list[float]] = [[], []]
    for turn in range(ROUNDS):
        for session, taken in zip(sessions, times, strict=True):
            start = time.thread_time()
            session.run(None, inputs[turn % len(inputs)])
            taken.append(time.thread_time() - start)
    before, after = (_scores(vectors, embedding.metric) for vectors in (exact, rounded))
    accepts = np.vectorize(lambda score: embedding.scale.accepts(float(score), embedding.door))
    flipped = accepts(before) != accepts(after)
    far = flipped & (np.abs(before - embedding.door) > embedding.margin)
    best = available_providers()[0]
    return FormComparison(
        speedup=float(np.median(times[0]) / np.median(times[1])),
        moved=float(np.linalg.norm(exact - rounded, axis=1).mean()),
        shifts=float(np.abs(before - after).mean()),
        flips=int(flipped.sum()),
        far_flips=int(far.sum()),
        pairs=len(before),
        margin=embedding.margin,
        accelerator=best if best in ACCELERATORS else "",
    )


def _scores(vectors: NDArray[np.float32], metric: Metric) -> NDArray[np.float64]:
    """Return the comparison scores of all pairs of different rows."""
    rows = vectors.astype(np.float64)
    left, right = np.triu_indices(len(rows), 1)
    if metric is Metric.EUCLIDEAN:
        return np.asarray(np.linalg.norm(rows[left] - rows[right], axis=1))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray((rows[left] * rows[right]).sum(axis=1))
