"""A real SMTP server (aiosmtpd) that takes mail as a test wants it."""

import ssl
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.mqtt.broker import free_port
from tests.mqtt.certificates import Pair

PATIENCE = 20.0
WARNS = "ignore:Requiring AUTH while not requiring TLS"  # aiosmtpd knows nothing of the TLS around it


@dataclass
class MailServer:
    """`implicit` speaks TLS from the first byte, else STARTTLS is offered where there is a `pair`.

    Refused are recipients in `unknown`; `login` is the one it knows; `answer` is said to each mail.
    """

    pair: Pair | None
    implicit: bool = True
    login: tuple[str, str] | None = None
    unknown: set[str] = field(default_factory=set)
    answer: str = "250 OK"
    port: int = field(default_factory=free_port)
    taken: list[bytes] = field(default_factory=list)

    def start(self) -> "MailServer":
        context = None
        if self.pair is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.pair.certificate, self.pair.key)
        options: dict[str, Any] = {"authenticator": self._authenticate, "auth_require_tls": not self.implicit}
        if self.login is not None:
            options["auth_required"] = True
        if self.implicit:
            options["ssl_context"] = context
        elif context is not None:
            options["tls_context"] = context
            options["require_starttls"] = True
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, server_hostname="mail.test", **options
        )
        self._controller.start()
        return self

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        known = self.login is not None and (data.login, data.password) == tuple(
            part.encode() for part in self.login
        )
        return AuthResult(success=known, handled=False)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name and arguments
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(envelope.content)
        return self.answer

    @property
    def mails(self) -> list[EmailMessage]:
        found = [message_from_bytes(raw, policy=policy.default) for raw in list(self.taken)]
        assert all(isinstance(one, EmailMessage) for one in found)
        return found

    def wait(self, count: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(self.taken) < count:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def stop(self) -> None:
        self._controller.stop()
