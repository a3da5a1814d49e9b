"""Who may pass when, as a running daemon keeps it: read from the database, changed through the socket."""

from datetime import date
from urllib.parse import quote

from pydantic import ValidationError

from edge.adapters.control.client import ControlClient
from edge.control_wire import (
    GroupBody,
    HolidayBody,
    PinsBody,
    RemovedBody,
    RemoveHolidayBody,
    RemoveNamedBody,
    ScheduleBody,
    VisitorBody,
)
from edge.control_wire.body import Body
from edge.domain.access_group import Group
from edge.domain.person import NewVisitor, Person
from edge.domain.schedule import Schedule
from edge.domain.schedule_calendar import Calendar, Holiday
from edge.domain.second_factor_pin import PinHashes
from edge.errors import ControlError
from edge.ports import AccessBook, PeopleReader


class AccessOverControl:
    """Implements ports.AccessChanges: reads by `book`, changes through the daemon, which names the actor."""

    def __init__(self, book: AccessBook, people: PeopleReader, client: ControlClient) -> None:
        self._book = book
        self._people = people
        self._client = client

    def generation(self) -> int:
        """Return the book's generation."""
        return self._book.generation()

    def schedules(self) -> dict[str, Schedule]:
        """Return the schedules by name."""
        return self._book.schedules()

    def calendar(self) -> Calendar:
        """Return the holidays."""
        return self._book.calendar()

    def groups(self) -> dict[str, Group]:
        """Return the groups by name."""
        return self._book.groups()

    def pins(self, person_id: str) -> PinHashes:
        """Return the hashes of a person's PINs."""
        return self._book.pins(person_id)

    def visitor_salt(self) -> bytes:
        """Return the salt of visitor PINs."""
        return self._book.visitor_salt()

    def visitor(self, digest: str) -> Person | None:
        """Return the visitor whose PIN has this digest."""
        return self._book.visitor(digest)

    def put_schedule(self, schedule: Schedule, *, actor: str) -> None:
        """Ask the daemon to add or replace a schedule."""
        del actor
        self._client.done("/v1/schedules", ScheduleBody.of(schedule))

    def remove_schedule(self, name: str, *, actor: str) -> None:
        """Ask the daemon to remove a schedule."""
        del actor
        self._client.done("/v1/schedules", RemoveNamedBody(name=name), "DELETE")

    def put_holiday(self, holiday: Holiday, *, actor: str) -> None:
        """Ask the daemon to add or replace a holiday."""
        del actor
        self._client.done("/v1/holidays", HolidayBody.of(holiday))

    def remove_holiday(self, name: str, first: date | None = None, *, actor: str) -> int:
        """Ask the daemon to remove holidays."""
        del actor
        day = None if first is None else first.isoformat()
        body = RemoveHolidayBody(name=name, first=day)
        try:
            return RemovedBody.model_validate(self._client.ask("DELETE", "/v1/holidays", body)).count
        except ValidationError:
            raise ControlError("the daemon's answer does not say how many holidays went") from None

    def put_group(self, group: Group, *, actor: str) -> None:
        """Ask the daemon to add or replace a group."""
        del actor
        self._client.done("/v1/groups", GroupBody.of(group))

    def remove_group(self, name: str, *, actor: str) -> None:
        """Ask the daemon to remove a group."""
        del actor
        self._client.done("/v1/groups", RemoveNamedBody(name=name), "DELETE")

    def set_pins(self, person_id: str, hashes: PinHashes, *, actor: str) -> None:
        """Ask the daemon to keep these hashes."""
        del actor
        self._client.done(_pins(person_id), PinsBody(pin=hashes.pin, duress=hashes.duress), "PUT")

    def forget_wrong_pins(self, person_id: str, *, actor: str) -> None:
        """Ask the daemon to forget a person's wrong entries."""
        del actor
        self._client.done(f"{_pins(person_id)}/reset", Body())

    def add_visitor(self, visitor: NewVisitor, *, actor: str) -> Person:
        """Ask the daemon to add a visitor."""
        del actor
        return self._people.find(self._client.person_id("POST", "/v1/visitors", VisitorBody.of(visitor)))


def _pins(person_id: str) -> str:
    return f"/v1/people/{quote(person_id, safe='')}/pins"
