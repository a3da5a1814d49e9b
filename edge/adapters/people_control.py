"""People as a running daemon keeps them: read from the database, changed through the control socket."""

import http.client
import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from edge import errors
from edge.control_wire import ChangeBody, EnrolBody, ErrorBody, ExtendBody, PersonBody, ReferenceBody
from edge.domain.person import NewReference, Person, Reference
from edge.errors import ControlError, EdgeError
from edge.ports import PeopleReader

MAX_ANSWER = 1024 * 1024  # bytes


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class ControlClient:
    """Asks a running daemon. Each call is one connection."""

    def __init__(self, path: Path, timeout: float = 10.0) -> None:
        self._path = path
        self._timeout = timeout

    def ask(self, method: str, route: str, body: BaseModel | None = None) -> Any:
        """Return the JSON answer of one request.

        Raises the EdgeError the daemon named, ControlError where it does not answer.
        """
        data = self._data(method, route, body)
        try:
            return json.loads(data)
        except ValueError:
            raise ControlError(f"{self._path}: the daemon's answer is no JSON") from None

    def text(self, route: str) -> str:
        """Return the text at `route`; raises as `ask` does."""
        return self._data("GET", route, None).decode(errors="replace")

    def _data(self, method: str, route: str, body: BaseModel | None) -> bytes:
        connection = UnixConnection(self._path, self._timeout)
        try:
            payload = None if body is None else body.model_dump_json().encode()
            connection.request(method, route, payload, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            status, data = answer.status, answer.read(MAX_ANSWER)
        except (FileNotFoundError, ConnectionRefusedError):
            raise ControlError(
                f"{self._path}: the daemon does not answer; start edged, or look at its log"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise ControlError(f"{self._path}: the daemon does not answer: {error}") from None
        finally:
            connection.close()
        if status != http.HTTPStatus.OK:
            raise self._refusal(status, data)
        return data

    def _refusal(self, status: int, data: bytes) -> EdgeError:
        try:
            told = ErrorBody.model_validate_json(data)
        except ValidationError:
            return ControlError(f"{self._path}: the daemon answered with status {status}")
        kind = getattr(errors, told.error, ControlError)
        if not (isinstance(kind, type) and issubclass(kind, EdgeError)) or kind is errors.ConfigError:
            kind = ControlError
        return kind(told.line)


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
        actor: str,
    ) -> Person:
        """Ask the daemon to add a person; `actor` is what the daemon sees on its socket."""
        del actor
        body = EnrolBody(
            name=name,
            external_id=external_id,
            references=[ReferenceBody.of(reference) for reference in references],
            seen_generation=seen_generation,
            look_alikes=list(look_alikes),
        )
        return self._changed(self._client.ask("POST", "/v1/people", body))

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
            look_alikes=list(look_alikes),
        )
        return self._changed(
            self._client.ask("POST", f"/v1/people/{quote(person_id, safe='')}/references", body)
        )

    def update(self, person: Person, *, actor: str) -> Person:
        """Ask the daemon to write what an admin may change of a person."""
        del actor
        route = f"/v1/people/{quote(person.id, safe='')}"
        return self._changed(self._client.ask("PUT", route, ChangeBody.of(person)))

    def remove(self, *, person_id: str, actor: str) -> None:
        """Ask the daemon to forget a person."""
        del actor
        self._client.ask("DELETE", f"/v1/people/{quote(person_id, safe='')}")

    def _changed(self, answer: object) -> Person:
        try:
            return self._reader.find(PersonBody.model_validate(answer).id)
        except ValidationError:
            raise ControlError("the daemon's answer names no person") from None
