"""What the pages need to let people in and keep others out."""

from dataclasses import dataclass, field

from flask import current_app

from edge.office.accounts import AccountDesk
from edge.office.api_tokens import TokenDesk
from edge.office.login import LoginDesk
from edge.web.security_known import KnownClients


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityParts:
    """The desks of accounts. `key` signs what browsers keep; `hosts` are the names one may ask for.

    `vouched` says that an authority vouches for the certificate. `known` are those who were let in lately.
    """

    login: LoginDesk
    accounts: AccountDesk
    tokens: TokenDesk
    key: bytes
    hosts: frozenset[str]
    vouched: bool = False
    known: KnownClients = field(default_factory=KnownClients)


def security() -> SecurityParts:
    """Return the parts of the application that serves the present request."""
    found: SecurityParts = current_app.extensions["edge.security"]
    return found
