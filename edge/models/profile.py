"""The model profile: all that is to be known of a model file, as data.

`models/<name>/profile.toml` lies beside the model file and is read into these classes; the fields of each are
the keys of its table. Reading, writing and checking of files is in `profile_file.py`.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal, TypeAlias, TypeVar

from edge.domain.face import LandmarkScheme
from edge.domain.false_match import FalseMatchRow, FalseMatchTable
from edge.domain.score import Metric, ScoreScale
from edge.errors import ModelError

Triple: TypeAlias = tuple[float, float, float]
Point: TypeAlias = tuple[float, float]
_Part = TypeVar("_Part")

# What pydantic is told about each class here: an unknown key is an error, infinity and NaN are no figures.
STRICT = {"extra": "forbid", "strict": True, "allow_inf_nan": False}

MIN_SIDE, MAX_SIDE = 8, 1024  # pixels; no embedder of faces is near either end

NAME_RULE = "a-z, 0-9, '.', '_' and '-', a letter or digit first, 64 at most"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION_DIGITS = 12  # of the checksum in a version: 48 bits tell any two models of one name apart


class Role(StrEnum):
    """What a model does."""

    EMBEDDER = "embedder"
    DETECTOR = "detector"
    LANDMARKER = "landmarker"
    LIVENESS = "liveness"
    ATTRIBUTE = "attribute"


class Form(StrEnum):
    """The numbers a model computes with."""

    FP32 = "fp32"
    INT8 = "int8"


@dataclass(frozen=True, slots=True)
class Licence:
    """The terms of a model: `name` SPDX or short, `text` the notice itself.

    `must_accept` says that the user has to accept the text before the model is used.
    """

    name: str
    text: str
    must_accept: bool = False
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True)
class FormFile:
    """A model file beside the profile that computes with the numbers of `form`."""

    form: Form
    file: str
    sha256: str
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        if Path(self.file).name != self.file or self.file.startswith("."):
            raise ValueError(f"file {self.file!r} is not the plain name of a file beside the profile")
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError("sha256 is 64 digits 0-9 and a-f")


@dataclass(frozen=True, slots=True)
class InputFormat:
    """What the model takes: n crops of `width` × `height` pixels.

    A pixel value v of the crop (0–255) is given as (v - mean) / std per channel, in the order of `colour`;
    `type` uint8 takes it as it is, so mean is 0 and std 1 there. `layout` has no n: it is dynamic.
    """

    width: int
    height: int
    layout: Literal["NCHW", "NHWC"]
    colour: Literal["RGB", "BGR"]
    type: Literal["uint8", "float32"]
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        if not all(MIN_SIDE <= side <= MAX_SIDE for side in (self.width, self.height)):
            raise ValueError(
                f"width and height are {MIN_SIDE} to {MAX_SIDE} pixels, not {self.width}×{self.height}"
            )
        if min(self.std) <= 0:
            raise ValueError(f"std is positive, not {self.std}")
        if self.type == "uint8" and (self.mean != (0.0, 0.0, 0.0) or self.std != (1.0, 1.0, 1.0)):
            raise ValueError("an input of type uint8 takes pixels as they are: mean is 0 and std is 1")


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the crop is cut.

    `dlib_chip`: dlib's `get_face_chip` with `size` and `padding`. `template`: a similarity transform moves
    the five landmarks nearest to `template`, given as fractions (x, y) of the crop; `size` is its width.
    """

    kind: Literal["dlib_chip", "template"]
    size: int
    padding: float = 0.0
    template: tuple[Point, ...] = ()
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        if self.kind == "template" and len(self.template) != 5:  # noqa: PLR2004 - five landmarks
            raise ValueError(f"a template has five points, not {len(self.template)}")
        if self.kind == "dlib_chip" and self.template:
            raise ValueError("dlib_chip has no template")
        if not all(0 <= value <= 1 for point in self.template for value in point):
            raise ValueError("the template's points are fractions of the crop, 0 to 1")
        if not 0 <= self.padding <= 2:  # noqa: PLR2004 - crop of five times the face: nobody trains on more
            raise ValueError(f"padding is 0 to 2, not {self.padding}")


@dataclass(frozen=True, slots=True)
class Embedding:
    """What an embedder gives, and what its scores mean.

    `curve` a, b, c: percent = a·s² + b·s + c on `range` (lowest and highest score used). Scores: `door` and
    `attendance` the default thresholds, `textbook` what its publisher calls the same person, `duplicate` the
    score from which two pictures are as good as one, `margin` the lead over the second-best person.
    """

    dimension: int
    metric: Metric
    curve: Triple
    range: tuple[float, float]
    door: float
    attendance: float
    textbook: float
    duplicate: float
    margin: float
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        if not 2 <= self.dimension <= 4096:  # noqa: PLR2004 - no embedder is near either end
            raise ValueError(f"dimension is 2 to 4096, not {self.dimension}")
        if self.margin < 0:
            raise ValueError(f"margin is not negative: {self.margin}")
        scale = self.scale
        for name in ("door", "attendance", "textbook", "duplicate"):
            score = getattr(self, name)
            if not scale.low <= score <= scale.high:
                raise ValueError(f"{name} = {score} lies outside of range {scale.low} to {scale.high}")

    @property
    def scale(self) -> ScoreScale:
        """Return the scale of scores; raises ModelError where the curve is not monotonic on the range."""
        return ScoreScale(self.metric, *self.curve, *self.range)


