"""Posts alerts to a webhook, signed as Standard Webhooks says (https://www.standardwebhooks.com, version 1).

The signature is HMAC-SHA-256 over id, time and body, so that a receiver can refuse what others made up, what
was changed and what is old. Redirects are not followed: what was signed for one is no other's business.
"""

import base64
import binascii
import contextlib
import hmac
import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from edge.domain.alert_notice import AlertNotice
from edge.errors import AlertError, ConfigError
from edge.network_faults import Peer, connecting
from edge.redact import one_line
from edge.tls_context import NamedContext, TlsFiles, shut, tls_context

STEP = 10.0  # seconds for connecting, and for each answer
MOST_READ = 4096  # bytes of an answer; nothing in it is of interest beyond its status
PREFIX = b"whsec_"  # what a key in the standard's own form begins with
SHORTEST_KEY = 24  # bytes; the standard asks for 24 to 64
UNFIT = frozenset(
    {400, 413, 415, 422}
)  # the receiver understood us and will not have this one (RFC 9110, §15.5)
BUSY = frozenset({429, 503})  # with Retry-After (RFC 9110, §10.2.3)
PEER = Peer(
    what="the receiver",
    host="alerts.webhook_url",
    port="alerts.webhook_url",
    ca="alerts.webhook_ca_file",
    named="alerts.webhook_url",
)


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """Where alerts are posted: an address (http only on this machine), an authority, what reads the key."""

    url: str
    key: Callable[[], bytes] = field(repr=False)
    ca: Path | None = None

    def __str__(self) -> str:
        """Return what may be shown: path and query are often secrets themselves."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


class AlertWebhook:
    """One connection for each alert; `wall` gives UTC seconds."""

    def __init__(self, address: WebhookAddress, wall: Callable[[], float]) -> None:
        self._address = address
        self._wall = wall
        self._connection: http.client.HTTPConnection | None = None
        self._context: NamedContext | None = None

    def send(self, notice: AlertNotice) -> str:
        """Post a notice; any answer but 2xx raises AlertError."""
        body = json.dumps(notice.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self._headers(notice.id, body)
        parts = urlsplit(self._address.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._connection = connection = self._connect()
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            response.read(MOST_READ)
        except (OSError, ValueError) as error:
            raise AlertError(f"{self._address}: {connecting(error, parts.hostname or '', PEER)}") from None
        except http.client.HTTPException as error:
            reason = one_line(str(error).strip()[:200]) or type(error).__name__
            raise AlertError(f"{self._address}: no answer in HTTP ({reason})") from None
        finally:
            self._connection = self._context = None
            connection.close()
        self._judge(response)
        return f"{self._address} answered {response.status}"

    def interrupt(self) -> None:
        """Shut the connection, so that whoever waits for it gets an error."""
        context, connection = self._context, self._connection
        shut(context.wrapped if context is not None else None)
        shut(connection.sock if connection is not None else None)

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._address.url)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=STEP)
        self._context = tls_context(TlsFiles(host, ca=self._address.ca))
        return http.client.HTTPSConnection(host, parts.port, timeout=STEP, context=self._context)

    def _headers(self, name: str, body: bytes) -> dict[str, str]:
        time = str(int(self._wall()))
        signed = b".".join([name.encode(), time.encode(), body])
        return {
            "Content-Type": "application/json",
            "User-Agent": "edge",
            "webhook-id": name,
            "webhook-timestamp": time,
            "webhook-signature": f"v1,{signature(signing_key(self._address.key()), signed)}",
        }

    def _judge(self, response: http.client.HTTPResponse) -> None:
        status = response.status
        if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110, §15.3
            return
        said = one_line(f"{self._address} answered {status} {response.reason[:100]}".rstrip())
        if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110, §15.4
            raise AlertError(f"{said}: redirects are not followed; set alerts.webhook_url to where it leads")
        wait = self._asked(response.headers.get("Retry-After")) if status in BUSY else None
        raise AlertError(said, wait=wait, unfit=status in UNFIT)

    def _asked(self, text: str | None) -> float | None:
        """Return the seconds that a Retry-After asks for: a number, or a date."""
        if text is None:
            return None
        with contextlib.suppress(ValueError, OverflowError):
            if text.strip().isdecimal():
                return float(text)
            return max(0.0, parsedate_to_datetime(text).timestamp() - self._wall())
        return None


def signing_key(text: bytes) -> bytes:
    """Return the key of a file's text: what follows `whsec_` in base 64, anything else as it is.

    Raises ConfigError for a key of the standard's form that is none, or too short.
    """
    if not text.startswith(PREFIX):
        return text
    try:
        key = base64.b64decode(text[len(PREFIX) :], validate=True)
    except binascii.Error:
        key = b""
    if len(key) < SHORTEST_KEY:
        raise ConfigError(
            [f"alerts.webhook_key_file: after whsec_ it needs {SHORTEST_KEY} bytes or more in base 64"]
        )
    return key


def signature(key: bytes, signed: bytes) -> str:
    """Return the HMAC-SHA-256 in base 64."""
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
