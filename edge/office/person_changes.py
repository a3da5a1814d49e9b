"""A change of somebody's details, by whoever may make it: the one use case behind the page and the API."""

from edge.domain.person import Person
from edge.domain.safeguards import require_safeguards
from edge.ports import AccessBook, People


class PersonChanges:
    """Changes people; what only an administrator may do is refused to others."""

    def __init__(self, people: People, access: AccessBook) -> None:
        self._people = people
        self._access = access

    def require_new(self, wanted: Person, *, admin: bool) -> None:
        """Raise AdminOnlyError where somebody may not be enrolled with these details; raises StoreError."""
        if not admin:
            require_safeguards(None, wanted, self._access.groups())

    def change(self, before: Person, wanted: Person, *, actor: str, admin: bool) -> Person:
        """Write a change of `before`, which was read, and return what is stored; `admin` says who asks.

        Raises AdminOnlyError, and what `People.update` raises.
        """
        if not admin:
            require_safeguards(before, wanted, self._access.groups())
        return self._people.update(wanted, actor=actor)
