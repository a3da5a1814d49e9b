"""What the two processes tell each other: JSON objects, one a line, bounded, checked on arrival.

The vision child may be broken or even taken over by a hostile picture, so the parent believes nothing it
cannot check: an unknown kind, a missing or extra key, a number that is not finite or a line that is too
long is a WireError, which costs the child its life and the door nothing.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from edge.domain.latency import SIZE, Latencies
from edge.errors import EdgeError

MAX_LINE = 64 * 1024  # bytes with the newline; the longest real message is the settings, a few KiB
MAX_TEXT = 500  # characters of any text the child sends

Text: TypeAlias = Annotated[str, Field(max_length=MAX_TEXT)]
Count: TypeAlias = Annotated[int, Field(ge=0, lt=2**53)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class WireError(EdgeError, ValueError):
    """A line that is no message of this wire."""


class Message(BaseModel):
    """The base of all messages: frozen, strict, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Start(Message):
    """Parent to child, first and once: the whole configuration, as the parent validated it.

    `live_fd` is the inherited socket of the live picture, None where nobody can look.
    """

    kind: Literal["start"] = "start"
    settings: dict[str, Any]
    until_end: bool = False
    live_fd: Annotated[int, Field(ge=3)] | None = None


class Stop(Message):
    """Parent to child: finish what is begun and exit with 0."""

    kind: Literal["stop"] = "stop"


class Ready(Message):
    """Models are loaded and the gallery is in memory; the camera comes next."""

    kind: Literal["ready"] = "ready"
    model_version: Text
    provider: Text
    camera: Text
    people: Count
    references: Count


class StageLatencies(Message):
    """The latencies of one stage, as `domain.latency.Latencies`."""

    counts: Annotated[list[Count], Field(min_length=SIZE, max_length=SIZE)]
    seconds: Annotated[float, Field(ge=0)]

    @classmethod
    def of(cls, latencies: Latencies) -> "StageLatencies":
        """Return the message of latencies."""
        return cls(counts=list(latencies.counts), seconds=latencies.seconds)

    @property
    def latencies(self) -> Latencies:
        """Return what it says."""
        return Latencies(tuple(self.counts), self.seconds)


class Thermal(Message):
    """How hot the box is and what follows, as `heat_watch.Heat`."""

    temperature: float | None
    rate: Share
    level: Literal["full", "reduced", "low", "paused"]
    throttled: bool | None
    blind: bool | None
    detail: Text = ""


StageName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,30}$")]


class Progress(Message):
    """Work was done since the last one: frames finished, or a camera back-off tick.

    The counts and the latencies of the stages are totals since the child's start, `people` and `references`
    are those of the gallery. `thermal` is None where heat is not governed.
    """

    kind: Literal["progress"] = "progress"
    frames: Count = 0
    faces: Count = 0
    tracks: Count = 0
    people: Count = 0
    references: Count = 0
    stages: Annotated[dict[StageName, StageLatencies], Field(max_length=16)] = {}
    thermal: Thermal | None = None


class CameraState(Message):
    """The camera's state changed, or is told for the first time."""

    kind: Literal["camera"] = "camera"
    state: Literal["live", "lost", "covered"]
    detail: Text = ""


class Recognised(Message):
    """A track was recognised as a person; whether this person may pass is the parent's to decide.

    `at` and `first_seen` are monotonic seconds at the capture of the deciding and of the first frame of
    the track; `frame` is the number of the former; `frames` is how many frames agreed; `people` the size of
    the gallery; `reference` the id of the reference that the deciding frame came closest to; `fmr` the false
    match rate of the worst known group at the threshold and `fpir` what follows from it for this gallery,
    None where the model's profile has no rates.
    """

    kind: Literal["recognised"] = "recognised"
    track: Count
    person_id: Text
    score: float
    percent: float
    band: Literal["near", "clear", "strong"]
    frames: Count
    frame: Count
    at: float
    first_seen: float
    people: Count
    model_version: Text
    reference: Text | None = None
    fmr: Share | None = None
    fpir: Share | None = None


class NotRecognised(Message):
    """A track ended its time without being recognised.

    `reason` is a code such as `unknown`, `below_margin`, `poor_quality`; `hint` what the person may do.
    """

    kind: Literal["not_recognised"] = "not_recognised"
    track: Count
    reason: Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z_]*$")]
    hint: Text = ""
    percent: float | None = None
    frames: Count
    frame: Count
    at: float
    first_seen: float
    people: Count
    model_version: Text


class Ended(Message):
    """The film is over and every decision about it was sent before this."""

    kind: Literal["ended"] = "ended"
    frames: Count = 0


class Fatal(Message):
    """The child cannot work with this configuration or these models; `line` says why."""

    kind: Literal["fatal"] = "fatal"
    line: Text


FromChild: TypeAlias = Ready | Progress | CameraState | Recognised | NotRecognised | Ended | Fatal
ToChild: TypeAlias = Start | Stop

_FROM_CHILD: TypeAdapter[FromChild] = TypeAdapter(Annotated[FromChild, Field(discriminator="kind")])
_TO_CHILD: TypeAdapter[ToChild] = TypeAdapter(Annotated[ToChild, Field(discriminator="kind")])


def encode(message: Message) -> bytes:
    """Return one line with its newline; raises WireError where it would be longer than MAX_LINE."""
    line = message.model_dump_json().encode() + b"\n"
    if len(line) > MAX_LINE:
        raise WireError(f"wire: a message of {len(line)} bytes, at most {MAX_LINE} are sent")
    return line


def from_child(line: bytes) -> FromChild:
    """Return the message of a line the child sent; raises WireError."""
    try:
        return _FROM_CHILD.validate_json(line)
    except ValidationError as error:
        raise WireError(_describe(error)) from None


def to_child(line: bytes) -> ToChild:
    """Return the message of a line the parent sent; raises WireError."""
    try:
        return _TO_CHILD.validate_json(line)
    except ValidationError as error:
        raise WireError(_describe(error)) from None


def _describe(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "line"
    return f"wire: {where}: {first['msg']}"[:MAX_TEXT]


class LineBuffer:
    """Cuts a byte stream into lines and never holds more than one message's worth of an unfinished one."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that `data` completes, without their newlines.

        Raises WireError where a line is longer than MAX_LINE; the stream is of no use after that.
        """
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest
        longest = max(map(len, [*lines, rest]))
        if longest >= MAX_LINE:
            self._rest = b""
            raise WireError(f"wire: a line of more than {MAX_LINE} bytes")
        return lines
