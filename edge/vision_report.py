"""A finding of the live pipeline as the message that tells the parent."""

from dataclasses import dataclass

from edge.domain.band import band
from edge.domain.false_match import FalseMatchRate, fpir
from edge.domain.recognise import TrackDecision
from edge.domain.score import ScoreScale, percent_text
from edge.heat_watch import Heat
from edge.live import Finding
from edge.vision_wire import MAX_TEXT, NotRecognised, Recognised, Thermal


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What scores are told by: the model's version and scale, the threshold, its false match rate there."""

    model_version: str
    scale: ScoreScale
    threshold: float
    rate: FalseMatchRate


def report(finding: Finding, yardstick: Yardstick, shift: float = 0.0) -> Recognised | NotRecognised:
    """Return the message; `shift` seconds are added to the times of the frames."""
    decision = finding.decision
    if decision.person_id is None or decision.score is None:
        return NotRecognised(
            track=finding.track,
            reason=str(decision.reason),
            hint=str(decision.hint or ""),
            percent=_percent(decision, yardstick),
            frames=decision.frames,
            frame=finding.frame,
            at=decision.at + shift,
            first_seen=decision.first_seen + shift,
            people=finding.people,
            model_version=yardstick.model_version,
        )
    rate = yardstick.rate
    return Recognised(
        track=finding.track,
        person_id=decision.person_id,
        score=decision.score,
        percent=_percent(decision, yardstick) or 0.0,
        band=band(decision.score, yardstick.threshold, yardstick.scale).value,
        frames=decision.frames,
        frame=finding.frame,
        at=decision.at + shift,
        first_seen=decision.first_seen + shift,
        people=finding.people,
        model_version=yardstick.model_version,
        reference=decision.reference_id,
        fmr=rate.rate if rate.known else None,
        fpir=fpir(rate.rate, finding.people) if rate.known else None,
    )


def _percent(decision: TrackDecision, yardstick: Yardstick) -> float | None:
    """Return the percent as people read it, so that it never contradicts the decision."""
    if decision.score is None:
        return None
    text = percent_text(decision.score, yardstick.threshold, yardstick.scale)
    return float(text.strip("≥<% "))


def thermal(heat: Heat) -> Thermal:
    """Return what the parent is told of the heat."""
    return Thermal(
        temperature=heat.temperature,
        rate=heat.rate,
        level=heat.level.value,
        throttled=heat.throttled,
        blind=heat.blind,
        detail=heat.detail[:MAX_TEXT],
    )
