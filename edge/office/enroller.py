"""Enrolment from pictures that come from outside: examined where they do no harm, written as one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edge.domain.examination import Examination, Upload
from edge.domain.person import NO_DETAILS, Details, Person
from edge.errors import GalleryChangedError
from edge.ports import People, PictureExaminer

TRIES = 2  # against a gallery that changed under the check; by hand that is rare

Write: TypeAlias = Callable[[Examination, Sequence[str]], Person]


@dataclass(frozen=True, slots=True, eq=False)
class Enrolled:
    """What became of a request: `person` is None where nothing was written."""

    person: Person | None
    examination: Examination


class Enroller:
    """As `enrol.Enrolment`, for pictures as they are sent; what that says of look-alikes holds here too."""

    def __init__(self, examiner: PictureExaminer, people: People) -> None:
        self._examiner = examiner
        self._people = people

    def add(
        self,
        *,
        name: str,
        external_id: str | None,
        pictures: Sequence[Upload],
        actor: str,
        details: Details = NO_DETAILS,
        chosen_face: int | None = None,
        allow_look_alike: bool = False,
    ) -> Enrolled:
        """Enrol somebody new in one transaction.

        Raises ConflictError, ExaminerError, StoreError, and NotFoundError for a schedule or group that
        is gone.
        """

        def write(found: Examination, alike: Sequence[str]) -> Person:
            return self._people.enrol(
                name=name,
                external_id=external_id,
                references=found.references,
                seen_generation=found.generation,
                look_alikes=alike,
                details=details,
                actor=actor,
            )

        return self._through(None, pictures, chosen_face, write, allow_look_alike=allow_look_alike)

    def extend(
        self,
        *,
        person_id: str,
        pictures: Sequence[Upload],
        actor: str,
        chosen_face: int | None = None,
        allow_look_alike: bool = False,
    ) -> Enrolled:
        """Add pictures to somebody enrolled; raises NotFoundError as well."""

        def write(found: Examination, alike: Sequence[str]) -> Person:
            return self._people.extend(
                person_id=person_id,
                references=found.references,
                seen_generation=found.generation,
                look_alikes=alike,
                actor=actor,
            )

        return self._through(person_id, pictures, chosen_face, write, allow_look_alike=allow_look_alike)

    def _through(
        self,
        person_id: str | None,
        pictures: Sequence[Upload],
        chosen_face: int | None,
        write: Write,
        *,
        allow_look_alike: bool,
    ) -> Enrolled:
        tries = 0
        while True:
            tries += 1
            found = self._examiner.examine(
                pictures,
                person_id=person_id,
                chosen_face=chosen_face,
                allow_look_alike=allow_look_alike,
            )
            if not found.references:
                return Enrolled(None, found)
            try:
                person = write(found, sorted(one.person_id for one in found.look_alikes))
            except GalleryChangedError:
                if tries == TRIES:
                    raise
            else:
                return Enrolled(person, found)
