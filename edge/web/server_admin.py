"""The pages' server as the daemon starts and stops it."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from errno import EADDRINUSE
from http import HTTPStatus
from pathlib import Path
from typing import Any

from edge.errors import WebError
from edge.guard import start_thread
from edge.web.server_limits import ServerLimits
from edge.web.server_wsgi import AdminWsgiServer, Admits

Wsgi = Callable[[dict[str, Any], Any], Any]


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the pages are served: `host` is an address or a name, empty for all addresses of the machine.

    `proxy` is the address of whoever may speak for browsers, empty for nobody.
    """

    host: str
    port: int
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate and its key, in PEM form; the key may stand in the first file."""

    certificate: Path
    key: Path | None = None


class WebServer:
    """Serves an application to browsers.

    `start` returns once connections are taken; raises WebError where that cannot be. `stop` ends within two
    seconds whatever is in work; it may be called twice. Without `tls` it speaks plain HTTP; `renewed` reads
    the files anew for the connections that come. `admits` is that of AdminWsgiServer.
    """

    def __init__(
        self,
        listen: Listen,
        app: Wsgi,
        *,
        tls: TlsFiles | None,
        limits: ServerLimits | None = None,
        admits: Admits = lambda _: True,
    ) -> None:
        self._listen = listen
        self._app = app
        self._tls = tls
        self._limits = limits or ServerLimits()
        self._admits = admits
        self._context: ssl.SSLContext | None = None
        self._server: AdminWsgiServer | None = None
        self.port = listen.port

    def start(self) -> None:
        """Bind and serve."""
        if self._tls is not None:
            self._context = tls_context(self._tls)
        listening = _listening(self._listen)
        self.port = listening.getsockname()[1]
        server = AdminWsgiServer(
            self._app,
            to_https,
            listening,
            context=self._context,
            limits=self._limits,
            proxy=self._listen.proxy,
            admits=self._admits,
        )
        self._server = server
        self._thread = start_thread("web", server.run)

    def renewed(self) -> None:
        """Show the certificate that is in the file now. Raises WebError."""
        if self._context is not None and self._tls is not None:
            _load(self._context, self._tls)

    def stop(self) -> None:
        """Stop serving; requests in work get a second to finish."""
        server, self._server = self._server, None
        if server is None:
            return
        server.end()
        self._thread.join(2 * self._limits.stop)


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """Return what speaks TLS 1.2 and 1.3 with a certificate and its key. Raises WebError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    _load(context, files)
    return context


def to_https(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer somebody who spoke plain HTTP to the port of HTTPS: with the same address by HTTPS."""
    host = environ.get("HTTP_HOST", "")
    path = environ.get("PATH_INFO", "/")
    program = path.startswith("/api/")  # a token that goes unencrypted must be noticed, not led on
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or program or not _is_authority(host):
        start_response(_line(HTTPStatus.BAD_REQUEST), [("Content-Type", "text/plain")])
        return [b"This port speaks HTTPS only.\n"]
    plain = path.startswith("/") and path.isascii() and path.isprintable() and not path.startswith("//")
    headers = [("Location", f"https://{host}{path if plain else '/'}"), ("Cache-Control", "no-store")]
    start_response(_line(HTTPStatus.PERMANENT_REDIRECT), headers)
    return [b""]


def _line(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"


def _is_authority(host: str) -> bool:
    return 0 < len(host) <= 255 and all(letter.isalnum() or letter in ".-:[]" for letter in host)  # noqa: PLR2004 - a name's longest


def _load(context: ssl.SSLContext, files: TlsFiles) -> None:
    try:
        context.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError) as error:
        raise WebError(f"{files.certificate}: no certificate and key that could be used: {error}") from None


def _listening(listen: Listen) -> socket.socket:
    try:
        if listen.host:
            family = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM)[0][0]
            return socket.create_server((listen.host, listen.port), family=family)
        if socket.has_dualstack_ipv6():
            return socket.create_server(("::", listen.port), family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server(("", listen.port))
    except OSError as error:
        where = f"{listen.host or 'every address'}, port {listen.port}"
        why = "another program has it" if error.errno == EADDRINUSE else error.strerror
        raise WebError(f"web: {where}: it cannot be listened on: {why}") from None
