"""Models fetched from a real HTTPS server, which answers rightly, wrongly, half, slowly or not at all."""

import datetime as dt
import http.server
import ipaddress
import json
import ssl
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.cli import main
from edge.errors import ModelError
from edge.models import pull
from edge.models.add import LicenceNotAcceptedError
from edge.models.catalogue import CatalogueEntry, Publication, PublishedFile, catalogue, entry_named
from edge.models.profile_file import installed, shipped_table
from edge.models.pull import pull_model

REID = "face-reidentification-retail-0095"
FILE = PublishedFile("yunet_n_dynamic.onnx", 64 * "0")
MEGABYTE = 2**20


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "state" / "models"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a PEM file with the key and certificate of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


class Site(http.server.BaseHTTPRequestHandler):
    """Answers as the first part of the path says; `files` are what `good` has."""

    files: dict[str, bytes]
    asked: list[str]

    def do_GET(self) -> None:
        path = urllib.parse.urlsplit(self.path).path
        self.asked.append(path)
        way, name = path.strip("/").split("/")
        getattr(self, f"_{way}", self._good)(name)

    def _good(self, name: str) -> None:
        self._send(self.files[name]) if name in self.files else self.send_error(404)

    def _gone(self, _name: str) -> None:
        self.send_error(404)

    def _broken(self, _name: str) -> None:
        self.send_error(503)

    def _moved(self, name: str) -> None:
        self._redirect(f"/good/{name}?token=1")

    def _plain(self, name: str) -> None:
        self._redirect(f"http://127.0.0.1:9/{name}")

    def _round(self, name: str) -> None:
        self._redirect(f"/round/{name}")

    def _other(self, _name: str) -> None:
        self._send(b"something else")

    def _short(self, _name: str) -> None:
        self._send(b"x" * 1000, promised=5000)

    def _endless(self, _name: str) -> None:
        self._send(b"", promised=None)
        while True:
            self.wfile.write(b"x" * MEGABYTE)

    def _dripping(self, _name: str) -> None:
        self._send(b"", promised=MEGABYTE)
        while True:
            self.wfile.write(b"x")
            time.sleep(0.02)

    def _silent(self, _name: str) -> None:
        self.rfile.read(1)  # nothing comes until the client goes away

    def _stalled(self, _name: str) -> None:
        self._send(b"x" * 1000, promised=5000)
        self.rfile.read(1)

    def _nonsense(self, _name: str) -> None:
        self.wfile.write(b"\x00\x01\x02 what?\r\n\r\n")

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.end_headers()

    def _send(self, data: bytes, promised: int | None = -1) -> None:
        self.send_response(200)
        if promised is not None:
            self.send_header("Content-Length", str(len(data) if promised < 0 else promised))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""


