"""What the pages ask of the people beyond what the terminal itself does."""

from typing import Protocol

from edge.domain.person import Person
from edge.domain.roll import RollFilter, RollPage


class PeopleRoll(Protocol):
    """Looks through people, quickly also where they are many, and changes what only an office changes.

    From any thread; all methods raise StoreError. Each change is one transaction that journals its events.
    """

    def page(self, which: RollFilter, *, offset: int = 0, limit: int = 50) -> RollPage:
        """Return some of the people who match, by name."""
        ...

    def crops(self, person_id: str) -> frozenset[str]:
        """Return the ids of a person's references of which a crop is kept."""
        ...

    def crop(self, person_id: str, reference_id: str) -> bytes | None:
        """Return the PNG of a reference's crop, None where none is kept; raises NotFoundError."""
        ...

    def remove_reference(self, person_id: str, reference_id: str, *, actor: str) -> Person:
        """Forget one reference and return the person; raises NotFoundError."""
        ...

    def merge(self, *, kept: str, gone: str, references: frozenset[str], actor: str) -> Person:
        """Make one person of two: `references` of `gone` become those of `kept`, and `gone` is forgotten.

        Events keep the id that they were written with; the journal says who became whom. Raises
        NotFoundError, and ConflictError for a person with themselves and for visitors.
        """
        ...
