"""What goes to a broker and what comes back from it."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class OutMessage:
    """A message to publish with QoS 1; `content_type` and `correlation` go out with MQTT 5 only."""

    topic: str
    payload: bytes
    retain: bool = False
    content_type: str = "application/json"
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """The broker has taken over the message with this token."""

    token: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The broker refused the message with this token; `line` says why."""

    token: int
    line: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message on a topic subscribed to.

    `expiry` are the seconds it may still wait, None where the sender set none or the broker speaks MQTT
    3.1.1; so with `response_topic` and `correlation`.
    """

    topic: str
    payload: bytes
    retained: bool = False
    expiry: int | None = None
    response_topic: str | None = None
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    """The broker does not let us subscribe to a topic; `line` names it."""

    line: str


Happening: TypeAlias = Delivered | Refused | Arrived | Denied


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What a connection turned out to be; `tls` is None without TLS, `expires` is in UTC seconds."""

    protocol: str
    window: int
    tls: str | None = None
    cipher: str | None = None
    subject: str | None = None
    issuer: str | None = None
    expires: float | None = None
