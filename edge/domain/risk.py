"""What a gallery risks: the chance that a stranger is taken for somebody in it, and what that allows."""

from dataclasses import dataclass

from edge.domain.false_match import FalseMatchRate, FalseMatchTable, fpir, largest_gallery


@dataclass(frozen=True, slots=True)
class GalleryRisk:
    """The false-positive identification rate (FPIR) of a gallery at its threshold.

    `people` enrolled with this model; `rate` the false match rate it rests on, of the worst measured group;
    `fpir` = 1 − (1 − rate)^people; `max_fpir` what the site allows for a face alone.
    """

    people: int
    rate: FalseMatchRate
    fpir: float
    max_fpir: float

    @property
    def face_alone(self) -> bool:
        """Return whether a face alone may open a lock."""
        return self.fpir <= self.max_fpir

    @property
    def sentence(self) -> str:
        """Return one line for people: how large the risk is, where it comes from, what follows."""
        if not self.rate.known:
            return (
                "FPIR unknown: this model's false matches were never measured at this threshold; "
                "a face alone does not open"
            )
        basis = f"{'at most ' if self.rate.bound else ''}{self.rate.rate:.2%} per pair ({self.rate.group})"
        text = (
            f"FPIR {self.fpir:.2%} with {self.people} enrolled, from {basis}; allowed {self.max_fpir:.2%}: "
        )
        if self.face_alone:
            return f"{text}a face alone opens"
        most = largest_gallery(self.rate.rate, self.max_fpir)
        return f"{text}a second factor is needed (a face alone serves up to {most} people here)"


def gallery_risk(table: FalseMatchTable, threshold: float, people: int, max_fpir: float) -> GalleryRisk:
    """Return the risk of a gallery of `people` at `threshold` (a score), by a model's measured table."""
    rate = table.worst(threshold)
    return GalleryRisk(people, rate, fpir(rate.rate, people), max_fpir)
