"""What a real SMTP server gets, and what is said of one that is wrong."""

import socket
import threading
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from edge.adapters import alert_mail
from edge.adapters.alert_mail import AlertMail, MailAddress, MailLogin
from edge.domain.alert import alert_of
from edge.domain.alert_notice import AlertNotice, Writer
from edge.domain.events import Event, EventType
from edge.errors import AlertError
from tests.alerts.conftest import MailServers
from tests.alerts.mail_server import WARNS
from tests.mqtt.broker import free_port
from tests.mqtt.certificates import Authority

pytestmark = pytest.mark.filterwarnings(WARNS)

NOW = 1_800_000_000.0
PASSWORD = "correct-horse-battery"


def notice(language: str = "en") -> AlertNotice:
    data = {"door": "yard", "score": 0.31, "percent": 99.5}
    event = Event(7, "ab:7", "b", "2026-01-31T12:00:00.000Z", 0, True, EventType.ACCESS_DURESS, "01P", data)
    alert = alert_of(event)
    assert alert is not None
    return Writer("gate-1", language).alert(alert)


def mail(port: int, authority: Authority | None, **changes: Any) -> AlertMail:
    known: dict[str, Any] = {
        "host": "localhost",
        "port": port,
        "security": "tls",
        "device": "gate-1",
        "sender": "gate@example.org",
        "recipients": ("guard@example.org", "me@example.org"),
        "ca": authority.certificate if authority else None,
    }
    return AlertMail(MailAddress(**known | changes), lambda: NOW)


def login(password: str = PASSWORD) -> MailLogin:
    return MailLogin("gate", password.encode)


def problem(channel: AlertMail) -> AlertError:
    with pytest.raises(AlertError) as raised:
        channel.send(notice())
    line = str(raised.value)
    assert "\n" not in line
    assert PASSWORD not in line
    assert line.startswith("mail localhost:")
    return raised.value


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_arrives_encrypted_and_says_what_happened(
    mail_servers: MailServers, authority: Authority, security: str
) -> None:
    server = mail_servers(implicit=security == "tls", login=("gate", PASSWORD))
    channel = mail(server.port, authority, security=security, login=login())
    line = channel.send(notice())
    assert line == f"mail localhost:{server.port} took it for guard@example.org, me@example.org"
    [found] = server.mails
    assert found["Subject"] == "[gate-1] Somebody is forced to open"
    assert (found["From"], found["To"]) == ("gate@example.org", "guard@example.org, me@example.org")
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Message-ID"] == "<ab.7.gate-1@example.org>"
    assert parsedate_to_datetime(found["Date"]).timestamp() == NOW
    text = found.get_content()
    assert "do not call there" in text
    assert "Door: yard" in text
    assert "Person (id): 01P" in text
    for word in ("score", "0.31", "percent", "99.5"):
        assert word not in text.lower()


def test_japanese_arrives_as_it_is(mail_servers: MailServers, authority: Authority) -> None:
    server = mail_servers()
    mail(server.port, authority).send(notice("ja"))
    [found] = server.mails
    assert found["Subject"] == "[gate-1] 脅迫による解錠の可能性があります"
    assert "ドア: yard" in found.get_content()
    [raw] = server.taken
    assert raw.isascii()
    assert max(len(line) for line in raw.splitlines()) <= 998


def test_the_same_alert_has_the_same_id(mail_servers: MailServers, authority: Authority) -> None:
    server = mail_servers()
    for _ in range(2):
        mail(server.port, authority).send(notice())
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    "wrong",
    [
        ("DNS:localhost", 30, False, "wrong CA); check alerts.mail_ca_file"),
        ("DNS:elsewhere", 30, True, "wrong host name); check alerts.mail_host"),
        ("DNS:localhost", -1, True, "its certificate has expired"),
    ],
)
def test_a_server_that_is_not_who_it_should_be_gets_neither_password_nor_mail(
    mail_servers: MailServers, tmp_path: Path, security: str, wrong: tuple[str, int, bool, str]
) -> None:
    subject, days, trusted, said = wrong
    own, other = Authority(tmp_path, "own"), Authority(tmp_path, "other")
    pair = own.sign("wrong", subject=subject, days=days)
    server = mail_servers(pair=pair, implicit=security == "tls", login=("gate", PASSWORD))
    channel = mail(server.port, own if trusted else other, security=security, login=login())
    assert said in str(problem(channel))
    assert server.taken == []


