"""The rules of a door as they stand now: those of the configuration with what the office wrote down."""

from dataclasses import replace

from edge.domain.access_request import AccessRules
from edge.ports import AccessBook


class CurrentRules:
    """Gives the rules, read anew only where the book has changed; for one thread.

    `fixed` are the rules of the configuration, without schedules, holidays and groups.
    """

    def __init__(self, book: AccessBook, fixed: AccessRules) -> None:
        self._book = book
        self._rules = fixed
        self._generation: int | None = None

    def rules(self) -> AccessRules:
        """Return the rules; raises StoreError where the book cannot be read, and then nobody may pass."""
        generation = self._book.generation()  # before the rest: a change in between is then read next time
        if generation != self._generation:
            self._rules = replace(
                self._rules,
                schedules=self._book.schedules(),
                groups=self._book.groups(),
                calendar=self._book.calendar(),
            )
            self._generation = generation
        return self._rules
