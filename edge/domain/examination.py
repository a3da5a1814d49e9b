"""What the gate of enrolment says of pictures from outside, without the pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.domain.enrolment import LookAlike, Outcome
from edge.domain.face import Box
from edge.domain.person import NewReference


@dataclass(frozen=True, slots=True)
class Upload:
    """An encoded picture from outside; `source` is its file name, or what it was taken with."""

    source: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExaminedPicture:
    """What the gate says of one picture. `sentence` is for people, `code` for programs.

    `width` and `height` are those of the picture as it stands upright, 0 where it could not be read; `box`
    and `landmarks` are in its pixels and of the face that the verdict is about, None and empty where there is
    none. `look_alike` is somebody else who is too close, `nearest` the closest of all others. `figures` are
    those of quality.
    """

    source: str
    outcome: Outcome
    code: str
    sentence: str
    width: int = 0
    height: int = 0
    box: Box | None = None
    landmarks: tuple[tuple[float, float], ...] = ()
    look_alike: LookAlike | None = None
    nearest: LookAlike | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """What the gate says of all pictures together, as it stood at `generation` of the gallery.

    `references` are what a write would store; nothing is written yet. `look_alikes` are the people some
    picture came too close to, whether or not that was allowed; where it was not, there are no references.
    """

    pictures: tuple[ExaminedPicture, ...]
    references: tuple[NewReference, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()
    generation: int = 0
