"""How long a client of the pages may take, and how many there may be."""

from dataclasses import dataclass

MIB = 1024 * 1024
MAX_STREAMS = 8  # requests that go on for as long as somebody looks: live pictures and event streams together


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """Seconds, bytes and counts.

    A client that is late loses its connection: with the handshake of TLS, with the head of a request, with a
    body that comes more slowly than `body_rate` bytes a second, with reading an answer, or with asking
    anything at all.
    """

    connections: int = 256  # each costs a file; at the limit, the idlest of the busiest client makes room
    threads: int = 6 + MAX_STREAMS
    handshake: float = 10.0
    head: float = 15.0
    body_grace: float = 15.0
    body_rate: float = 8192.0
    stalled: float = 30.0
    idle: float = 60.0
    head_bytes: int = 32 * 1024
    body: int = 8 * MIB  # a picture of 5 MiB as base64, or in a form
    strange_body: int = 64 * 1024  # of somebody who has not logged in: a form with a password has less
    turn: float = 1.0  # how often lateness is looked for
    stop: float = 1.0  # what requests in work have to finish
