"""Holidays: dates on which a schedule's weekdays give way to what it says for their type."""

import re
from dataclasses import dataclass
from datetime import date

from edge.errors import RuleError

DEFAULT_TYPE = "holiday"
_TYPE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_YEAR = 365
_LEAP_YEAR = 2000  # in which every date of a yearly holiday exists


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days from `first` to `last`, both included, of a `type` such as `holiday`, `half-day` or `shutdown`.

    `yearly` repeats month and day in every year (29 February only in leap years); it may run over the turn of
    the year. Raises RuleError for an end before the beginning or a type that is no lower-case word.
    """

    name: str
    first: date
    last: date
    type: str = DEFAULT_TYPE
    yearly: bool = False

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise RuleError(
                f'holiday "{self.name}": it ends on {self.last}, before it begins on {self.first}'
            )
        if self.yearly and (self.last - self.first).days >= _YEAR:
            raise RuleError(f'holiday "{self.name}": it repeats every year and may last less than one')
        if not _TYPE.fullmatch(self.type):
            raise RuleError(f'holiday "{self.name}": type "{self.type}" must be a lower-case word')

    def covers(self, day: date) -> bool:
        """Return whether a date is one of its days."""
        if not self.yearly:
            return self.first <= day <= self.last
        key, first, last = (_yearly(each) for each in (day, self.first, self.last))
        return first <= key <= last if first <= last else key >= first or key <= last


@dataclass(frozen=True, slots=True)
class Calendar:
    """The holidays of a site."""

    holidays: tuple[Holiday, ...] = ()

    def on(self, day: date) -> tuple[Holiday, ...]:
        """Return the holidays that cover a date."""
        return tuple(holiday for holiday in self.holidays if holiday.covers(day))

    def types(self, day: date) -> frozenset[str]:
        """Return the holiday types of a date; several, where holidays of several types meet."""
        return frozenset(holiday.type for holiday in self.on(day))


def _yearly(day: date) -> date:
    return day.replace(year=_LEAP_YEAR)
