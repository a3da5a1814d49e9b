"""Sends alerts by mail, to one server, always encrypted and to a server whose certificate is checked."""

import contextlib
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path
from typing import Literal

from edge.domain.alert_notice import AlertNotice
from edge.errors import AlertError
from edge.network_faults import Peer, connecting
from edge.redact import one_line
from edge.tls_context import NamedContext, TlsFiles, shut, tls_context

STEP = 10.0  # seconds for connecting, and for each answer
READY = 220
PERMANENT = 500  # of SMTP's replies (RFC 5321, §4.2.1)
PEER = Peer(
    what="the mail server",
    host="alerts.mail_host",
    port="alerts.mail_port and alerts.mail_security",
    ca="alerts.mail_ca_file",
    named="alerts.mail_host",
)


@dataclass(frozen=True, slots=True)
class MailLogin:
    """A user name, and what reads its password at each mail."""

    username: str
    password: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailAddress:
    """The server, how it is spoken to, and from whom to whom mail goes; `device` begins each subject."""

    host: str
    port: int
    security: Literal["tls", "starttls"]
    device: str
    sender: str
    recipients: tuple[str, ...]
    login: MailLogin | None = None
    ca: Path | None = None

    def __str__(self) -> str:
        """Return `mail HOST:PORT`, as messages begin."""
        return f"mail {self.host}:{self.port}"


class AlertMail:
    """One connection for each alert; `wall` gives UTC seconds."""

    def __init__(self, address: MailAddress, wall: Callable[[], float]) -> None:
        self._address = address
        self._wall = wall
        self._server: smtplib.SMTP | None = None
        self._context: NamedContext | None = None

    def send(self, notice: AlertNotice) -> str:
        """Send a notice; raises AlertError unless the server took it for one recipient at least."""
        address = self._address
        message = self.message(notice)
        self._server = server = self._new_server()
        try:
            refused = self._hand_over(server, message)
        except smtplib.SMTPException as error:
            raise self._error(error) from None
        except (OSError, ValueError) as error:
            raise AlertError(f"{address}: {connecting(error, address.host, PEER)}") from None
        finally:
            self._server = self._context = None
            server.close()
        if refused:
            return f"{address} took it, but not for {', '.join(sorted(refused))}"
        return f"{address} took it for {', '.join(address.recipients)}"

    def interrupt(self) -> None:
        """Shut the connection, so that whoever waits for it gets an error."""
        context, server = self._context, self._server
        shut(context.wrapped if context is not None else None)
        shut(server.sock if server is not None else None)

    def message(self, notice: AlertNotice) -> EmailMessage:
        """Return the mail: plain text, marked as a machine's own (RFC 3834), so that no machine answers."""
        address = self._address
        message = EmailMessage(policy=SMTP)
        message["From"] = address.sender
        message["To"] = ", ".join(address.recipients)
        message["Subject"] = f"[{address.device}] {notice.title}"
        message["Date"] = formatdate(self._wall())
        domain = address.sender.rpartition("@")[2]
        message["Message-ID"] = f"<{notice.id.replace(':', '.')}.{address.device}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        text = "\n".join(notice.lines) + "\n"
        message.set_content(text, cte="7bit" if text.isascii() else "base64")
        return message

    def _new_server(self) -> smtplib.SMTP:
        self._context = context = tls_context(TlsFiles(self._address.host, ca=self._address.ca))
        if self._address.security == "starttls":
            return smtplib.SMTP(timeout=STEP)
        return smtplib.SMTP_SSL(timeout=STEP, context=context)

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage) -> set[str]:
        """Return the recipients that the server will not have."""
        address = self._address
        code, said = server.connect(address.host, address.port)
        if code != READY:
            raise smtplib.SMTPConnectError(code, said)
        if address.security == "starttls":
            server.starttls(context=self._context)
        if address.login is not None:
            password = address.login.password().decode("utf-8", "surrogateescape")
            server.login(address.login.username, password)
        refused = server.send_message(message, address.sender, address.recipients)
        with contextlib.suppress(smtplib.SMTPException, OSError):  # it has taken the mail already
            server.quit()
        return set(refused)

    def _error(self, error: smtplib.SMTPException) -> AlertError:
        """Return the error that says at which step the server refused, and what it said."""
        address = self._address
        match error:
            case smtplib.SMTPAuthenticationError():
                keys = "alerts.mail_username and alerts.mail_password_file"
                what = f"it refuses user name or password; check {keys}"
            case smtplib.SMTPNotSupportedError():
                what = f"{error}; check {PEER.port} and alerts.mail_username"
            case smtplib.SMTPSenderRefused():
                what = "it does not take mail from us; check alerts.mail_from, and whether it wants a login"
            case smtplib.SMTPRecipientsRefused():
                what = "it takes mail for none of the recipients; check alerts.mail_to"
            case smtplib.SMTPDataError():
                what = "it will not have this mail"
            case smtplib.SMTPServerDisconnected():
                what = f"it hangs up or falls silent ({error}); check {PEER.port}"
            case _:
                what = "it does not let us send"
        unfit = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= PERMANENT
        return AlertError(f"{address}: {what}{_said(error)}", unfit=unfit)


def _said(error: smtplib.SMTPException) -> str:
    """Return what the server said, on one line."""
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error  # of either kind, whatever its types say
    else:
        return ""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return f" ({code} {one_line(' '.join(plain.split())[:200])})"
