"""Who is in this picture: every face with its quality, its candidates and the decision, or the reason."""

from dataclasses import dataclass

from edge.domain.face import Face, Picture, Vector
from edge.domain.gallery import Candidate, GallerySnapshot
from edge.domain.quality import QualityLimits, QualityVerdict, judge
from edge.domain.recognise import ProbeJudgement, RecognitionRules, judge_probe
from edge.domain.score import ScoreScale
from edge.pipeline import StillPipeline


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """One face of a picture.

    `accepted` is True only where quality and judgement both hold; `reason` is the first reason of quality or
    else the judgement's. `candidates` are the nearest people, best first, whatever the decision.
    """

    face: Face
    quality: QualityVerdict
    judgement: ProbeJudgement
    candidates: tuple[Candidate, ...]
    accepted: bool
    reason: str


class Identifier:
    """Compares the faces of still pictures with a gallery, by the rules of the door."""

    def __init__(
        self,
        *,
        pipeline: StillPipeline,
        gallery: GallerySnapshot,
        scale: ScoreScale,
        rules: RecognitionRules,
        limits: QualityLimits,
        candidates: int = 5,
    ) -> None:
        self._pipeline = pipeline
        self._gallery = gallery
        self._scale = scale
        self._rules = rules
        self._limits = limits
        self._count = max(candidates, 2)

    def identify(self, picture: Picture) -> list[Identification]:
        """Return every face of an RGB picture, left to right."""
        faces = self._pipeline.faces(picture)
        if not faces:
            return []
        vectors = self._pipeline.embed(faces)
        return [self._judge(face, vector) for face, vector in zip(faces, vectors, strict=True)]

    def _judge(self, face: Face, vector: Vector) -> Identification:
        candidates = tuple(self._gallery.search(vector, count=self._count))
        judgement = judge_probe(candidates, self._scale, self._rules)
        quality = judge(face.figures, self._limits)
        accepted = quality.ok and judgement.accepted
        reason = judgement.reason if quality.ok else quality.reasons[0]
        return Identification(face, quality, judgement, candidates, accepted, str(reason))
