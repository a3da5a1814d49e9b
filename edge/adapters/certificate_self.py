"""The terminal's own certificate: made by itself, for its names and addresses, with an elliptic key.

A program of its own (`certificate_child`), since what it loads is as large as all the pages.
"""

import ipaddress
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.domain.certificate import CertificateFacts, wanted
from edge.errors import WebError
from edge.guard import cli_guard

NAME_BYTES = 64  # of a common name (RFC 5280, appendix A.1: ub-common-name)
PRIVATE = 0o600


def keep_certificate(
    path: Path, *, device: str, names: Sequence[str], addresses: Sequence[str], now: float
) -> bool:
    """Make sure that the PEM file at `path` holds key and certificate that serve; return whether it changed.

    `now` is UTC seconds. A new certificate keeps the key there is. A file that holds neither is replaced.
    Raises WebError where it cannot be written.
    """
    certificate, key = _read(path)
    plan = wanted(None if certificate is None else _facts(certificate), names, addresses, now)
    if plan is None:
        return False
    key = key or ec.generate_private_key(ec.SECP256R1())
    _write(path, _made(device, plan, key), key)
    return True


def _read(path: Path) -> tuple[x509.Certificate | None, ec.EllipticCurvePrivateKey | None]:
    try:
        text = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(text)
        key = serialization.load_pem_private_key(text, None)
    except (OSError, ValueError):
        return None, None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None, None
    return certificate, key


def _facts(certificate: x509.Certificate) -> CertificateFacts | None:
    try:
        said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    return CertificateFacts(
        names=tuple(said.get_values_for_type(x509.DNSName)),
        addresses=tuple(str(one) for one in said.get_values_for_type(x509.IPAddress)),
        begin=certificate.not_valid_before_utc.timestamp(),
        end=certificate.not_valid_after_utc.timestamp(),
    )


def _made(device: str, plan: CertificateFacts, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device[:NAME_BYTES])])
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in plan.names]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in plan.addresses]
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(plan.begin, UTC))
        .not_valid_after(datetime.fromtimestamp(plan.end, UTC))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _write(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    text = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(path.name + ".new")
    try:
        draft.unlink(missing_ok=True)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
        with os.fdopen(file, "wb") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        draft.rename(path)
    except OSError as error:
        raise WebError(f"{path}: the certificate cannot be written: {error.strerror}") from None


def main() -> int:
    """Do what a JSON object on stdin says, the arguments of `keep_certificate`; print whether it changed."""
    given = json.load(sys.stdin)
    changed = keep_certificate(
        Path(given["path"]),
        device=given["device"],
        names=given["names"],
        addresses=given["addresses"],
        now=given["now"],
    )
    json.dump({"changed": changed}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(cli_guard("certificate", main))