@dataclass(frozen=True, slots=True)
class FalseMatch:
    """A measured false match rate: how often two different people of `group` pass at `threshold` (a score).

    `pairs` is the number of pairs compared, None where it is not known.
    """

    group: str
    threshold: float
    rate: float
    pairs: int | None = None
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise ValueError(f"rate is 0 to 1, not {self.rate}")
        if self.pairs is not None and self.pairs < 1:
            raise ValueError(f"pairs is 1 or more, not {self.pairs}")


@dataclass(frozen=True)
class ModelProfile:
    """A model beside its file.

    `derived_from` is the SHA-256 of the file it was converted from, empty where it is used as published.
    `landmarks` is the scheme a detector or landmarker gives and an embedder's alignment needs. `form`, `file`
    and `sha256` are what is in use; `forms` lists all there are of the same net, empty where there is but
    one. `folder` is where the profile was read from.
    """

    name: str
    role: Role
    file: str
    sha256: str
    licence: Licence
    source: str
    form: Form = Form.FP32
    derived_from: str = ""
    limitations: str = ""
    landmarks: LandmarkScheme | None = None
    input: InputFormat | None = None
    alignment: Alignment | None = None
    embedding: Embedding | None = None
    false_match: tuple[FalseMatch, ...] = ()
    forms: tuple[FormFile, ...] = ()
    folder: Path = Path()
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        if not is_model_name(self.name):
            raise ValueError(f"name {self.name!r} is not made of {NAME_RULE}")
        own = FormFile(self.form, self.file, self.sha256)
        if self.forms and own not in self.forms:
            raise ValueError(f"form {self.form} with its file and sha256 is not one of [[forms]]")
        if self.role is Role.EMBEDDER:
            self._check_embedder()

    def _check_embedder(self) -> None:
        for key in ("landmarks", "input", "alignment", "embedding"):
            if getattr(self, key) is None:
                raise ValueError(
                    f"an embedder needs [{key}]" if key != "landmarks" else "an embedder needs landmarks"
                )
        scheme = LandmarkScheme.DLIB5 if self.crop.kind == "dlib_chip" else LandmarkScheme.ARCFACE5
        if self.landmarks is not scheme:
            raise ValueError(f"alignment {self.crop.kind} needs landmarks {scheme}, not {self.landmarks}")
        if self.crop.size != self.pixels.width:
            raise ValueError(f"alignment cuts {self.crop.size} pixels, the input takes {self.pixels.width}")

    @property
    def path(self) -> Path:
        """Return the absolute path of the model file."""
        return (self.folder / self.file).absolute()

    @property
    def version(self) -> str:
        """Return name, numeric form and the first digits of the checksum.

        Vectors of different versions never meet, so this is stored with each of them.
        """
        return f"{self.name}-{self.form}-{self.sha256[:_VERSION_DIGITS]}"

    @property
    def pixels(self) -> InputFormat:
        """Return the input format; raises ModelError where the profile has none."""
        return _needed(self, self.input, "input")

    @property
    def crop(self) -> Alignment:
        """Return the alignment; raises ModelError where the profile has none."""
        return _needed(self, self.alignment, "alignment")

    @property
    def vectors(self) -> Embedding:
        """Return what the embedder gives; raises ModelError where this is no embedder."""
        return _needed(self, self.embedding, "embedding")

    @cached_property
    def false_matches(self) -> FalseMatchTable:
        """Return what is known of false matches; an empty table where nothing was measured."""
        rows = (FalseMatchRow(row.group, row.threshold, row.rate, row.pairs) for row in self.false_match)
        return FalseMatchTable(self.vectors.metric, tuple(rows))

    def in_form(self, form: Form) -> "ModelProfile":
        """Return the profile with another form in use; raises ModelError where there is none of it."""
        for one in self.forms:
            if one.form is form:
                return replace(self, form=one.form, file=one.file, sha256=one.sha256)
        if form is self.form:
            return self
        raise ModelError(
            f"{self.folder}: model {self.name} has no {form} form; `edgectl models prepare --force` makes it"
        )

    def verify(self) -> None:
        """Compare the model file with the checksum; raises ModelError where it is missing or differs."""
        self.check(sha256_of(self.path))

    def check(self, found: str) -> None:
        """Raise ModelError where the checksum of the model file is not the profile's."""
        if found != self.sha256:
            raise ModelError(
                f"{self.path}: its SHA-256 is {found[:_VERSION_DIGITS]}…, the profile says "
                f"{self.sha256[:_VERSION_DIGITS]}…; make it anew with `edgectl models prepare --force`"
            )


def is_model_name(name: str) -> bool:
    """Return whether `name` may be the name of a model, and so of a folder."""
    return _NAME.fullmatch(name) is not None


def _needed(profile: ModelProfile, part: _Part | None, key: str) -> _Part:
    if part is None:
        raise ModelError(f"{profile.folder}: model {profile.name} is no embedder: its profile has no [{key}]")
    return part


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal; raises ModelError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