@pytest.fixture
def site(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve by HTTPS with a certificate that is trusted; returns the address."""
    Site.files, Site.asked = {"here.onnx": b"a model"}, []
    server = Server(("127.0.0.1", 0), Site)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    for variable in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pull, "TIMEOUT", 0.5)
    monkeypatch.setattr(pull, "PATIENCE", 0.5)
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def at(name: str, *addresses: str) -> CatalogueEntry:
    """Return an entry of the catalogue, published at other addresses."""
    entry = entry_named(name)
    return replace(
        entry, publications=tuple(replace(entry.publications[0], address=address) for address in addresses)
    )


@pytest.fixture
def published(site: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the site once it has the real files."""
    folder = shared_data / "models"
    for path in [folder / "yunet_n_dynamic.onnx", *(folder / "open-model-zoo").glob(f"{REID}.*")]:
        Site.files[path.name] = path.read_bytes()
    monkeypatch.setattr(pull, "TIMEOUT", 20.0)
    monkeypatch.setattr(pull, "PATIENCE", 60.0)
    return site


@pytest.mark.parametrize("way", ["good", "moved"])
def test_a_model_is_fetched_checked_and_installed(way: str, models_dir: Path, published: str) -> None:
    for name in ("yunet", "omz-0095"):
        entry = at(name, f"{published}/{way}/")
        received: dict[str, int] = {}

        def count(file: str, size: int, received: dict[str, int] = received) -> None:
            received[file] = received.get(file, 0) + size

        assert pull_model(models_dir, entry, progress=count).made
        assert received == {file.name: len(Site.files[file.name]) for file in entry.publications[0].files}
        asked = len(Site.asked)
        assert not pull_model(models_dir, entry).made
        assert len(Site.asked) == asked
    assert [profile.name for profile in installed(models_dir)] == ["omz-0095", "yunet"]


def test_of_several_addresses_the_first_that_answers_rightly_is_taken(
    models_dir: Path, published: str
) -> None:
    ways = ("gone", "short", "other", "good")
    assert pull_model(models_dir, at("yunet", *(f"{published}/{way}/" for way in ways))).made
    assert Site.asked == [f"/{way}/yunet_n_dynamic.onnx" for way in ways]


def test_after_a_failure_the_next_call_begins_anew(models_dir: Path, published: str) -> None:
    with pytest.raises(ModelError, match="cut off after 1000 of 5000 bytes; try again"):
        pull_model(models_dir, at("yunet", f"{published}/short/"))
    assert not models_dir.exists()
    assert pull_model(models_dir, at("yunet", f"{published}/good/")).made


def test_by_the_command(
    published: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("EDGE_CONFIG", "")
    monkeypatch.setattr("edge.models.catalogue.entry_named", lambda _name: at("yunet", f"{published}/moved/"))
    assert main(["models", "pull", "yunet", "--json"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["name"] == "yunet"
    away = at("omz-0095", f"{published}/gone/")
    monkeypatch.setattr("edge.models.catalogue.entry_named", lambda _name: away)
    assert main(["models", "pull", "omz-0095"]) == 1
    told = capfdbinary.readouterr().err.decode()
    assert told.count("\n") == 1
    assert f"{published}/gone/{REID}.bin: HTTP Error 404" in told
    assert [profile.name for profile in installed(data_dir / "models")] == ["yunet"]


WAYS = {
    "gone": "HTTP Error 404: Not Found",
    "broken": "HTTP Error 503: Service Unavailable",
    "other": "its SHA-256 is f41f3fa625ff…, not 000000000000…",
    "short": "cut off after 1000 of 5000 bytes; try again",
    "endless": "over 2 MiB; this is not yunet_n_dynamic.onnx",
    "dripping": "bytes in 0 s, given up",
    "silent": "timed out",
    "stalled": "timed out",
    "plain": "http://127.0.0.1:9/yunet_n_dynamic.onnx: models are fetched by https only",
    "round": "infinite loop",
    "nonsense": "what?",
}


@pytest.mark.parametrize(("way", "said"), WAYS.items())
def test_what_cannot_be_fetched_leaves_nothing_and_says_why_in_one_line(
    way: str, said: str, site: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    models_dir = tmp_path / "state" / "models"
    monkeypatch.setattr(pull, "MAX_BYTES", 2 * MEGABYTE)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    entry = CatalogueEntry("yunet", "", (Publication((FILE,), f"{site}/{way}/"),))
    with pytest.raises(ModelError) as caught:
        pull_model(models_dir, entry)
    told = str(caught.value)
    assert said in told
    assert f"{site}/{way}/yunet_n_dynamic.onnx: " in told or way == "plain"
    assert "bring its files on a medium and use `edgectl models add`" in told
    assert "\n" not in told
    assert list(tmp_path.iterdir()) == []


def test_a_server_nobody_vouches_for_is_refused(
    models_dir: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ModelError, match="CERTIFICATE_VERIFY_FAILED"):
        pull_model(models_dir, CatalogueEntry("yunet", "", (Publication((FILE,), f"{site}/good/"),)))
    assert Site.asked == []


def test_nobody_at_home_is_said(models_dir: Path, site: str) -> None:
    nowhere = "https://127.0.0.1:9/"
    with pytest.raises(ModelError, match="Connection refused"):
        pull_model(models_dir, CatalogueEntry("yunet", "", (Publication((FILE,), nowhere),)))
    assert site


def test_nothing_is_fetched_without_encryption(models_dir: Path) -> None:
    publication = Publication((FILE,), "http://127.0.0.1:9/")
    with pytest.raises(ModelError, match="models are fetched by https only"):
        pull_model(models_dir, CatalogueEntry("yunet", "", (publication,)))


def test_terms_are_shown_before_anything_is_fetched(
    models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = shipped_table("yunet")
    table["licence"]["must_accept"] = True
    monkeypatch.setattr(pull, "shipped_table", lambda _name: table)
    with pytest.raises(LicenceNotAcceptedError):
        pull_model(models_dir, CatalogueEntry("yunet", "", ()))


def test_the_catalogue_has_whole_addresses_and_the_checksums_of_the_files_at_hand(shared_data: Path) -> None:
    sums = (shared_data / "models" / "SHA256SUMS").read_text().splitlines()
    known = {Path(name).name: checksum for checksum, name in (line.split(maxsplit=1) for line in sums)}
    matched = set()
    for entry in catalogue():
        for publication in entry.publications:
            first = publication.files[0]
            assert len(first.sha256) == 64
            assert not publication.address or publication.address.startswith("https://")
            assert not publication.address or publication.address.endswith("/")
            if known.get(first.name) == first.sha256:
                matched.add((entry.name, first.name))
    assert matched == {
        ("yunet", "yunet_n_dynamic.onnx"),
        ("yunet", "yunet_n_320_320.onnx"),
        ("omz-0095", f"{REID}.bin"),
        ("omz-0095", f"{REID}.onnx"),
    }
