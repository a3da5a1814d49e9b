"""The terminal's own certificate: what it says, when it is made anew, and what of it stays."""

import ipaddress
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from edge.adapters import certificate_child
from edge.adapters.certificate_machine import fingerprint, own_addresses, own_names
from edge.adapters.certificate_self import keep_certificate
from edge.domain.certificate import (
    DAY,
    EARLIEST,
    MOST_NAMES,
    RENEW_BEFORE,
    VALID,
    CertificateFacts,
    wanted,
)
from edge.errors import WebError

NOW = EARLIEST + 300 * DAY
NAMES = ["porch", "localhost"]
ADDRESSES = ["127.0.0.1", "::1"]
FACTS = CertificateFacts(
    names=tuple(NAMES), addresses=tuple(ADDRESSES), begin=NOW - DAY, end=NOW + VALID - DAY
)


def keep(path: Path, now: float = NOW, names: list[str] | None = None) -> bool:
    return keep_certificate(path, device="porch", names=names or NAMES, addresses=ADDRESSES, now=now)


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_it_is_made_for_names_and_addresses_with_an_elliptic_key(tmp_path: Path) -> None:
    path = tmp_path / "web.pem"
    assert keep(path)
    made = certificate(path)
    said = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert said.get_values_for_type(x509.DNSName) == NAMES
    assert said.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address(one) for one in ADDRESSES]
    assert isinstance(made.public_key(), ec.EllipticCurvePublicKey)
    assert (made.not_valid_after_utc - made.not_valid_before_utc).days <= 825
    assert path.stat().st_mode & 0o777 == 0o600
    made.verify_directly_issued_by(made)


def test_a_good_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "web.pem"
    keep(path)
    before = path.read_bytes()
    assert not keep(path, NOW + 100 * DAY)
    assert path.read_bytes() == before


@pytest.mark.parametrize("now", [NOW + VALID - RENEW_BEFORE, NOW + 2 * VALID, NOW - 30 * DAY])
def test_one_that_runs_out_or_is_of_the_future_is_replaced_with_the_same_key(
    tmp_path: Path, now: float
) -> None:
    path = tmp_path / "web.pem"
    keep(path)
    before = certificate(path)
    assert keep(path, now)
    after = certificate(path)
    assert after.serial_number != before.serial_number
    assert after.public_key() == before.public_key()


def test_a_new_name_is_added_and_an_old_one_stays() -> None:
    made = wanted(FACTS, ["gate"], ["192.0.2.7"], NOW)
    assert made is not None
    assert made.names == ("gate", "porch", "localhost")
    assert made.addresses == ("192.0.2.7", "127.0.0.1", "::1")
    assert wanted(made, NAMES, ADDRESSES, NOW) is None


def test_a_machine_with_a_hundred_addresses_is_not_given_a_new_one_at_each_start() -> None:
    many = [f"192.0.2.{number}" for number in range(100)]
    made = wanted(None, NAMES, many, NOW)
    assert made is not None
    assert len(made.addresses) == MOST_NAMES
    assert wanted(made, NAMES, many, NOW) is None


def test_a_clock_that_was_never_set_makes_one_that_serves_today() -> None:
    made = wanted(None, NAMES, ADDRESSES, 0.0)
    assert made is not None
    assert made.begin <= EARLIEST <= made.end
    assert wanted(made, NAMES, ADDRESSES, NOW) is None
    assert wanted(replace(made, begin=NOW + DAY), NAMES, ADDRESSES, NOW) is not None


@pytest.mark.parametrize(
    "text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_that_holds_none_is_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "web.pem"
    path.write_text(text)
    assert keep(path)
    certificate(path)


def test_a_key_of_another_certificate_is_replaced(tmp_path: Path) -> None:
    one, two = tmp_path / "1.pem", tmp_path / "2.pem"
    keep(one)
    keep(two)
    mixed = one.read_text().partition("-----BEGIN PRIVATE KEY-----")[0]
    mixed += "-----BEGIN PRIVATE KEY-----" + two.read_text().partition("-----BEGIN PRIVATE KEY-----")[2]
    one.write_text(mixed)
    assert keep(one)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(one)


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "web.pem"
    with pytest.raises(WebError, match=r"web\.pem: the certificate cannot be written: No such file"):
        keep(path)


def test_the_fingerprint_is_written_as_browsers_write_it(tmp_path: Path) -> None:
    path = tmp_path / "web.pem"
    keep(path)
    der = ssl.PEM_cert_to_DER_cert(path.read_text().partition("-----BEGIN PRIVATE")[0])
    import hashlib

    digits = hashlib.sha256(der).hexdigest().upper()
    assert fingerprint(path) == ":".join(digits[at : at + 2] for at in range(0, 64, 2))


@pytest.mark.parametrize("text", [None, "nothing"])
def test_no_certificate_has_no_fingerprint(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "web.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(WebError, match=r"it cannot be read|it holds no certificate"):
        fingerprint(path)


def test_this_machine_has_names_and_addresses() -> None:
    assert "127.0.0.1" in own_addresses()
    assert not [one for one in own_addresses() if "%" in one]
    assert own_names("porch", ["door.example"])[0] == "porch"
    assert {"localhost", "door.example", "porch.local"} <= set(own_names("porch", ["door.example"]))


def test_a_process_that_ends_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "web.pem"
    asked = {"device": "porch", "names": NAMES, "addresses": ADDRESSES, "now": NOW}
    assert certificate_child.keep_certificate(path, **asked)  # type: ignore[arg-type]
    assert not certificate_child.keep_certificate(path, **asked)  # type: ignore[arg-type]
    assert len(fingerprint(path)) == 95
    with pytest.raises(
        WebError, match=r"^/nowhere/web\.pem: the certificate cannot be written: No such file"
    ):
        certificate_child.keep_certificate(Path("/nowhere/web.pem"), **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (["/nowhere/python"], "could not be made: "),
        (["/bin/false"], "exit status 1"),
        (["/bin/true"], "could not be made: no answer"),
        (["/bin/echo", "[]"], "could not be made: no answer"),
    ],
)
def test_a_process_that_fails_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], fault: str
) -> None:
    monkeypatch.setattr(certificate_child, "COMMAND", command)
    with pytest.raises(WebError) as refused:
        certificate_child.keep_certificate(tmp_path / "web.pem", device="a", names=[], addresses=[], now=NOW)
    assert fault in str(refused.value)
    assert "\n" not in str(refused.value)
