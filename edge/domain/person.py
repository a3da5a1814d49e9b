"""People and their references, in the words of ISO/IEC 2382-37."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from edge.domain.consent import Consent
from edge.domain.face import Picture, Vector
from edge.errors import ConflictError

MAX_NAME = 4096  # characters; the longest names of people have some hundreds, a pasted document has more
MAX_EXTERNAL_ID = 64
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}  # Unicode categories: control, surrogate, private use, unassigned


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody known to this terminal.

    `id` is a ULID; `external_id` the employee number, unique where set; `second_factor` says that a face
    alone never opens for this person (set for both sides of an overridden look-alike); `valid_from` and
    `valid_until` are UTC seconds or None; `references` counts the stored references of all model versions;
    `groups` and `schedule` name what says when they may pass. A `visitor` has a PIN that says who it is and
    opens `max_visits` times, any number where None. `consent` is that to being recognised by face.
    """

    id: str
    name: str
    external_id: str | None = None
    second_factor: bool = False
    valid_from: float | None = None
    valid_until: float | None = None
    created: str = ""
    updated: str = ""
    references: int = 0
    groups: tuple[str, ...] = ()
    schedule: str | None = None
    visitor: bool = False
    max_visits: int | None = None
    consent: Consent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What may be given with an enrolment beside name, employee number and references; as in `Person`."""

    second_factor: bool = False
    valid_from: float | None = None
    valid_until: float | None = None
    schedule: str | None = None
    groups: tuple[str, ...] = ()
    consent: Consent | None = None

    @classmethod
    def of(cls, person: Person) -> "Details":
        """Return the details of somebody."""
        return cls(**{one.name: getattr(person, one.name) for one in fields(cls)})

    def values(self) -> dict[str, Any]:
        """Return them by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def given(self) -> list[str]:
        """Return the names of those that say something, in the order of the alphabet."""
        return sorted(one.name for one in fields(self) if getattr(self, one.name) != one.default)


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One stored biometric reference: `vector` is float32, of the embedder named by `model_version`."""

    id: str
    person_id: str
    model_version: str
    vector: Vector
    source: str = ""
    created: str = ""
    quality: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class NewReference:
    """A reference about to be stored; `source` is where the picture came from (a file name, a camera)."""

    model_version: str
    vector: Vector
    source: str
    quality: Mapping[str, float] = field(default_factory=dict)
    crop: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewVisitor:
    """A visitor about to be added; `digest` is that of the PIN, times are UTC seconds."""

    name: str
    digest: str
    valid_until: float
    valid_from: float | None = None
    max_visits: int | None = None
    schedule: str | None = None
    groups: tuple[str, ...] = ()


def clean_name(name: str) -> str:
    """Return `name` in NFC without surrounding or repeated white space.

    Raises ConflictError for an empty name, one over MAX_NAME characters, or one with control characters.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned:
        raise ConflictError("name: it is empty; give the person a name")
    if len(cleaned) > MAX_NAME:
        raise ConflictError(f"name: {len(cleaned)} characters, at most {MAX_NAME} are kept")
    if any(unicodedata.category(letter) in _UNPRINTABLE for letter in cleaned):
        raise ConflictError("name: it holds a control or unassigned character")
    return cleaned


def clean_external_id(number: str | None) -> str | None:
    """Return an employee number in NFC without surrounding white space, None for none or an empty one.

    Raises ConflictError for one over MAX_EXTERNAL_ID characters or with control characters.
    """
    cleaned = unicodedata.normalize("NFC", number or "").strip()
    if len(cleaned) > MAX_EXTERNAL_ID:
        raise ConflictError(f"employee number: {len(cleaned)} characters, at most {MAX_EXTERNAL_ID} are kept")
    if any(unicodedata.category(letter) in _UNPRINTABLE for letter in cleaned):
        raise ConflictError("employee number: it holds a control or unassigned character")
    return cleaned or None
