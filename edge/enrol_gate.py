"""The gate of enrolment: pictures whose faces were found go in, verdicts and references come out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeAlias

import numpy as np

from edge.domain.enrolment import (
    EnrolmentRules,
    GateReason,
    LookAlike,
    Outcome,
    PictureVerdict,
    best_score,
    order_of_trust,
    pair_scores,
)
from edge.domain.face import Face, Vector
from edge.domain.gallery import Gallery
from edge.domain.person import NewReference
from edge.domain.quality import QualityReason, judge
from edge.pipeline import StillPipeline
from edge.ports import References

Seen: TypeAlias = tuple[str, Sequence[Face]]
"""A picture's source, and all faces in it from left to right."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """The one face of a picture that may become a reference."""

    source: str
    face: Face
    vector: Vector


@dataclass(frozen=True, slots=True, eq=False)
class Probes:
    """Pictures with their one usable face embedded, and verdicts on those without; `order` is of all."""

    order: tuple[str, ...]
    refused: tuple[PictureVerdict, ...]
    usable: tuple[Probe, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What the gate says of probes as the gallery was at `generation`.

    `references` are those to store, of look-alikes as well; `look_alikes` the people some came too close to,
    one each.
    """

    verdicts: tuple[PictureVerdict, ...]
    references: tuple[NewReference, ...]
    look_alikes: tuple[LookAlike, ...]
    generation: int


class Gate:
    """Judges pictures of one person, new or enrolled, against each other and against everybody else."""

    def __init__(self, *, pipeline: StillPipeline, gallery: References, rules: EnrolmentRules) -> None:
        self._pipeline = pipeline
        self._gallery = gallery
        self._rules = rules

    def probe(self, seen: Sequence[Seen], chosen_face: int | None) -> Probes:
        """Return what of the pictures can be judged; `chosen_face` counts from 1, left to right."""
        refused: list[PictureVerdict] = []
        usable: list[tuple[str, Face]] = []
        for source, faces in seen:
            found = self._one_face(source, faces, chosen_face)
            if isinstance(found, PictureVerdict):
                refused.append(found)
            else:
                usable.append((source, found))
        order = tuple(source for source, _ in seen)
        if not usable:
            return Probes(order, tuple(refused), ())
        vectors = self._pipeline.embed([face for _, face in usable])
        probes = (Probe(source, face, vector) for (source, face), vector in zip(usable, vectors, strict=True))
        return Probes(order, tuple(refused), tuple(probes))

    def judge(self, person_id: str | None, probes: Probes) -> Judged:
        """Return the verdicts on pictures of `person_id`, None for somebody new. Raises StoreError."""
        generation = self._gallery.generation()
        judged, accepted, alike = self._compare(person_id, probes.usable)
        return Judged(
            verdicts=_in_order(probes.order, (*probes.refused, *judged)),
            references=tuple(self._reference(probe) for probe in accepted),
            look_alikes=tuple(alike.values()),
            generation=generation,
        )

    def _one_face(self, source: str, faces: Sequence[Face], chosen: int | None) -> Face | PictureVerdict:
        judged = [(face, judge(face.figures, self._rules.quality)) for face in faces]
        real = [
            (face, verdict) for face, verdict in judged if QualityReason.NOT_A_FACE not in verdict.reasons
        ]
        if chosen is not None:
            if not 1 <= chosen <= len(faces):
                return _refusal(
                    source, GateReason.NO_SUCH_FACE, f"face {chosen} was chosen, there are {len(faces)}"
                )
            real = [judged[chosen - 1]]
        if not real:
            return _refusal(
                source, GateReason.NO_FACE, "no face was found; use a picture that shows the whole face"
            )
        if len(real) > 1:
            text = f"{len(real)} faces were found; choose one (counted from the left) or cut the picture"
            return _refusal(source, GateReason.SEVERAL_FACES, text)
        face, verdict = real[0]
        if verdict.reasons:
            reason = verdict.reasons[0]
            return _refusal(source, reason.value, reason.sentence, face)
        return face

    def _compare(
        self, person_id: str | None, probes: Sequence[Probe]
    ) -> tuple[list[PictureVerdict], list[Probe], dict[str, LookAlike]]:
        """Return the verdict of each probe, those to store, and the look-alikes by person id."""
        version = self._pipeline.model_version
        enrolled = self._gallery.references(version)
        own = [reference.vector for reference in enrolled if reference.person_id == person_id]
        others = Gallery(self._rules.scale.metric, self._pipeline.dimension)
        others.add([reference for reference in enrolled if reference.person_id != person_id])
        names = {person.id: person.name for person in self._gallery.people()}
        verdicts: list[PictureVerdict] = []
        accepted: list[Probe] = []
        alike: dict[str, LookAlike] = {}
        for probe in self._trusted_order(probes, has_own=bool(own)):
            nearest = self._nearest(others, probe, names)
            close = nearest is not None and self._rules.looks_alike(nearest.score)
            look_alike = nearest if close else None
            verdict = self._verdict(probe, own, look_alike)
            verdicts.append(replace(verdict, nearest=nearest))
            if look_alike is not None:
                alike.setdefault(look_alike.person_id, look_alike)
            if verdict.outcome is Outcome.ACCEPTED or verdict.code == GateReason.LOOKS_LIKE_ANOTHER:
                accepted.append(probe)
                own.append(probe.vector)
        return verdicts, accepted, alike

    def _trusted_order(self, probes: Sequence[Probe], *, has_own: bool) -> list[Probe]:
        if has_own or len(probes) < 2:  # noqa: PLR2004 - one picture needs no order
            return list(probes)
        matrix = np.stack([probe.vector for probe in probes])
        scores = pair_scores(self._rules.scale.metric, matrix, matrix)
        return [probes[i] for i in order_of_trust(self._rules.scale, scores, self._rules.same_person)]

    def _nearest(self, others: Gallery, probe: Probe, names: dict[str, str]) -> LookAlike | None:
        found = others.snapshot.search(probe.vector, count=1)
        if not found:
            return None
        best = found[0]
        percent = self._rules.scale.percent(best.score)
        return LookAlike(best.person_id, names.get(best.person_id, best.person_id), best.score, percent)

    def _verdict(self, probe: Probe, own: Sequence[Vector], look_alike: LookAlike | None) -> PictureVerdict:
        scale, rules = self._rules.scale, self._rules
        source, face = probe.source, probe.face
        scores = (
            [float(s) for s in pair_scores(scale.metric, probe.vector[None, :], np.stack(own))[0]]
            if own
            else []
        )
        nearest = best_score(scale, scores)
        if nearest is not None and not scale.accepts(nearest, rules.same_person):
            text = f"it does not look like the person's other pictures ({scale.percent(nearest):.2f} %)"
            return _refusal(source, GateReason.NOT_THIS_PERSON, text, face)
        if nearest is not None and scale.accepts(nearest, rules.duplicate):
            text = "it is nearly the same as a picture already there and adds nothing"
            return PictureVerdict(source, Outcome.DUPLICATE, GateReason.NEAR_DUPLICATE, text, face)
        if len(own) >= rules.max_references:
            text = f"there are already {len(own)} references, the most that are kept of one person"
            return _refusal(source, GateReason.ENOUGH_REFERENCES, text, face)
        if look_alike is not None:
            name, percent = look_alike.person_name, look_alike.percent
            text = f"it looks like {name} ({percent:.2f} %), who is enrolled already"
            verdict = _refusal(source, GateReason.LOOKS_LIKE_ANOTHER, text, face)
            return replace(verdict, look_alike=look_alike)
        return PictureVerdict(
            source, Outcome.ACCEPTED, "accepted", "it is good", face, figures=_figures(face)
        )

    def _reference(self, probe: Probe) -> NewReference:
        version = self._pipeline.model_version
        crop = probe.face.crop if self._rules.keep_crops else None
        return NewReference(version, probe.vector, probe.source, _figures(probe.face), crop)


def _figures(face: Face) -> dict[str, float]:
    return {name: round(float(value), 3) for name, value in asdict(face.figures).items()}


def _refusal(source: str, code: str, sentence: str, face: Face | None = None) -> PictureVerdict:
    figures = _figures(face) if face is not None else {}
    return PictureVerdict(source, Outcome.REFUSED, str(code), sentence, face, figures=figures)


def _in_order(order: Sequence[str], verdicts: Sequence[PictureVerdict]) -> tuple[PictureVerdict, ...]:
    place = {source: index for index, source in enumerate(order)}
    return tuple(sorted(verdicts, key=lambda verdict: place[verdict.source]))
