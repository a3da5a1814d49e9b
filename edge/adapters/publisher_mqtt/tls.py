"""TLS as the broker's side must pass it: a trusted authority, the right name, at least version 1.2."""

import ssl
from pathlib import Path
from typing import Any

from edge.adapters.publisher_mqtt.address import TlsFiles
from edge.errors import BrokerError


class NamedContext(ssl.SSLContext):
    """A context that checks the certificate for one name, whatever address is connected to.

    It knows the socket it wrapped last: paho leaves one open whose handshake failed.
    """

    server_name = ""
    wrapped: ssl.SSLSocket | None = None

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """Wrap as usual, for the name of this context."""
        options["server_hostname"] = self.server_name
        self.wrapped = super().wrap_socket(*arguments, **options)
        return self.wrapped

    def close(self) -> None:
        """Close the socket wrapped last."""
        if self.wrapped is not None:
            self.wrapped.close()


def tls_context(files: TlsFiles) -> NamedContext:
    """Return a context that verifies; raises BrokerError naming the file that cannot be used."""
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


def _no_password() -> str:
    """Keep OpenSSL from asking at the terminal."""
    return ""


def _load(path: Path, load: Any, expected: str) -> None:
    try:
        load()
    except ssl.SSLError as error:
        raise BrokerError(f"{path}: {expected} ({error.reason or error})") from None
    except OSError as error:
        raise BrokerError(f"{path}: it cannot be read ({error.strerror}); check its owner and mode") from None


def facts_of(sock: object) -> dict[str, Any]:
    """Return the fields of LinkFacts that a TLS socket tells; none for a plain one."""
    if not isinstance(sock, ssl.SSLSocket):
        return {}
    certificate = sock.getpeercert() or {}
    cipher = sock.cipher()
    until = certificate.get("notAfter")
    return {
        "tls": sock.version(),
        "cipher": cipher[0] if cipher else None,
        "subject": _name(certificate.get("subject")),
        "issuer": _name(certificate.get("issuer")),
        "expires": float(ssl.cert_time_to_seconds(until)) if isinstance(until, str) else None,
    }


def _name(parts: Any) -> str | None:
    words = [f"{key}={value}" for part in parts or () for key, value in part]
    return ", ".join(words) or None
