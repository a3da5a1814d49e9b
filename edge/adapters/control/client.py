"""Asks a running daemon over its control socket."""

import http.client
import json
import socket
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from edge import errors
from edge.control_wire import DoneBody, ErrorBody, PersonBody
from edge.errors import ControlError, EdgeError

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

    def done(self, route: str, body: BaseModel, method: str = "POST") -> str:
        """Return the line that says what was done; raises as `ask` does."""
        try:
            return DoneBody.model_validate(self.ask(method, route, body)).line
        except ValidationError:
            raise ControlError(f"{self._path}: the daemon's answer does not say what was done") from None

    def person_id(self, method: str, route: str, body: BaseModel) -> str:
        """Return the id of the person that was changed; raises as `ask` does."""
        try:
            return PersonBody.model_validate(self.ask(method, route, body)).id
        except ValidationError:
            raise ControlError(f"{self._path}: the daemon's answer names no person") from None

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
