"""People as a running daemon keeps them: read from the database, changed through the control socket."""

from collections.abc import Sequence
from urllib.parse import quote

from edge.adapters.control.client import ControlClient
from edge.control_wire import ChangeBody, DetailsBody, EnrolBody, ExtendBody, ReferenceBody
from edge.domain.person import NO_DETAILS, Details, NewReference, Person, Reference
from edge.ports import PeopleReader


class PeopleOverControl:
    """Implements ports.People: reads by `reader`, changes through the daemon, which names the actor."""

    def __init__(self, reader: PeopleReader, client: ControlClient) -> None:
        self._reader = reader
        self._client = client

    def generation(self) -> int:
        """Return the gallery's generation."""
        return self._reader.generation()

    def people(self) -> list[Person]:
        """Return everybody, by name."""
        return self._reader.people()

    def references(self, model_version: str, *, known: frozenset[str] = frozenset()) -> list[Reference]:
        """Return the references of one model version that are not in `known`."""
        return self._reader.references(model_version, known=known)

    def reference_ids(self, model_version: str) -> frozenset[str]:
        """Return the ids of all references of one model version."""
        return self._reader.reference_ids(model_version)

    def enrolled(self, model_version: str) -> int:
        """Return the number of people with a reference of one model version."""
        return self._reader.enrolled(model_version)

    def references_of(self, person_id: str) -> list[Reference]:
        """Return the references of one person."""
        return self._reader.references_of(person_id)

    def find(self, who: str) -> Person:
        """Return the one person meant."""
        return self._reader.find(who)

    def enrol(
        self,
        *,
        name: str,
        external_id: str | None,
        references: Sequence[NewReference],
        seen_generation: int,
        look_alikes: Sequence[str] = (),
        details: Details = NO_DETAILS,
        actor: str,
    ) -> Person:
        """Ask the daemon to add a person; `actor` is what the daemon sees on its socket."""
        del actor
        body = EnrolBody(
            name=name,
            external_id=external_id,
            references=[ReferenceBody.of(reference) for reference in references],
            seen_generation=seen_generation,
            look_alikes=tuple(look_alikes),
            details=DetailsBody.of(details),
        )
        return self._reader.find(self._client.person_id("POST", "/v1/people", body))

    def extend(
        self,
        *,
        person_id: str,
        references: Sequence[NewReference],
        seen_generation: int,
        look_alikes: Sequence[str] = (),
        actor: str,
    ) -> Person:
        """Ask the daemon to add references to a person."""
        del actor
        body = ExtendBody(
            references=[ReferenceBody.of(reference) for reference in references],
            seen_generation=seen_generation,
            look_alikes=tuple(look_alikes),
        )
        route = f"/v1/people/{quote(person_id, safe='')}/references"
        return self._reader.find(self._client.person_id("POST", route, body))

    def update(self, person: Person, *, actor: str) -> Person:
        """Ask the daemon to write what an admin may change of a person."""
        del actor
        route = f"/v1/people/{quote(person.id, safe='')}"
        return self._reader.find(self._client.person_id("PUT", route, ChangeBody.of(person)))

    def remove(self, *, person_id: str, actor: str) -> None:
        """Ask the daemon to forget a person."""
        del actor
        self._client.ask("DELETE", f"/v1/people/{quote(person_id, safe='')}")