def test_a_server_without_starttls_gets_nothing(mail_servers: MailServers, authority: Authority) -> None:
    server = mail_servers(pair=None, implicit=False)
    line = str(problem(mail(server.port, authority, security="starttls")))
    assert "STARTTLS extension not supported" in line
    assert "check alerts.mail_port and alerts.mail_security" in line
    assert server.taken == []


def test_a_server_of_the_other_kind_is_told_apart(mail_servers: MailServers, authority: Authority) -> None:
    server = mail_servers(implicit=False)
    assert "no TLS is spoken there" in str(problem(mail(server.port, authority)))


def test_a_refused_login_says_so(mail_servers: MailServers, authority: Authority) -> None:
    server = mail_servers(login=("gate", "another"))
    error = problem(mail(server.port, authority, login=login()))
    assert "it refuses user name or password; check alerts.mail_username" in str(error)
    assert not error.unfit
    assert server.taken == []


def test_a_login_that_is_wanted_and_not_there_says_so(
    mail_servers: MailServers, authority: Authority
) -> None:
    server = mail_servers(login=("gate", "another"))
    assert "check alerts.mail_from, and whether it wants a login" in str(
        problem(mail(server.port, authority))
    )


def test_one_recipient_that_is_unknown_keeps_no_other_from_being_told(
    mail_servers: MailServers, authority: Authority
) -> None:
    server = mail_servers(unknown={"me@example.org"})
    line = mail(server.port, authority).send(notice())
    assert line.endswith("took it, but not for me@example.org")
    assert len(server.taken) == 1


def test_no_recipient_that_is_known_is_a_failure(mail_servers: MailServers, authority: Authority) -> None:
    server = mail_servers(unknown={"me@example.org", "guard@example.org"})
    error = problem(mail(server.port, authority))
    assert "check alerts.mail_to (550 5.1.1 no such user here)" in str(error)
    assert not error.unfit


@pytest.mark.parametrize(("answer", "unfit"), [("451 try later", False), ("554 spam", True)])
def test_a_mail_that_is_not_taken_is_a_failure(
    mail_servers: MailServers, authority: Authority, answer: str, *, unfit: bool
) -> None:
    server = mail_servers(answer=answer)
    error = problem(mail(server.port, authority))
    assert str(error).endswith(f"it will not have this mail ({answer})")
    assert error.unfit is unfit


def test_a_server_that_is_not_there_is_named() -> None:
    port = free_port()
    line = str(problem(mail(port, None)))
    assert line.startswith(f"mail localhost:{port}: the connection is refused")
    assert "is alerts.mail_port right" in line


@pytest.mark.parametrize("greeting", [b"", b"220 mail.test ESMTP\r\n"])
def test_a_server_that_says_nothing_more_is_left_after_a_while(
    monkeypatch: pytest.MonkeyPatch, greeting: bytes
) -> None:
    monkeypatch.setattr(alert_mail, "STEP", 0.2)
    with silent(greeting) as port:
        line = str(problem(mail(port, None, security="starttls")))
        assert "it hangs up or falls silent (Connection unexpectedly closed: timed out)" in line


def test_a_server_that_hangs_up_says_so() -> None:
    with silent(None) as port:
        assert "it hangs up or falls silent" in str(problem(mail(port, None, security="starttls")))


@pytest.mark.parametrize("line", [b"554 go away\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\xff\xfe\r\n"])
def test_a_server_that_does_not_want_us_says_so(line: bytes) -> None:
    with silent(line) as port:
        assert "it does not let us send (" in str(problem(mail(port, None, security="starttls")))


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_whoever_waits_for_the_server_can_be_interrupted(security: str) -> None:
    with silent(b"") as port:
        channel = mail(port, None, security=security)
        ended: list[str] = []
        thread = threading.Thread(target=lambda: ended.append(str(problem(channel))))
        thread.start()
        deadline = time.monotonic() + 10
        while not waits(channel):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        channel.interrupt()
        thread.join(5)
        assert not thread.is_alive()
        assert ended
        channel.interrupt()  # nothing to interrupt


def waits(channel: AlertMail) -> bool:
    """Return whether a connection is there that somebody may be waiting for."""
    shaking = channel._context is not None and channel._context.wrapped is not None
    return shaking or (channel._server is not None and channel._server.sock is not None)


class silent:  # noqa: N801 - used like the context managers of contextlib
    """A server that says one thing to each client and nothing more; for None it hangs up."""

    def __init__(self, says: bytes | None) -> None:
        self._says = says
        self._clients: list[socket.socket] = []

    def __enter__(self) -> int:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return int(self._server.getsockname()[1])

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            if self._says is None:
                client.close()
                continue
            self._clients.append(client)
            client.sendall(self._says)

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)
        for client in self._clients:
            client.close()
