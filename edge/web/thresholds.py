"""What other thresholds would do, for this site's people and by what is known of the model."""

from dataclasses import dataclass

from edge.domain.false_match import largest_gallery
from edge.domain.model_in_force import ModelInForce
from edge.domain.score import Metric
from edge.office.score_study import Study

STEPS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One threshold, as a score and in percent.

    `rejected` is the share of this site's pairs of one person that it would turn away, `accepted` the share
    of pairs of different people it would take for one; `fmr` the model's false match rate of the worst known
    group, `fpir` what follows for this gallery, each None where nothing is known.
    """

    score: float
    percent: float
    rejected: float | None
    accepted: float | None
    fmr: float | None
    bound: bool
    fpir: float | None
    people: int | None
    allowed: bool


def row(model: ModelInForce, study: Study, score: float) -> Row:
    """Return what one threshold would do."""
    risk = model.risk(study.people, score)
    genuine = study.genuine.accepted(score)
    known = risk.rate.known
    return Row(
        score=score,
        percent=round(model.scale.percent(score), 2),
        rejected=None if genuine is None else 1 - genuine,
        accepted=study.impostor.accepted(score),
        fmr=risk.rate.rate if known else None,
        bound=risk.rate.bound,
        fpir=risk.fpir if known else None,
        people=largest_gallery(risk.rate.rate, model.max_fpir) if known else 0,
        allowed=risk.face_alone,
    )


def rows(model: ModelInForce, study: Study) -> list[Row]:
    """Return thresholds from loose to strict, no two of the same percent, with that in force among them."""
    loose, strict = _ends(model)
    scores = {round(loose + (strict - loose) * step / STEPS, 6) for step in range(STEPS + 1)}
    scores.add(model.threshold)
    ordered = sorted(scores, reverse=model.scale.metric is Metric.EUCLIDEAN)
    found: list[Row] = []
    for one in (row(model, study, score) for score in ordered):
        if found and one.percent == found[-1].percent:
            if one.score != model.threshold:
                continue  # reads the same as the one before it
            found.pop()
        found.append(one)
    return found


def _ends(model: ModelInForce) -> tuple[float, float]:
    """Return the loosest and the strictest threshold worth looking at."""
    measured = [one.threshold for one in model.false_matches.rows]
    known = [*measured, model.threshold, model.advised]
    low, high = min(known), max(known)
    room = max((high - low) * 0.15, 0.02 * (model.scale.high - model.scale.low))
    low, high = max(low - room, model.scale.usable[0]), min(high + room, model.scale.usable[1])
    return (low, high) if model.scale.metric is Metric.COSINE else (high, low)
