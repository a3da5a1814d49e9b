"""TLS as the other side must pass it: a trusted authority, the right name, at least version 1.2."""

import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import ConfigError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the authorities trusted (None: the system's), and our certificate with its key, if any.

    `server_name` is the name the other side's certificate must carry.
    """

    server_name: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class NamedContext(ssl.SSLContext):
    """A context that checks the certificate for one name, whatever address is connected to.

    It knows the socket it wrapped last, also during the handshake: paho leaves one open that failed it, and
    somebody may have to be told to wait no longer.
    """

    server_name = ""
    wrapped: ssl.SSLSocket | None = None

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """Wrap as usual, for the name of this context."""
        options["server_hostname"] = self.server_name
        shake = options.get("do_handshake_on_connect", True)
        options["do_handshake_on_connect"] = False
        self.wrapped = sock = super().wrap_socket(*arguments, **options)
        if shake:
            try:
                sock.do_handshake()
            except (OSError, ValueError):
                sock.close()
                raise
        return sock

    def close(self) -> None:
        """Close the socket wrapped last."""
        if self.wrapped is not None:
            self.wrapped.close()


def tls_context(files: TlsFiles) -> NamedContext:
    """Return a context that verifies; raises ConfigError naming the file that cannot be used."""
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies certificate and name
    context.server_name = files.server_name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.ca is None:
        context.load_default_certs()
    else:
        _load(files.ca, lambda: context.load_verify_locations(cafile=files.ca), "no certificates in PEM form")
    if files.certificate is not None:
        certificate, key = files.certificate, files.key
        if key is not None:
            _load(key, key.read_bytes, "unreadable")
        _load(
            certificate,
            lambda: context.load_cert_chain(certificate, key, password=_no_password),
            "no certificate with its key, in PEM form and without a passphrase",
        )
    return context


def shut(sock: socket.socket | None) -> None:
    """Shut a connection down, so that whoever waits for it in another thread gets an error."""
    if sock is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not that of TLS, which disturbs the other thread


def _no_password() -> str:
    """Keep OpenSSL from asking at the terminal."""
    return ""


def _load(path: Path, load: Callable[[], object], expected: str) -> None:
    try:
        load()
    except ssl.SSLError as error:
        raise ConfigError([f"{path}: {expected} ({error.reason or error})"]) from None
    except OSError as error:
        problem = f"{path}: it cannot be read ({error.strerror}); check its owner and mode"
        raise ConfigError([problem]) from None
