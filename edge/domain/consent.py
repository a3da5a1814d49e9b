"""A person's consent to being recognised by face, as somebody filed it."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from edge.errors import ConflictError

MAX_NOTE = 200
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}


@dataclass(frozen=True, slots=True)
class Consent:
    """Given on a day; `note` says how and where the proof is, such as `form 12, personnel file`.

    Raises ConflictError for a note over MAX_NOTE characters or with control characters.
    """

    on: date
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.note) > MAX_NOTE:
            raise ConflictError(
                f"consent: the note has {len(self.note)} characters, at most {MAX_NOTE} are kept"
            )
        if any(unicodedata.category(letter) in _UNPRINTABLE for letter in self.note):
            raise ConflictError("consent: the note holds a control or unassigned character")
