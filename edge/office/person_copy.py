"""All that the terminal holds about one person, as they may ask for it (GDPR, article 15)."""

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from edge.domain.event_filter import EventFilter
from edge.domain.person import Person, Reference
from edge.ports import AccessBook, EventQuery, PeopleReader, PeopleRoll

if TYPE_CHECKING:
    from edge.domain.events import Event

PAGE = 1000  # events read at once
EXPLANATION = """\
This is everything the terminal holds about one person.

person.json     name, numbers, rules of access, consent, and the references by which the face is recognised:
                each is a list of numbers (base64 of float32, little-endian) that a neural network made of a
                picture; the picture itself is kept only where crops/ has one. Of a PIN, only whether there is
                one is told: not even the terminal knows it.
events.json     what the terminal wrote down about this person, as CloudEvents.
crops/          aligned pictures of the face, where the site keeps them.
"""


class PersonCopy:
    """Puts the copy together; `device` is the terminal's name. Raises NotFoundError, StoreError."""

    def __init__(
        self, *, device: str, people: PeopleReader, roll: PeopleRoll, access: AccessBook, query: EventQuery
    ) -> None:
        self._device = device
        self._people = people
        self._roll = roll
        self._access = access
        self._query = query

    def json(self, person_id: str) -> dict[str, Any]:
        """Return all of it but the crops as one JSON object."""
        person = self._people.find(person_id)
        return {"person": self._person(person), "events": self._events(person.id)}

    def zipped(self, person_id: str) -> bytes:
        """Return all of it as a ZIP archive."""
        person = self._people.find(person_id)
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", EXPLANATION)
            archive.writestr("person.json", _text(self._person(person)))
            archive.writestr("events.json", _text(self._events(person.id)))
            for reference in self._people.references_of(person.id):
                crop = self._roll.crop(person.id, reference.id)
                if crop is not None:
                    archive.writestr(f"crops/{reference.id}.png", crop)
        return sink.getvalue()

    def _person(self, person: Person) -> dict[str, Any]:
        pins = self._access.pins(person.id)
        consent = person.consent
        return {
            "id": person.id,
            "name": person.name,
            "employee_number": person.external_id,
            "valid_from": _moment(person.valid_from),
            "valid_until": _moment(person.valid_until),
            "schedule": person.schedule,
            "groups": list(person.groups),
            "second_factor": person.second_factor,
            "visitor": person.visitor,
            "max_visits": person.max_visits,
            "consent": None if consent is None else {"on": consent.on.isoformat(), "note": consent.note},
            "pin": pins.pin is not None,
            "duress_pin": pins.duress is not None,
            "created": person.created,
            "updated": person.updated,
            "references": [_reference(one) for one in self._people.references_of(person.id)],
        }

    def _events(self, person_id: str) -> list[Mapping[str, Any]]:
        which = EventFilter(person=person_id)
        found: list[Event] = []
        while page := self._query.oldest(which, after=found[-1].seq if found else 0, limit=PAGE):
            found += page
        return [event.cloud_event(self._device) for event in found]


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "id": reference.id,
        "model_version": reference.model_version,
        "source": reference.source,
        "created": reference.created,
        "quality": dict(reference.quality),
        "vector": base64.b64encode(reference.vector.astype("<f4").tobytes()).decode(),
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
