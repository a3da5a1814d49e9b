"""Why a connection could not be made, in one line that says which of many reasons it was, with the remedy."""

import socket
import ssl
from dataclasses import dataclass

# X509_V_ERR_… of OpenSSL, <openssl/x509_vfy.h>
_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED, _SELF_SIGNED_IN_CHAIN = 9, 10, 18, 19
_NO_ISSUER_HERE, _NO_FIRST_SIGNATURE, _HOST_MISMATCH, _IP_MISMATCH = 20, 21, 62, 64
_STRANGER = {_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _NO_ISSUER_HERE, _NO_FIRST_SIGNATURE}


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom we connect to, in words, and the keys of the configuration that a remedy names.

    `host` is where its name stands, `port` how it is spoken to, `ca` the authority; `named` is where the name
    of its certificate comes from, `client` how it is given a certificate of ours, "" where it never is.
    """

    what: str
    host: str
    port: str
    ca: str
    named: str
    client: str = ""


def connecting(error: OSError | ValueError, server_name: str, peer: Peer) -> str:
    """Return why a connection to `peer`, whose certificate is to be for `server_name`, could not be made."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, server_name, peer)
    if isinstance(error, ssl.SSLError):
        return _tls(error, peer)
    lines: dict[type[OSError], str] = {
        socket.gaierror: f"the name cannot be resolved; check {peer.host} and the network's DNS",
        TimeoutError: f"no answer; is {peer.what} running, and does a firewall let us through?",
        ConnectionResetError: f"it hangs up when TLS begins; does it speak TLS there? Check {peer.port}",
        ConnectionRefusedError: (
            f"the connection is refused; is {peer.what} running, and is {peer.port.split(' ')[0]} right?"
        ),
    }
    for kind, line in lines.items():
        if isinstance(error, kind):
            return line
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"it cannot be reached ({reason})"


def _certificate(error: ssl.SSLCertVerificationError, server_name: str, peer: Peer) -> str:
    code = error.verify_code
    if code in _STRANGER:
        return f"its certificate is not signed by an authority we trust (wrong CA); check {peer.ca}"
    if code in {_HOST_MISMATCH, _IP_MISMATCH}:
        return f"its certificate is not for {server_name} (wrong host name); check {peer.named}"
    if code == _EXPIRED:
        return "its certificate has expired; renew it, and check this machine's clock"
    if code == _NOT_YET_VALID:
        return "its certificate is not valid yet; check this machine's clock"
    return f"its certificate is refused ({error.verify_message})"


def _tls(error: ssl.SSLError, peer: Peer) -> str:
    reason = (error.reason or str(error)).replace("_", " ").lower()
    if peer.client and ("certificate required" in reason or "handshake failure" in reason):
        return wants_certificate(peer)
    if "unknown ca" in reason or "bad certificate" in reason or "certificate expired" in reason:
        return f"{peer.what} refuses our client certificate ({reason}); check {peer.client.split(' ')[0]}"
    if "wrong version number" in reason or "record layer" in reason or "eof" in reason:
        return f"no TLS is spoken there ({reason}); check {peer.port}"
    return f"TLS failed ({reason})"


def wants_certificate(peer: Peer) -> str:
    """Return that a certificate of ours is wanted."""
    return f"{peer.what} wants a client certificate; set {peer.client}"
