"""The embedder in use, as far as pages and reports need to know it."""

from dataclasses import dataclass

from edge.domain.false_match import FalseMatchTable
from edge.domain.risk import GalleryRisk, gallery_risk
from edge.domain.score import ScoreScale


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInForce:
    """`version` is that of the stored vectors; `threshold` and `margin` are scores, as they are in force.

    `advised` is the threshold that the model's profile gives for what the terminal is for; `false_matches`
    what is known of the model; `max_fpir` what the site allows for a face alone.
    """

    name: str
    version: str
    scale: ScoreScale
    threshold: float
    advised: float
    margin: float
    false_matches: FalseMatchTable
    max_fpir: float

    def risk(self, people: int, threshold: float | None = None) -> GalleryRisk:
        """Return what a gallery of `people` risks, at another threshold if one is given."""
        at = self.threshold if threshold is None else threshold
        return gallery_risk(self.false_matches, at, people, self.max_fpir)
