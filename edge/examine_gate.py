"""The child's work: encoded pictures in, verdicts of the gate out."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edge.control_wire import ReferenceBody
from edge.domain.enrolment import PictureVerdict
from edge.domain.face import Face, Picture
from edge.enrol import overridden
from edge.enrol_gate import Gate
from edge.errors import ImageError
from edge.examine_wire import AlikeBody, AnswerBody, RequestBody, VerdictBody
from edge.pipeline import StillPipeline

REMEMBERED = 64  # pictures whose faces are known: whoever enrols adds one to the others, which come again
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A picture, possibly smaller than it came, and its width and height upright as it came."""

    picture: Picture
    width: int
    height: int


Decode: TypeAlias = Callable[[bytes, str], Decoded]
"""Takes an encoded picture and its name; raises ImageError."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    faces: tuple[Face, ...]
    width: int
    height: int
    factor: float  # from pixels of the picture that was looked at to those of the one that came


class ExamineGate:
    """Examines one request after the other; faces of the latest pictures are remembered by their bytes."""

    def __init__(self, *, decode: Decode, pipeline: StillPipeline, gate: Gate) -> None:
        self._decode = decode
        self._pipeline = pipeline
        self._gate = gate
        self._known: OrderedDict[bytes, _Seen] = OrderedDict()

    def examine(self, request: RequestBody, pictures: Sequence[bytes]) -> AnswerBody:
        """Return the verdicts; raises StoreError where the gallery cannot be read."""
        seen: dict[str, _Seen] = {}
        unreadable: dict[str, VerdictBody] = {}
        names = [str(place) for place in range(len(pictures))]  # two pictures may have one source
        for name, head, data in zip(names, request.pictures, pictures, strict=True):
            try:
                seen[name] = self._see(data, head.source)
            except ImageError as error:
                line = str(error)[:500]
                unreadable[name] = VerdictBody(outcome="refused", code=UNREADABLE, sentence=line)
        probes = self._gate.probe([(name, one.faces) for name, one in seen.items()], request.chosen_face)
        judged = self._gate.judge(request.person_id, probes)
        wanted = request.allow_look_alike or not judged.look_alikes
        verdicts = judged.verdicts
        if request.allow_look_alike and judged.references:
            verdicts = overridden(verdicts)
        bodies = {verdict.source: _body(verdict, seen[verdict.source]) for verdict in verdicts}
        sources = dict(zip(names, (head.source for head in request.pictures), strict=True))
        return AnswerBody(
            verdicts=[(bodies | unreadable)[name] for name in names],
            references=[
                ReferenceBody.of(reference).model_copy(update={"source": sources[reference.source][:500]})
                for reference in (judged.references if wanted else ())
            ],
            look_alikes=[body for one in judged.look_alikes if (body := AlikeBody.of(one))],
            generation=judged.generation,
        )

    def _see(self, data: bytes, name: str) -> _Seen:
        key = hashlib.sha256(data).digest()
        known = self._known.pop(key, None)
        if known is None:
            decoded = self._decode(data, name)
            faces = self._faces(decoded.picture, name)
            factor = decoded.width / decoded.picture.shape[1]
            known = _Seen(faces, decoded.width, decoded.height, factor)
        self._known[key] = known
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known

    def _faces(self, picture: Picture, name: str) -> tuple[Face, ...]:
        try:
            return tuple(self._pipeline.faces(picture))
        except MemoryError:
            raise ImageError(f"{name}: it needs more memory than there is for it") from None


def _body(verdict: PictureVerdict, seen: _Seen) -> VerdictBody:
    face, factor = verdict.face, seen.factor
    box = None
    landmarks: list[tuple[float, float]] = []
    if face is not None:
        place = face.detection.box
        box = (place.left * factor, place.top * factor, place.width * factor, place.height * factor)
        landmarks = [(float(x) * factor, float(y) * factor) for x, y in face.landmarks.points]
    return VerdictBody(
        outcome=verdict.outcome.value,
        code=verdict.code,
        sentence=verdict.sentence[:1000],
        width=seen.width,
        height=seen.height,
        box=box,
        landmarks=landmarks,
        look_alike=AlikeBody.of(verdict.look_alike),
        nearest=AlikeBody.of(verdict.nearest),
        figures={name: float(value) for name, value in verdict.figures.items()},
    )
