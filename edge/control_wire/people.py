"""People and their references on the control socket."""

import base64
import binascii
from datetime import date
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field

from edge.control_wire.body import Body, Text
from edge.domain.consent import MAX_NOTE, Consent
from edge.domain.face import Picture, Vector
from edge.domain.person import MAX_EXTERNAL_ID, MAX_NAME, Details, NewReference, Person

MAX_REFERENCES = 64
MAX_DIMENSION = 4096


def _is_base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    return text


Base64 = Annotated[str, AfterValidator(_is_base64)]


class CropBody(Body):
    """An aligned RGB crop: its size, and its bytes row by row."""

    width: Annotated[int, Field(ge=1, le=1024)]
    height: Annotated[int, Field(ge=1, le=1024)]
    pixels: Base64

    def picture(self) -> Picture:
        """Return the height×width×3 uint8 picture; raises ValueError where the bytes do not fit the size."""
        pixels = np.frombuffer(base64.b64decode(self.pixels), np.uint8)
        return pixels.reshape(self.height, self.width, 3)


class ReferenceBody(Body):
    """A reference about to be stored; `vector` is base64 of float32 little-endian values."""

    model_version: Text
    vector: Base64
    source: Text
    quality: Annotated[dict[str, float], Field(max_length=50)]
    crop: CropBody | None = None

    @classmethod
    def of(cls, reference: NewReference) -> "ReferenceBody":
        """Return the body of a reference."""
        crop = reference.crop
        return cls(
            model_version=reference.model_version,
            vector=base64.b64encode(reference.vector.astype("<f4").tobytes()).decode(),
            source=reference.source[:500],
            quality=dict(reference.quality),
            crop=None if crop is None else _crop_body(crop),
        )

    def reference(self) -> NewReference:
        """Return the reference; raises ValueError for a vector that is empty, too long or not finite."""
        raw = base64.b64decode(self.vector)
        vector: Vector = np.frombuffer(raw, "<f4").astype(np.float32)
        if not 0 < vector.size <= MAX_DIMENSION or not np.isfinite(vector).all():
            raise ValueError("vector: empty, too long or not finite")
        crop = None if self.crop is None else self.crop.picture()
        return NewReference(self.model_version, vector, self.source, self.quality, crop)


class ExtendBody(Body):
    """References for somebody enrolled, as checked against the gallery of `seen_generation`."""

    references: Annotated[list[ReferenceBody], Field(min_length=1, max_length=MAX_REFERENCES)]
    seen_generation: Annotated[int, Field(ge=0)]
    look_alikes: Annotated[tuple[Text, ...], Field(max_length=1000)] = ()


class ConsentBody(Body):
    """A consent: the day as YYYY-MM-DD, and how it was given."""

    on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    note: Annotated[str, Field(max_length=MAX_NOTE)]

    @classmethod
    def of(cls, given: Consent | None) -> "ConsentBody | None":
        """Return the body of a consent."""
        return None if given is None else cls(on=given.on.isoformat(), note=given.note)

    def consent(self) -> Consent:
        """Return the consent; raises ValueError for a day that does not exist."""
        return Consent(date.fromisoformat(self.on), self.note)


class _Detailed(Body):
    """What is known of somebody beside name and employee number; times are UTC seconds."""

    second_factor: bool
    valid_from: float | None
    valid_until: float | None
    schedule: Text | None
    groups: Annotated[list[Text], Field(max_length=100)]
    consent: ConsentBody | None

    def details(self) -> Details:
        """Return the details; raises ValueError for a day that does not exist."""
        return Details(
            second_factor=self.second_factor,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            schedule=self.schedule,
            groups=tuple(self.groups),
            consent=None if self.consent is None else self.consent.consent(),
        )


class DetailsBody(_Detailed):
    """What may be given with an enrolment."""

    @classmethod
    def of(cls, given: Details) -> "DetailsBody":
        """Return the body of details."""
        return cls(**_detail_values(given))


class EnrolBody(ExtendBody):
    """Somebody new."""

    name: Annotated[str, Field(max_length=4 * MAX_NAME)]
    external_id: Annotated[str, Field(max_length=MAX_EXTERNAL_ID)] | None = None
    details: DetailsBody | None = None


class ChangeBody(_Detailed):
    """All that an admin may change of a person; `updated` is that of the person as it was read."""

    name: Annotated[str, Field(max_length=4 * MAX_NAME)]
    external_id: Annotated[str, Field(max_length=4 * MAX_EXTERNAL_ID)] | None
    updated: Text

    @classmethod
    def of(cls, person: Person) -> "ChangeBody":
        """Return the body of a person."""
        return cls(
            name=person.name,
            external_id=person.external_id,
            updated=person.updated,
            **_detail_values(Details.of(person)),
        )

    def person(self, person_id: str) -> Person:
        """Return the person as it is to become; raises ValueError for a day that does not exist."""
        return Person(
            id=person_id,
            name=self.name,
            external_id=self.external_id,
            updated=self.updated,
            **self.details().values(),
        )


class PersonBody(Body):
    """The answer to a change of people: the person's id."""

    id: Text


def _detail_values(given: Details) -> dict[str, Any]:
    return given.values() | {"groups": list(given.groups), "consent": ConsentBody.of(given.consent)}


def _crop_body(crop: Picture) -> CropBody:
    height, width = crop.shape[:2]
    return CropBody(width=width, height=height, pixels=base64.b64encode(crop.tobytes()).decode())
