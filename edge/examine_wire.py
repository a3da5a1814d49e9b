"""What the parent and the child that examines pictures say to each other.

A message is one line of JSON; the bytes of the pictures follow the request they belong to. The child may be
taken over by a hostile picture, so the parent believes nothing that it cannot check.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from edge.control_wire import ReferenceBody
from edge.domain.enrolment import LookAlike, Outcome
from edge.domain.examination import Examination, ExaminedPicture
from edge.domain.face import Box
from edge.errors import ExaminerError
from edge.picture_header import MAX_BYTES, MAX_SIDE

MAX_PICTURES = 16  # of one request; more than are kept of one person, and 80 MiB at the most
MAX_LINE = 4 * 1024 * 1024  # bytes of an answer: sixteen references with crops are half of it
MAX_TEXT = 1000

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Short = Annotated[str, Field(max_length=64)]
Pixel = Annotated[float, Field(ge=-1e6, le=1e6)]
Side = Annotated[int, Field(ge=0, le=MAX_SIDE)]


class Body(BaseModel):
    """The base of all: frozen, strict, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class StartBody(Body):
    """Parent to child, first and once: the whole configuration."""

    settings: dict[str, Any]


class PictureHead(Body):
    """A picture of a request: what it is called, and how many bytes of it follow."""

    source: Text
    size: Annotated[int, Field(ge=1, le=MAX_BYTES)]


class RequestBody(Body):
    """Parent to child: pictures of `person_id`, None for somebody new; their bytes follow in this order."""

    person_id: Short | None
    chosen_face: Annotated[int, Field(ge=1, le=100)] | None
    allow_look_alike: bool
    pictures: Annotated[list[PictureHead], Field(min_length=1, max_length=MAX_PICTURES)]


class AlikeBody(Body):
    """Somebody else, as `domain.enrolment.LookAlike`."""

    person_id: Short
    person_name: Annotated[str, Field(max_length=5000)]
    score: float
    percent: float

    @classmethod
    def of(cls, alike: LookAlike | None) -> "AlikeBody | None":
        """Return the body of somebody."""
        if alike is None:
            return None
        return cls(
            person_id=alike.person_id,
            person_name=alike.person_name,
            score=alike.score,
            percent=alike.percent,
        )

    def alike(self) -> LookAlike:
        """Return what it says."""
        return LookAlike(self.person_id, self.person_name, self.score, self.percent)


class VerdictBody(Body):
    """A verdict, as `domain.examination.ExaminedPicture` without its source."""

    outcome: Literal["accepted", "refused", "duplicate"]
    code: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
    sentence: Text
    width: Side = 0
    height: Side = 0
    box: tuple[Pixel, Pixel, Pixel, Pixel] | None = None
    landmarks: Annotated[list[tuple[Pixel, Pixel]], Field(max_length=16)] = []
    look_alike: AlikeBody | None = None
    nearest: AlikeBody | None = None
    figures: Annotated[dict[Short, float], Field(max_length=50)] = {}

    def picture(self, source: str) -> ExaminedPicture:
        """Return what it says."""
        return ExaminedPicture(
            source=source,
            outcome=Outcome(self.outcome),
            code=self.code,
            sentence=self.sentence,
            width=self.width,
            height=self.height,
            box=None if self.box is None else Box(*self.box),
            landmarks=tuple(self.landmarks),
            look_alike=None if self.look_alike is None else self.look_alike.alike(),
            nearest=None if self.nearest is None else self.nearest.alike(),
            figures=self.figures,
        )


class ReadyBody(Body):
    """Child to parent: models are loaded."""

    kind: Literal["ready"] = "ready"


class AnswerBody(Body):
    """Child to parent: a verdict for each picture of the request, and what a write would store."""

    kind: Literal["answer"] = "answer"
    verdicts: Annotated[list[VerdictBody], Field(max_length=MAX_PICTURES)]
    references: Annotated[list[ReferenceBody], Field(max_length=MAX_PICTURES)]
    look_alikes: Annotated[list[AlikeBody], Field(max_length=MAX_PICTURES)]
    generation: Annotated[int, Field(ge=0)]

    def examination(self, sources: list[str]) -> Examination:
        """Return what it says of pictures called `sources`; raises ValueError where it does not fit them."""
        return Examination(
            pictures=tuple(
                verdict.picture(source) for verdict, source in zip(self.verdicts, sources, strict=True)
            ),
            references=tuple(body.reference() for body in self.references),
            look_alikes=tuple(body.alike() for body in self.look_alikes),
            generation=self.generation,
        )


class FailureBody(Body):
    """Child to parent: it cannot examine anything, and why."""

    kind: Literal["failure"] = "failure"
    line: Text


FromChild: TypeAlias = ReadyBody | AnswerBody | FailureBody
_FROM_CHILD: TypeAdapter[FromChild] = TypeAdapter(Annotated[FromChild, Field(discriminator="kind")])


def line_of(body: Body) -> bytes:
    """Return a message with its newline."""
    return body.model_dump_json().encode() + b"\n"


def from_child(line: bytes) -> FromChild:
    """Return the message of a line that the child sent; raises ExaminerError."""
    try:
        return _FROM_CHILD.validate_json(line)
    except ValidationError as error:
        raise ExaminerError(f"examiner: its answer makes no sense: {error.errors()[0]['msg']}") from None
