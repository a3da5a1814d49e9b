"""People as programs see and send them."""

import base64
import binascii
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from edge.domain.consent import Consent
from edge.domain.examination import ExaminedPicture, Upload
from edge.domain.person import MAX_EXTERNAL_ID, Person
from edge.picture_header import MAX_BYTES
from edge.web.api.bodies import Moment, PersonId, Text, moment
from edge.web.api.operation import ApiBody

MOST_PICTURES = 10
LONGEST_NAME = 500
MOST = MAX_BYTES * 4 // 3 + 64 * 1024  # bytes of a body: a picture of the largest size in base64
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Number = Annotated[str, Field(max_length=MAX_EXTERNAL_ID)]


def _is_base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is no base64") from None
    return text


class ConsentBody(ApiBody):
    """When somebody consented to being recognised, and where the proof is."""

    on: date
    note: Annotated[str, Field(max_length=200)] = ""

    @classmethod
    def of(cls, consent: Consent | None) -> "ConsentBody | None":
        """Return the body of a consent."""
        return None if consent is None else cls(on=consent.on, note=consent.note)


class PictureBody(ApiBody):
    """A JPEG or PNG, at most 5 MiB and 12 megapixels; `source` is what it is called in the records."""

    data: Annotated[
        str, Field(min_length=1, json_schema_extra={"contentEncoding": "base64"}), AfterValidator(_is_base64)
    ]
    source: Text = "api"

    def upload(self) -> Upload:
        """Return the picture."""
        return Upload(self.source, base64.b64decode(self.data))


class PersonBody(ApiBody):
    """Somebody known. `references` counts pictures; with `second_factor` a face alone never opens."""

    id: PersonId
    name: str
    external_id: str | None
    second_factor: bool
    valid_from: datetime | None
    valid_until: datetime | None
    schedule: str | None
    groups: list[str]
    visitor: bool
    max_visits: int | None
    consent: ConsentBody | None
    references: int
    created: str
    updated: str

    @classmethod
    def of(cls, person: Person) -> "PersonBody":
        """Return the body of a person."""
        same = {name: getattr(person, name) for name in SAME}
        return cls(
            **same,
            valid_from=moment(person.valid_from),
            valid_until=moment(person.valid_until),
            groups=list(person.groups),
            consent=ConsentBody.of(person.consent),
        )


SAME = tuple(
    name for name in PersonBody.model_fields if name not in {"valid_from", "valid_until", "groups", "consent"}
)


class PeopleQuery(ApiBody):
    """Whose name or employee number holds every word of `text`."""

    text: Annotated[str, Field(max_length=200)] = ""
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class PeopleBody(ApiBody):
    """Some people by name; `total` is how many there are."""

    people: list[PersonBody]
    total: int


class EnrolBody(ApiBody):
    """Somebody new. With a likeness allowed, both people need a second factor from then on."""

    name: Name
    external_id: Number | None = None
    pictures: Annotated[tuple[PictureBody, ...], Field(max_length=MOST_PICTURES)] = ()
    allow_look_alike: bool = False


class PicturesBody(ApiBody):
    """Further pictures of somebody."""

    pictures: Annotated[tuple[PictureBody, ...], Field(min_length=1, max_length=MOST_PICTURES)]
    allow_look_alike: bool = False


class ChangeBody(ApiBody):
    """What is to be changed of somebody: what is not named stays as it is, null takes away."""

    name: Name | None = None
    external_id: Number | None = None
    second_factor: bool | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    schedule: Annotated[str, Field(max_length=64)] | None = None
    groups: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=100)] | None = None
    consent: ConsentBody | None = None


class VerdictBody(ApiBody):
    """What the gate of enrolment says of a picture: `code` is for programs, `sentence` for people."""

    source: str
    outcome: str
    code: str
    sentence: str
    look_alike: str | None

    @classmethod
    def of(cls, picture: ExaminedPicture) -> "VerdictBody":
        """Return the body of a verdict; `look_alike` is the id of whom it is too like."""
        alike = picture.look_alike
        return cls(
            source=picture.source,
            outcome=str(picture.outcome),
            code=str(picture.code),
            sentence=picture.sentence,
            look_alike=None if alike is None else alike.person_id,
        )


class EnrolledBody(ApiBody):
    """The person, and what was said of each picture."""

    person: PersonBody
    pictures: list[VerdictBody]
