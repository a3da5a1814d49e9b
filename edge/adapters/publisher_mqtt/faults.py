"""What went wrong with a broker, in one line that says which of the many it was, and the remedy."""

import socket
import ssl

from paho.mqtt.reasoncodes import ReasonCode

# Reasons of MQTT 5, §2.4; paho gives the codes of 3.1.1 as the same
BAD_LOGIN = frozenset({0x86, 0x87, 0x8C})
UNSUPPORTED_PROTOCOL = 0x84
NOT_AUTHORIZED = 0x87
FAILED = 0x80  # and above
_LINES = {
    0x85: "the broker does not accept the client id; another device may use the same name",
    0x88: "the broker says it is unavailable",
    0x8A: "the broker has banned this client",
    0x8D: "the broker heard nothing from us for too long",
    0x8E: "another client connected with our client id; give each terminal a device.name of its own",
    0x93: "the broker wants fewer messages on their way",
    0x95: "the broker says a message is too large; raise its limit",
    0x97: "the broker's quota is used up",
}

# X509_V_ERR_… of OpenSSL, <openssl/x509_vfy.h>
_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED, _SELF_SIGNED_IN_CHAIN = 9, 10, 18, 19
_NO_ISSUER_HERE, _NO_FIRST_SIGNATURE, _HOST_MISMATCH, _IP_MISMATCH = 20, 21, 62, 64
_STRANGER = {_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _NO_ISSUER_HERE, _NO_FIRST_SIGNATURE}


_NETWORK: tuple[tuple[type[OSError], str], ...] = (
    (socket.gaierror, "the name cannot be resolved; check mqtt.host and the network's DNS"),
    (TimeoutError, "no answer; is the broker running, and does a firewall let us through?"),
    (
        ConnectionResetError,
        "it hangs up when TLS begins; does it speak TLS there? Check mqtt.port and mqtt.tls",
    ),
    (ConnectionRefusedError, "the connection is refused; is the broker running, and is mqtt.port right?"),
)


def connecting(error: OSError | ValueError, server_name: str) -> str:
    """Return why a connection could not be made."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, server_name)
    if isinstance(error, ssl.SSLError):
        return _tls(error)
    for kind, line in _NETWORK:
        if isinstance(error, kind):
            return line
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"it cannot be reached ({reason})"


def _certificate(error: ssl.SSLCertVerificationError, server_name: str) -> str:
    code = error.verify_code
    if code in _STRANGER:
        return "its certificate is not signed by an authority we trust (wrong CA); check mqtt.ca_file"
    if code in {_HOST_MISMATCH, _IP_MISMATCH}:
        return (
            f"its certificate is not for {server_name} (wrong host name); check mqtt.host or mqtt.server_name"
        )
    if code == _EXPIRED:
        return "its certificate has expired; renew it, and check this machine's clock"
    if code == _NOT_YET_VALID:
        return "its certificate is not valid yet; check this machine's clock"
    return f"its certificate is refused ({error.verify_message})"


def _tls(error: ssl.SSLError) -> str:
    reason = (error.reason or str(error)).replace("_", " ").lower()
    if "certificate required" in reason or "handshake failure" in reason:
        return "the broker wants a client certificate; set mqtt.cert_file and mqtt.key_file"
    if "unknown ca" in reason or "bad certificate" in reason or "certificate expired" in reason:
        return f"the broker refuses our client certificate ({reason}); check mqtt.cert_file"
    if "wrong version number" in reason or "record layer" in reason or "eof" in reason:
        return f"no TLS is spoken there ({reason}); check mqtt.port and mqtt.tls"
    return f"TLS failed ({reason})"


def refused_login(reason: ReasonCode) -> str:
    """Return why the broker did not let us in."""
    if reason.value in BAD_LOGIN:
        return (
            f"the broker refuses user name, password or client certificate ({reason}); "
            "check mqtt.username and mqtt.password_file"
        )
    return _LINES.get(reason.value, f"the broker does not let us in ({reason})")


def refused_message(topic: str, reason: ReasonCode) -> str:
    """Return why the broker did not take a message."""
    if reason.value == NOT_AUTHORIZED:
        return f"the broker's ACL does not let us publish to {topic}; allow it there"
    return f"{topic}: {_LINES.get(reason.value, f'the broker refuses a message ({reason})')}"


def denied_topic(topic: str, reason: ReasonCode) -> str:
    """Return why the broker did not let us subscribe."""
    if reason.value in {NOT_AUTHORIZED, FAILED}:
        return f"the broker's ACL does not let us subscribe to {topic}; allow it there"
    return f"{topic}: the broker refuses the subscription ({reason})"


def ended(reason: ReasonCode | None, last: str) -> str:
    """Return why a connection ended; `last` is what the network said, if anything."""
    if reason is not None and reason.value >= FAILED and reason.value in _LINES:
        return _LINES[reason.value]
    if "CERTIFICATE_REQUIRED" in last or "CERTIFICATE REQUIRED" in last.upper():
        return "the broker wants a client certificate; set mqtt.cert_file and mqtt.key_file"
    return f"the connection was lost ({last})" if last else "the broker ended the connection"
