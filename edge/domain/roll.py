"""The roll of people, as somebody in an office looks through it."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from edge.domain.person import Person


class Standing(StrEnum):
    """What may be asked of people beside their names."""

    NO_REFERENCE = "no_reference"  # nobody to the camera, as long as there is no picture
    SECOND_FACTOR = "second_factor"
    NOT_VALID = "not_valid"  # not yet, or no longer
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class RollFilter:
    """Whom somebody wants to see: those whose name or employee number holds every word of `text`.

    `group` is a name, None for any; `now` is UTC seconds, by which validity is judged.
    """

    text: str = ""
    group: str | None = None
    standing: Standing | None = None
    now: float = 0.0

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words of `text` as `folded` writes them."""
        return tuple(folded(self.text).split())


@dataclass(frozen=True, slots=True)
class RollPage:
    """Some of those who match, by name, from the one at `offset` on; `total` is how many match."""

    people: tuple[Person, ...]
    total: int
    offset: int


@dataclass(frozen=True, slots=True)
class RollEntry:
    """What of a person is looked at while searching."""

    id: str
    folded: str  # name and employee number
    groups: frozenset[str]
    references: int
    second_factor: bool
    valid_from: float | None
    valid_until: float | None
    visitor: bool

    def fits(self, which: RollFilter) -> bool:
        """Return whether this person is one of those that are looked for."""
        return (
            all(word in self.folded for word in which.words)
            and (which.group is None or which.group in self.groups)
            and self._stands(which.standing, which.now)
        )

    def _stands(self, standing: Standing | None, now: float) -> bool:
        match standing:
            case None:
                return True
            case Standing.NO_REFERENCE:
                return self.references == 0 and not self.visitor
            case Standing.SECOND_FACTOR:
                return self.second_factor
            case Standing.VISITOR:
                return self.visitor
            case Standing.NOT_VALID:
                early = self.valid_from is not None and now < self.valid_from
                late = self.valid_until is not None and now >= self.valid_until
                return early or late


def folded(text: str) -> str:
    """Return text as it is compared: case and the width of letters do not count."""
    return unicodedata.normalize("NFKC", text).casefold()
