"""Whom to connect to, and as whom."""

from collections.abc import Callable
from dataclasses import dataclass, field

from edge.domain.mqtt_message import OutMessage
from edge.tls_context import TlsFiles


@dataclass(frozen=True, slots=True)
class Login:
    """A user name, and what reads its password at each connection: the secret itself is kept nowhere."""

    username: str
    password: Callable[[], bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A broker, and how we present ourselves to it.

    `keepalive` seconds without a word make both sides test the connection; `will` is what the broker says
    for us when we vanish; `patience` bounds each step of connecting, in seconds.
    """

    host: str
    port: int
    client_id: str
    keepalive: int = 15
    tls: TlsFiles | None = None
    login: Login | None = None
    will: OutMessage | None = None
    patience: float = 5.0

    def __str__(self) -> str:
        """Return `mqtt HOST:PORT`, as messages begin."""
        return f"mqtt {self.host}:{self.port}"
