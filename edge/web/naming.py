"""People's names on a page, each looked up once a request."""

from edge.errors import ConflictError, NotFoundError
from edge.ports import PeopleReader
from edge.web.language import Language, translate


class Names:
    """Gives the name for a person's id, and a word for somebody who was removed; for one request."""

    def __init__(self, people: PeopleReader, language: Language) -> None:
        self._people = people
        self._language = language
        self._known: dict[str, str | None] = {}

    def __call__(self, person_id: str) -> str:
        """Return the name; raises StoreError where people cannot be read."""
        return self.get(person_id) or translate("somebody who was removed", self._language)

    def get(self, person_id: str) -> str | None:
        """Return the name, None for somebody who was removed."""
        if person_id not in self._known:
            self._known[person_id] = self._find(person_id)
        return self._known[person_id]

    def _find(self, person_id: str) -> str | None:
        try:
            person = self._people.find(person_id)
        except (NotFoundError, ConflictError):
            return None
        return person.name if person.id == person_id else None  # `find` takes names and numbers too
