"""Enrolment with a gate: the one use case behind `edgectl people add`, the page and every import."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from edge.domain.enrolment import EnrolmentRules, GateReason, LookAlike, Outcome, PictureVerdict
from edge.domain.face import Picture
from edge.domain.person import NewReference, Person
from edge.enrol_gate import Gate
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
        self._gate = Gate(pipeline=pipeline, gallery=people, rules=rules)

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
        seen = [(source, self._pipeline.faces(picture)) for source, picture in pictures]
        probes = self._gate.probe(seen, chosen_face)
        tries = 0
        while True:
            tries += 1
            judged = self._gate.judge(person_id, probes)
            report = EnrolmentReport(None, judged.verdicts, judged.look_alikes)
            if not judged.references or (judged.look_alikes and not allow_look_alike):
                return report
            alike = sorted(one.person_id for one in judged.look_alikes)
            try:
                person = write(judged.references, judged.generation, alike)
            except GalleryChangedError:
                if tries == TRIES:
                    raise
            else:
                return replace(report, person=person, verdicts=overridden(report.verdicts))


def overridden(verdicts: tuple[PictureVerdict, ...]) -> tuple[PictureVerdict, ...]:
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
