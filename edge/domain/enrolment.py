"""The gate of enrolment: which pictures become references, and the reason for each that does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Face
from edge.domain.quality import QualityLimits
from edge.domain.score import Metric, ScoreScale


class Outcome(StrEnum):
    """What became of one picture."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DUPLICATE = "duplicate"  # nothing wrong with it, and nothing gained by it


class GateReason(StrEnum):
    """Why a picture is not taken, beside the reasons of quality."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    NO_SUCH_FACE = "no_such_face"
    LOOKS_LIKE_ANOTHER = "looks_like_another"
    NOT_THIS_PERSON = "not_this_person"
    NEAR_DUPLICATE = "near_duplicate"
    ENOUGH_REFERENCES = "enough_references"


@dataclass(frozen=True, slots=True)
class EnrolmentRules:
    """The figures of the gate; all scores are in the metric of `scale`.

    `threshold` and `margin` are those of the door: a picture that would pass there as somebody else, or come
    within the margin of it, is a look-alike. `same_person` is the looser score from which two pictures may be
    of one person (the model's textbook threshold); `duplicate` the score from which a second picture adds
    nothing (0.1 for dlib's distances, the figure FACE01 sets pictures aside at).
    """

    scale: ScoreScale
    threshold: float
    margin: float
    same_person: float
    duplicate: float
    max_references: int
    quality: QualityLimits
    keep_crops: bool = False  # aligned crops beside the vectors; off, because a face is personal data

    def looks_alike(self, score: float) -> bool:
        """Return whether a score against somebody else is too close to enrol."""
        return self.scale.accepts(score, self.threshold) or not self.scale.ahead(
            self.threshold, score, self.margin
        )


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Somebody else: the best score of a picture against that person."""

    person_id: str
    person_name: str
    score: float
    percent: float


@dataclass(frozen=True, slots=True, eq=False)
class PictureVerdict:
    """What the gate says of one picture. `sentence` is for people, `code` for programs.

    `look_alike` is somebody else who is too close, `nearest` the closest of all others, too close or not.
    """

    source: str
    outcome: Outcome
    code: str
    sentence: str
    face: Face | None = None
    look_alike: LookAlike | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    nearest: LookAlike | None = None


def pair_scores(metric: Metric, left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the n×m comparison scores of n and m vectors (rows), exactly, in float64.

    Euclidean distance on the raw values, or cosine of the angle.
    """
    first, second = left.astype(np.float64), right.astype(np.float64)
    if metric is Metric.EUCLIDEAN:
        return np.asarray(np.linalg.norm(first[:, None, :] - second[None, :, :], axis=2))
    first = first / np.linalg.norm(first, axis=1, keepdims=True)
    second = second / np.linalg.norm(second, axis=1, keepdims=True)
    return np.asarray(first @ second.T)


def best_score(scale: ScoreScale, scores: Sequence[float]) -> float | None:
    """Return the closest of some scores, None of none."""
    if not scores:
        return None
    return max(scores) if scale.metric is Metric.COSINE else min(scores)


def order_of_trust(scale: ScoreScale, scores: NDArray[np.float64], same_person: float) -> list[int]:
    """Return the order in which n pictures of one new person are taken: the best supported one first.

    `scores` is their n×n matrix. A single picture of somebody else among several of the right person is so
    never the one the others are measured by; where all are equal the given order stays.
    """
    count = len(scores)
    support = [
        sum(scale.accepts(float(scores[i, j]), same_person) for j in range(count) if j != i)
        for i in range(count)
    ]
    first = max(range(count), key=lambda i: (support[i], -i)) if count else 0
    return [first, *(i for i in range(count) if i != first)] if count else []
