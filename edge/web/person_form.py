"""The form of a person: what was typed, what is wrong with it, and the person that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo

from werkzeug.datastructures import MultiDict

from edge.domain.consent import Consent
from edge.domain.person import Person, clean_external_id, clean_name
from edge.domain.schedule import ALWAYS, NEVER
from edge.errors import ConflictError
from edge.ports import AccessBook

NO_END = "9999-12-31"  # what other software keeps where something does not end
FIRST, LAST = date(1900, 1, 1), date(9998, 12, 31)  # a day more, and a zone, stay within what can be computed


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForm:
    """The fields as texts, and sentences on what is wrong by field; days are those of the terminal's zone."""

    name: str = ""
    external_id: str = ""
    valid_from: str = ""
    valid_until: str = ""
    schedule: str = ""
    groups: tuple[str, ...] = ()
    second_factor: bool = False
    consent_on: str = ""
    consent_note: str = ""
    updated: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, person: Person, zone: tzinfo) -> "PersonForm":
        """Return the form of somebody who is there."""
        consent = person.consent
        return cls(
            name=person.name,
            external_id=person.external_id or "",
            valid_from=_first_day(person.valid_from, zone),
            valid_until=_last_day(person.valid_until, zone),
            schedule=person.schedule or "",
            groups=person.groups,
            second_factor=person.second_factor,
            consent_on="" if consent is None else consent.on.isoformat(),
            consent_note="" if consent is None else consent.note,
            updated=person.updated,
        )

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> "PersonForm":
        """Return the form as a browser sent it."""

        def text(name: str) -> str:
            return form.get(name, "").strip()

        return cls(
            name=text("name"),
            external_id=text("external_id"),
            valid_from=text("valid_from"),
            valid_until=text("valid_until"),
            schedule=text("schedule"),
            groups=tuple(form.getlist("groups")),
            second_factor=form.get("second_factor") == "1",
            consent_on=text("consent_on"),
            consent_note=text("consent_note"),
            updated=text("updated"),
        )

    def checked(self, book: AccessBook) -> "PersonForm":
        """Return the form with what is wrong with it; a last day of NO_END is none. Raises StoreError."""
        if self.valid_until == NO_END:
            return replace(self, valid_until="").checked(book)
        errors: dict[str, str] = {}
        for name, check in _CHECKS.items():
            try:
                check(getattr(self, name))
            except ConflictError as error:
                errors[name] = str(error)
            except ValueError:
                errors[name] = "Please give a day as 2026-11-28."
        if not errors and self._ends_before_it_begins():
            errors["valid_until"] = "This day is before the first one."
        if self.consent_note and not self.consent_on:
            errors["consent_on"] = "Please give the day of the consent."
        if self.schedule and self.schedule not in {*book.schedules(), ALWAYS.name, NEVER.name}:
            errors["schedule"] = "There is no such schedule any more."
        if set(self.groups) - set(book.groups()):
            errors["groups"] = "One of these groups does not exist any more."
        return replace(self, errors=errors)

    def _ends_before_it_begins(self) -> bool:
        first, last = _day(self.valid_from), _day(self.valid_until)
        return first is not None and last is not None and first > last

    def with_error(self, name: str, sentence: str) -> "PersonForm":
        """Return the form with something more that is wrong with it."""
        return replace(self, errors={**self.errors, name: sentence})

    def applied(self, person: Person, zone: tzinfo) -> Person:
        """Return a person with what the form says, which has to be checked; a day left as it was, stays."""
        before = PersonForm.of(person, zone)
        consent = Consent(date.fromisoformat(self.consent_on), self.consent_note) if self.consent_on else None
        return replace(
            person,
            name=self.name,
            external_id=self.external_id or None,
            valid_from=person.valid_from
            if self.valid_from == before.valid_from
            else _begin(self.valid_from, zone, 0),
            valid_until=person.valid_until
            if self.valid_until == before.valid_until
            else _begin(self.valid_until, zone, 1),
            schedule=self.schedule or None,
            groups=self.groups,
            second_factor=self.second_factor,
            consent=consent,
            updated=self.updated or person.updated,
        )


def _day(text: str) -> date | None:
    """Return a day, None for no text; raises ValueError, and ConflictError for one that no pass has."""
    day = date.fromisoformat(text) if text else None
    if day is not None and not FIRST <= day <= LAST:
        raise ConflictError("Please give a day from 1900 to 9998.")
    return day


def _note(text: str) -> None:
    Consent(date.min, text)


_CHECKS = {
    "name": clean_name,
    "external_id": clean_external_id,
    "valid_from": _day,
    "valid_until": _day,
    "consent_on": _day,
    "consent_note": _note,
}


def _begin(text: str, zone: tzinfo, later: int) -> float | None:
    """Return the UTC second at which a day begins, or `later` days after it."""
    day = _day(text)
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=later), time(), zone).timestamp()


def _first_day(seconds: float | None, zone: tzinfo) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, zone).date().isoformat()


def _last_day(seconds: float | None, zone: tzinfo) -> str:
    """Return the last day that somebody may pass: the end may be a day's, or within one."""
    return "" if seconds is None else datetime.fromtimestamp(seconds - 1, zone).date().isoformat()
