"""The pages for browsers, put together. Whatever fails here, the door works on."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from edge.bootstrap.secrets import optional_file
from edge.config import Settings
from edge.errors import WebError
from edge.guard import start_thread

if TYPE_CHECKING:
    from edge.web.parts import WebParts
    from edge.web.server_admin import WebServer

log = structlog.get_logger("edge.bootstrap")

LOOK_AT_CERTIFICATE = 12 * 3600.0  # seconds
STARTED = 1.0  # seconds that `stop` waits for a start that has not ended


class Web:
    """Serves the pages, from a thread of its own: neither their start nor a fault in them is in the way.

    `start` and `stop` return soon and raise nothing. `stop` may be called twice, and without a start.
    """

    def __init__(
        self,
        build: Callable[[], "WebServer"],
        certificate: "OwnCertificate | None",
        served: Callable[[], None] = lambda: None,
    ) -> None:
        self._build = build
        self._certificate = certificate
        self._served = served  # called once it serves
        self._server: WebServer | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to serve."""
        self._thread = start_thread("web start", self._serve)

    def stop(self) -> None:
        """Serve no longer; requests in work get a second."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(STARTED)
        if self._server is not None:
            self._server.stop()

    def _serve(self) -> None:
        try:
            if self._certificate is not None:
                self._certificate.keep()
            self._server = self._build()
            if self._over.is_set():
                return
            self._server.start()
            if self._over.is_set():
                self._server.stop()
                return
            known_by = self._certificate.fingerprint() if self._certificate is not None else None
        except WebError as error:
            log.error("the pages are not served", error=str(error))  # noqa: TRY400 - one line
            return
        log.info("the pages are served", port=self._server.port, fingerprint=known_by)
        self._served()
        while not self._over.wait(LOOK_AT_CERTIFICATE):
            self._renew(self._server)

    def _renew(self, server: "WebServer") -> None:
        if self._certificate is None:
            return
        try:
            if self._certificate.keep():
                server.renewed()
                log.warning("the certificate was renewed", fingerprint=self._certificate.fingerprint())
        except WebError as error:
            log.error("the certificate is not renewed", error=str(error))  # noqa: TRY400 - one line


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """The certificate that the terminal makes itself, in the folder of its data."""

    path: Path
    device: str
    more: tuple[str, ...]

    def keep(self) -> bool:
        """Make sure that it serves; return whether it is a new one. Raises WebError."""
        from edge.adapters.certificate_child import keep_certificate
        from edge.adapters.certificate_machine import own_addresses, own_names

        return keep_certificate(
            self.path,
            device=self.device,
            names=own_names(self.device, self.more),
            addresses=own_addresses(),
            now=time.time(),
        )

    def fingerprint(self) -> str:
        """Return how browsers show it. Raises WebError."""
        from edge.adapters.certificate_machine import fingerprint

        return fingerprint(self.path)


def build_web(settings: Settings, parts: Callable[[], "WebParts"]) -> Web | None:
    """Return the pages, not served yet; None where they are off. `parts` is called by their thread."""
    if not settings.web.enabled:
        return None

    made: list[WebParts] = []

    def build() -> "WebServer":
        from edge.web.app import create_admin_app
        from edge.web.security_known import KnownClients
        from edge.web.server_admin import Listen, TlsFiles, WebServer

        made[:] = [parts()]
        listen = Listen(settings.web_address, settings.web.port, settings.web.proxy)
        files = TlsFiles(certificate_file(settings), optional_file(settings, settings.web.key_file))
        known = made[0].security.known if made[0].security else KnownClients()
        return WebServer(
            listen,
            create_admin_app(made[0]),
            tls=files if settings.web.tls else None,
            admits=known.admits,
        )

    its_own = settings.web.tls and not settings.web.cert_file
    certificate = own_certificate(settings) if its_own else None
    return Web(build, certificate, lambda: _offer_setup(made[0]))


def _offer_setup(parts: "WebParts") -> None:
    """Say the code that makes the first admin, where there is none."""
    if parts.security is None or not parts.security.accounts.needs_setup():
        return
    code = parts.security.accounts.setup_code(actor="system")
    log.warning("nobody may administer the terminal yet; enter this code on the page /setup", setup_code=code)


def own_certificate(settings: Settings) -> OwnCertificate:
    """Return the terminal's own certificate, which may not be there yet."""
    return OwnCertificate(settings.data_dir / "web.pem", settings.device.name, settings.web.names)


def certificate_file(settings: Settings) -> Path:
    """Return the file of the certificate that browsers are shown."""
    return optional_file(settings, settings.web.cert_file) or own_certificate(settings).path


def web_fingerprint(settings: Settings) -> str:
    """Return the fingerprint of the certificate that browsers are shown; the terminal's own is made by need.

    Raises WebError where there is none.
    """
    from edge.adapters.certificate_machine import fingerprint

    if not settings.web.tls:
        raise WebError("web.tls is false: the pages are served without a certificate")
    if not settings.web.cert_file:
        own_certificate(settings).keep()
    return fingerprint(certificate_file(settings))


def web_addresses(settings: Settings) -> list[str]:
    """Return the addresses under which browsers reach the pages."""
    from edge.adapters.certificate_machine import own_addresses

    scheme = "https" if settings.web.tls else "http"
    hosts = [settings.web_address] if settings.web_address not in {"", "::", "0.0.0.0"} else own_addresses()  # noqa: S104 - compared
    shown = [f"[{host}]" if ":" in host else host for host in (*settings.web.names, *hosts)]
    return [f"{scheme}://{host}:{settings.web.port}/" for host in shown]
