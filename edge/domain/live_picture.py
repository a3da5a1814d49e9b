"""What the camera shows at this moment: a picture for people, and the faces in it."""

from dataclasses import dataclass
from enum import StrEnum

from edge.domain.face import Box
from edge.domain.quality import QualityReason


class FaceState(StrEnum):
    """How far a face in view has got."""

    FOLLOWED = "followed"  # nothing is decided about it yet
    RECOGNISED = "recognised"
    NOT_RECOGNISED = "not_recognised"


@dataclass(frozen=True, slots=True)
class LiveFace:
    """A face in view. `box` is in pixels of the glance's size; it may reach beyond the picture.

    `track` stays the same while the face is followed. `hint` is what keeps the face from being compared, None
    where it is good enough or was not judged yet. `person_id` is set while recognised, `name` where that
    person is still known.
    """

    track: int
    box: Box
    state: FaceState
    hint: QualityReason | None = None
    person_id: str | None = None
    name: str | None = None

    @property
    def sentence(self) -> str:
        """Return what to tell the person in front of the camera, empty where there is nothing to tell."""
        return self.hint.sentence if self.hint is not None else ""


@dataclass(frozen=True, slots=True)
class Glance:
    """The faces of one frame, those longest in view first.

    `number` only grows, over restarts of vision as well; `at` is monotonic seconds at capture; `width` and
    `height` are those of the frame, in pixels.
    """

    number: int
    at: float
    width: int
    height: int
    faces: tuple[LiveFace, ...] = ()


@dataclass(frozen=True, slots=True)
class LivePicture:
    """One frame as JPEG. `number` and `at` are those of its glance; `width` and `height` its own pixels."""

    number: int
    at: float
    width: int
    height: int
    jpeg: bytes
