"""What a real HTTPS receiver gets, and what is said of one that is wrong."""

import base64
import hmac
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.adapters import alert_webhook
from edge.adapters.alert_webhook import AlertWebhook, WebhookAddress, signature, signing_key
from edge.domain.alert_notice import AlertNotice, Writer
from edge.errors import AlertError, ConfigError
from tests.alerts.conftest import Receivers
from tests.mqtt.broker import free_port
from tests.mqtt.certificates import Authority

KEY = b"5" * 64
NOW = 1_800_000_000.25
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")


@pytest.fixture
def notice() -> AlertNotice:
    return Writer("gate-1", "ja").test("test:1", "2026-01-31T12:00:00.000Z")


def webhook(url: str, ca: Path | None = None, key: Callable[[], bytes] = lambda: KEY) -> AlertWebhook:
    return AlertWebhook(WebhookAddress(url, key, ca), lambda: NOW)


def problem(channel: AlertWebhook, notice: AlertNotice) -> AlertError:
    with pytest.raises(AlertError) as raised:
        channel.send(notice)
    line = str(raised.value)
    assert "\n" not in line
    for secret in ("T0KEN", "x=1", KEY.decode()):
        assert secret not in line
    return raised.value


def test_it_is_posted_signed_as_the_standard_says(
    receivers: Receivers, authority: Authority, notice: AlertNotice
) -> None:
    receiver = receivers()
    line = webhook(receiver.url, authority.certificate).send(notice)
    assert line == f"https://localhost:{receiver.port} answered 204"
    [posted] = receiver.posted
    assert posted.path == "/edge/T0KEN?x=1"
    assert posted.json == notice.body
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["webhook-id"] == "test:1"
    assert posted.headers["webhook-timestamp"] == "1800000000"
    signed = b"test:1.1800000000." + posted.body
    right = base64.b64encode(hmac.digest(KEY, signed, "sha256")).decode()
    assert posted.headers["webhook-signature"] == f"v1,{right}"


def test_the_snippet_of_the_page_verifies_it(
    receivers: Receivers, authority: Authority, notice: AlertNotice
) -> None:
    receiver = receivers()
    address = WebhookAddress(receiver.url, lambda: KEY, authority.certificate)
    AlertWebhook(address, time.time).send(notice)
    [posted] = receiver.posted
    [snippet] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    known: dict[str, Any] = {}
    exec(snippet, known)  # noqa: S102 - our own page
    assert known["is_ours"](posted.headers, posted.body, KEY)
    assert not known["is_ours"](posted.headers, posted.body + b" ", KEY)
    assert not known["is_ours"](posted.headers, posted.body, b"6" * 64)
    assert not known["is_ours"](posted.headers | {"webhook-timestamp": "1"}, posted.body, KEY)


def test_the_signature_is_that_of_the_standard_s_own_example() -> None:
    """By it the libraries at https://github.com/standard-webhooks/standard-webhooks test themselves."""
    key = signing_key(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    assert signature(key, signed) == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "text", [b"whsec_", b"whsec_c2hvcnQ=", b"whsec_no base 64 at all, however long it is"]
)
def test_a_key_of_the_standard_s_form_that_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(ConfigError, match=r"alerts\.webhook_key_file"):
        signing_key(text)


def test_plain_http_is_spoken_where_that_is_this_machine(receivers: Receivers, notice: AlertNotice) -> None:
    receiver = receivers(pair=None)
    assert webhook(receiver.url).send(notice) == f"http://localhost:{receiver.port} answered 204"


@pytest.mark.parametrize(
    "wrong",
    [
        ("DNS:localhost", 30, False, "wrong CA"),
        ("DNS:elsewhere", 30, True, "not for localhost (wrong host name); check alerts.webhook_url"),
        ("DNS:localhost", -1, True, "its certificate has expired"),
    ],
)
def test_a_receiver_that_is_not_who_it_should_be_gets_nothing(
    receivers: Receivers, tmp_path: Path, notice: AlertNotice, wrong: tuple[str, int, bool, str]
) -> None:
    subject, days, trusted, said = wrong
    own = Authority(tmp_path, "own")
    other = Authority(tmp_path, "other")
    receiver = receivers(pair=own.sign("wrong", subject=subject, days=days))
    ca = own.certificate if trusted else other.certificate
    assert said in str(problem(webhook(receiver.url, ca), notice))
    assert receiver.posted == []


