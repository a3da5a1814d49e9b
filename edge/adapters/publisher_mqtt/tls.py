import ssl
from typing import Any


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
