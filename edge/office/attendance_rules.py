"""The rules of attendance as they stand now: those of the configuration with schedules and holidays."""

from collections.abc import Sequence
from dataclasses import replace

from edge.domain.attendance_punch import PunchKind
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.schedule import ALWAYS, NEVER
from edge.ports import AccessBook


class CurrentAttendance:
    """Gives the rules, read anew only where the book has changed; for one thread.

    `fixed` are the rules of the configuration, without calendar and times; `times` name schedules with the
    kind that a punch within them has. One that does not exist never holds.
    """

    def __init__(
        self, book: AccessBook, fixed: AttendanceRules, times: Sequence[tuple[str, PunchKind]] = ()
    ) -> None:
        self._book = book
        self._rules = fixed
        self._times = times
        self._generation: int | None = None

    def rules(self) -> AttendanceRules:
        """Return the rules; raises StoreError where the book cannot be read."""
        generation = self._book.generation()
        if generation != self._generation:
            known = {**self._book.schedules(), ALWAYS.name: ALWAYS, NEVER.name: NEVER}
            self._rules = replace(
                self._rules,
                calendar=self._book.calendar(),
                times=tuple((known[name], kind) for name, kind in self._times if name in known),
            )
            self._generation = generation
        return self._rules