def test_the_system_s_authorities_are_asked_where_none_is_named(
    receivers: Receivers, notice: AlertNotice
) -> None:
    assert "check alerts.webhook_ca_file" in str(problem(webhook(receivers().url), notice))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_cannot_be_used_is_named(
    receivers: Receivers, notice: AlertNotice, tmp_path: Path, content: str | None
) -> None:
    ca = tmp_path / "ca.crt"
    if content is not None:
        ca.write_text(content)
    with pytest.raises(ConfigError, match=re.escape(str(ca))):
        webhook(receivers().url, ca).send(notice)


@pytest.mark.parametrize(
    "answer",
    [
        (400, {}, None, True),
        (401, {}, None, False),
        (404, {}, None, False),
        (410, {}, None, False),
        (422, {}, None, True),
        (429, {"Retry-After": "17"}, 17.0, False),
        (500, {}, None, False),
        (500, {"Retry-After": "17"}, None, False),
        (503, {"Retry-After": "Fri, 15 Jan 2027 08:01:00 GMT"}, 59.75, False),
        (503, {"Retry-After": "soon"}, None, False),
        (503, {"Retry-After": "-5"}, None, False),
    ],
)
def test_any_answer_but_success_is_a_failure(
    receivers: Receivers,
    authority: Authority,
    notice: AlertNotice,
    answer: tuple[int, dict[str, str], float | None, bool],
) -> None:
    status, headers, wait, unfit = answer
    receiver = receivers(answers=[(status, headers)])
    error = problem(webhook(receiver.url, authority.certificate), notice)
    assert f"localhost:{receiver.port} answered {status}" in str(error)
    assert (error.wait, error.unfit) == (wait, unfit)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_refused(
    receivers: Receivers, authority: Authority, notice: AlertNotice, status: int
) -> None:
    elsewhere = receivers()
    receiver = receivers(answers=[(status, {"Location": elsewhere.url})])
    error = problem(webhook(receiver.url, authority.certificate), notice)
    assert "redirects are not followed" in str(error)
    assert elsewhere.posted == []


def test_a_receiver_that_is_not_there_is_named(notice: AlertNotice) -> None:
    port = free_port()
    line = str(problem(webhook(f"https://localhost:{port}/T0KEN"), notice))
    assert line.startswith(f"https://localhost:{port}: the connection is refused")
    assert "check alerts.webhook_url" in str(problem(webhook("https://no.such.host.invalid/T0KEN"), notice))


def test_no_tls_where_it_should_be(receivers: Receivers, notice: AlertNotice) -> None:
    receiver = receivers(pair=None)
    line = str(problem(webhook(receiver.url.replace("http:", "https:")), notice))
    assert "no TLS is spoken there" in line


@pytest.mark.parametrize("raw", [b"", b"SSH-2.0-hello\r\n", b"HTTP/1.1 2000 ok\r\n\r\n", b"\xff" * 100_000])
def test_an_answer_that_is_no_http_is_a_failure(
    receivers: Receivers, authority: Authority, notice: AlertNotice, raw: bytes
) -> None:
    receiver = receivers(raw=raw)
    problem(webhook(receiver.url, authority.certificate), notice)
    assert len(receiver.posted) == 1


def test_an_endless_answer_is_not_read(
    receivers: Receivers, authority: Authority, notice: AlertNotice
) -> None:
    receiver = receivers(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 10_000)
    assert "answered 200" in webhook(receiver.url, authority.certificate).send(notice)


def test_a_receiver_that_says_nothing_is_left_after_a_while(
    receivers: Receivers, authority: Authority, notice: AlertNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_webhook, "STEP", 0.2)
    receiver = receivers(slow=1.0)
    assert "no answer" in str(problem(webhook(receiver.url, authority.certificate), notice))


def interrupted(channel: AlertWebhook, notice: AlertNotice, ready: Callable[[], object]) -> None:
    """Send in a thread and interrupt it once it is `ready`; it ends with an error."""
    ended: list[BaseException] = []

    def send() -> None:
        try:
            channel.send(notice)
        except AlertError as error:
            ended.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    deadline = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    channel.interrupt()
    thread.join(5)
    assert not thread.is_alive()
    assert len(ended) == 1


def test_whoever_waits_for_an_answer_can_be_interrupted(
    receivers: Receivers, authority: Authority, notice: AlertNotice
) -> None:
    receiver = receivers(slow=8.0)
    interrupted(webhook(receiver.url, authority.certificate), notice, lambda: receiver.posted)
    channel = webhook(receiver.url, authority.certificate)
    channel.interrupt()  # nothing to interrupt


def test_whoever_waits_for_a_handshake_can_be_interrupted(notice: AlertNotice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        channel = webhook(f"https://localhost:{silent.getsockname()[1]}/")
        interrupted(channel, notice, lambda: channel._context is not None and channel._context.wrapped)
