"""Are two pictures of one person: a single comparison, without the gallery."""

from dataclasses import dataclass

from edge.domain.enrolment import pair_scores
from edge.domain.face import Face, Picture
from edge.domain.quality import QualityLimits, QualityReason, QualityVerdict, judge
from edge.domain.score import ScoreScale
from edge.errors import ImageError
from edge.pipeline import StillPipeline


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The comparison of two faces: `same` is the door's answer, its quality aside."""

    score: float
    percent: float
    threshold: float
    same: bool
    qualities: tuple[QualityVerdict, QualityVerdict]


class Comparer:
    """Compares the only faces of two pictures by a model's scale and the door's threshold."""

    def __init__(
        self, *, pipeline: StillPipeline, scale: ScoreScale, threshold: float, limits: QualityLimits
    ) -> None:
        self._pipeline = pipeline
        self.scale = scale
        self._threshold = threshold
        self._limits = limits

    def compare(self, first: tuple[str, Picture], second: tuple[str, Picture]) -> Comparison:
        """Return the comparison of two (source, RGB picture).

        Raises ImageError naming the source where there is no face, or more than one.
        """
        faces = [
            _only_face(source, self._pipeline.faces(picture), self._limits)
            for source, picture in (first, second)
        ]
        vectors = self._pipeline.embed(faces)
        score = float(pair_scores(self.scale.metric, vectors[:1], vectors[1:])[0, 0])
        return Comparison(
            score=score,
            percent=self.scale.percent(score),
            threshold=self._threshold,
            same=self.scale.accepts(score, self._threshold),
            qualities=(judge(faces[0].figures, self._limits), judge(faces[1].figures, self._limits)),
        )


def _only_face(source: str, faces: list[Face], limits: QualityLimits) -> Face:
    real = [face for face in faces if QualityReason.NOT_A_FACE not in judge(face.figures, limits).reasons]
    if len(real) != 1:
        raise ImageError(f"{source}: {len(real) or 'no'} face{'s' * (len(real) > 1)} found, one is needed")
    return real[0]
