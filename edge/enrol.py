"""Enrolment with a gate: the one use case behind `edgectl people add`, the page and every import."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

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
from edge.domain.face import Face, Picture, Vector
from edge.domain.gallery import Gallery
from edge.domain.person import NewReference, Person
from edge.domain.quality import QualityReason, judge
from edge.errors import GalleryChangedError
from edge.pipeline import StillPipeline
from edge.ports import People

TRIES = 5  # against a gallery that keeps changing under the check; each try is a few milliseconds


@dataclass(frozen=True, slots=True, eq=False)
class EnrolmentReport:
    """What became of a request: `person` is None where nothing was written.

    `look_alikes` are the people some picture came too close to, whether or not that was overridden.
    """

    person: Person | None
    verdicts: tuple[PictureVerdict, ...]
    look_alikes: tuple[LookAlike, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Probe:
    source: str
    face: Face
    vector: Vector


class Enrolment:
    """Adds people and pictures of people, each picture through the gate.

    A write happens once, for all accepted pictures together, and only if no picture was refused as a
    look-alike: such a request is written nowhere unless the caller says `allow_look_alike`, and then a second
    factor becomes mandatory for both people. The look-alike check and the write are one: where the gallery
    changed in between, the check is made again. Other refused pictures leave the accepted ones alone.
    """

    def __init__(self, *, pipeline: StillPipeline, people: People, rules: EnrolmentRules) -> None:
        self._pipeline = pipeline
        self._people = people
        self._rules = rules

    def add(
        self,
        *,
        name: str,
        external_id: str | None,
        pictures: Sequence[tuple[str, Picture]],
        actor: str,
        chosen_face: int | None = None,
        allow_look_alike: bool = False,
    ) -> EnrolmentReport:
        """Enrol somebody new from (source, RGB picture) pairs.

        `chosen_face` counts from 1, left to right, for pictures with several faces. Raises ConflictError for
        an employee number in use or an unusable name, StoreError where nothing can be written.
        """

        def write(references: Sequence[NewReference], generation: int, alike: Sequence[str]) -> Person:
            return self._people.enrol(
                name=name,
                external_id=external_id,
                references=references,
                seen_generation=generation,
                look_alikes=alike,
                actor=actor,
            )

        return self._through_gate(None, pictures, chosen_face, write, allow_look_alike=allow_look_alike)

    def extend(
        self,
        *,
        person_id: str,
        pictures: Sequence[tuple[str, Picture]],
        actor: str,
        chosen_face: int | None = None,
        allow_look_alike: bool = False,
    ) -> EnrolmentReport:
        """Add pictures to somebody enrolled; otherwise as `add`. Raises NotFoundError."""

        def write(references: Sequence[NewReference], generation: int, alike: Sequence[str]) -> Person:
            return self._people.extend(
                person_id=person_id,
                references=references,
                seen_generation=generation,
                look_alikes=alike,
                actor=actor,
            )

        return self._through_gate(person_id, pictures, chosen_face, write, allow_look_alike=allow_look_alike)

    def _through_gate(
        self,
        person_id: str | None,
        pictures: Sequence[tuple[str, Picture]],
        chosen_face: int | None,
        write: Callable[[Sequence[NewReference], int, Sequence[str]], Person],
        *,
        allow_look_alike: bool,
    ) -> EnrolmentReport:
        refused, probes = self._probes(pictures, chosen_face)
        tries = 0
        while True:
            tries += 1
            generation = self._people.generation()
            judged, accepted, alike = self._compare(person_id, probes)
            report = EnrolmentReport(None, _in_order(pictures, (*refused, *judged)), tuple(alike.values()))
            if not accepted or (alike and not allow_look_alike):
                return report
            try:
                person = write([self._reference(probe) for probe in accepted], generation, sorted(alike))
            except GalleryChangedError:
                if tries == TRIES:
                    raise
            else:
                return replace(report, person=person, verdicts=_overridden(report.verdicts))

    def _probes(
        self, pictures: Sequence[tuple[str, Picture]], chosen_face: int | None
    ) -> tuple[list[PictureVerdict], list[_Probe]]:
        """Return the verdicts of pictures without a usable face, and the faces of the others, embedded."""
        refused: list[PictureVerdict] = []
        usable: list[tuple[str, Face]] = []
        for source, picture in pictures:
            found = self._one_face(source, self._pipeline.faces(picture), chosen_face)
            if isinstance(found, PictureVerdict):
                refused.append(found)
            else:
                usable.append((source, found))
        if not usable:
            return refused, []
        vectors = self._pipeline.embed([face for _, face in usable])
        return refused, [
            _Probe(source, face, vector) for (source, face), vector in zip(usable, vectors, strict=True)
        ]

    def _one_face(self, source: str, faces: list[Face], chosen: int | None) -> Face | PictureVerdict:
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
        self, person_id: str | None, probes: Sequence[_Probe]
    ) -> tuple[list[PictureVerdict], list[_Probe], dict[str, LookAlike]]:
        """Return the verdict of each probe, those to store, and the look-alikes by person id."""
        version = self._pipeline.model_version
        enrolled = self._people.references(version)
        own = [reference.vector for reference in enrolled if reference.person_id == person_id]
        others = Gallery(self._rules.scale.metric, self._pipeline.dimension)
        others.add([reference for reference in enrolled if reference.person_id != person_id])
        names = {person.id: person.name for person in self._people.people()}
        verdicts: list[PictureVerdict] = []
        accepted: list[_Probe] = []
        alike: dict[str, LookAlike] = {}
        for probe in self._trusted_order(probes, has_own=bool(own)):
            look_alike = self._look_alike(others, probe, names)
            verdict = self._verdict(probe, own, look_alike)
            verdicts.append(verdict)
            if look_alike is not None:
                alike.setdefault(look_alike.person_id, look_alike)
            if verdict.outcome is Outcome.ACCEPTED or verdict.code == GateReason.LOOKS_LIKE_ANOTHER:
                accepted.append(probe)
                own.append(probe.vector)
        return verdicts, accepted, alike

    def _trusted_order(self, probes: Sequence[_Probe], *, has_own: bool) -> list[_Probe]:
        if has_own or len(probes) < 2:  # noqa: PLR2004 - one picture needs no order
            return list(probes)
        matrix = np.stack([probe.vector for probe in probes])
        scores = pair_scores(self._rules.scale.metric, matrix, matrix)
        return [probes[i] for i in order_of_trust(self._rules.scale, scores, self._rules.same_person)]

    def _look_alike(self, others: Gallery, probe: _Probe, names: dict[str, str]) -> LookAlike | None:
        found = others.snapshot.search(probe.vector, count=1)
        if not found or not self._rules.looks_alike(found[0].score):
            return None
        best = found[0]
        percent = self._rules.scale.percent(best.score)
        return LookAlike(best.person_id, names.get(best.person_id, best.person_id), best.score, percent)

    def _verdict(self, probe: _Probe, own: Sequence[Vector], look_alike: LookAlike | None) -> PictureVerdict:
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

    def _reference(self, probe: _Probe) -> NewReference:
        version = self._pipeline.model_version
        crop = probe.face.crop if self._rules.keep_crops else None
        return NewReference(version, probe.vector, probe.source, _figures(probe.face), crop)


def _figures(face: Face) -> dict[str, float]:
    return {name: round(float(value), 3) for name, value in asdict(face.figures).items()}


def _refusal(source: str, code: str, sentence: str, face: Face | None = None) -> PictureVerdict:
    figures = _figures(face) if face is not None else {}
    return PictureVerdict(source, Outcome.REFUSED, str(code), sentence, face, figures=figures)


def _overridden(verdicts: tuple[PictureVerdict, ...]) -> tuple[PictureVerdict, ...]:
    """Return the verdicts after a look-alike was allowed: its pictures were accepted, and say so."""
    return tuple(
        replace(
            verdict,
            outcome=Outcome.ACCEPTED,
            sentence=f"{verdict.sentence}; taken all the same, a second factor is now needed for both",
        )
        if verdict.code == GateReason.LOOKS_LIKE_ANOTHER
        else verdict
        for verdict in verdicts
    )


def _in_order(
    pictures: Sequence[tuple[str, Picture]], verdicts: Sequence[PictureVerdict]
) -> tuple[PictureVerdict, ...]:
    place = {source: index for index, (source, _) in enumerate(pictures)}
    return tuple(sorted(verdicts, key=lambda verdict: place[verdict.source]))
