"""The pages as the daemon starts and stops them: whatever fails is a line of the log."""

import http.client
import io
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from edge.bootstrap.web import (
    LOOK_AT_CERTIFICATE,
    OwnCertificate,
    Web,
    build_web,
    web_addresses,
    web_fingerprint,
)
from edge.config import Places, Settings, load_settings
from edge.errors import WebError
from edge.log import configure_logging
from edge.web.server_admin import Listen, TlsFiles, WebServer


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    stream = io.StringIO()
    configure_logging("info", "json", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    configure_logging()


def wait_for(what: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)


def application() -> Flask:
    app = Flask("served")

    @app.get("/")
    def show() -> str:
        return "here"

    return app


def settings_of(folder: Path, text: str = "") -> Settings:
    file = folder / "edge.toml"
    file.write_text(text)
    return load_settings(file, {"EDGE_DATA_DIR": str(folder)}, Places(file, folder))


def served(own: OwnCertificate) -> tuple[Web, WebServer]:
    server = WebServer(Listen("127.0.0.1", 0), application(), tls=TlsFiles(own.path))
    return Web(lambda: server, own), server


def test_they_are_served_with_a_certificate_made_by_need(
    tmp_path: Path, lines: Callable[[], list[dict[str, object]]]
) -> None:
    own = OwnCertificate(tmp_path / "web.pem", "porch", ("door.example",))
    web, server = served(own)
    web.start()
    wait_for(lambda: bool(lines()))
    context = ssl.create_default_context(cafile=str(own.path))
    connection = http.client.HTTPSConnection("localhost", server.port, timeout=5, context=context)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"here"
    connection.close()
    web.stop()
    web.stop()
    (line,) = lines()
    assert (line["event"], line["port"], line["fingerprint"]) == (
        "the pages are served",
        server.port,
        own.fingerprint(),
    )
    assert not [one for one in threading.enumerate() if one.name.startswith("web")]


def test_a_port_in_use_is_one_line_and_nothing_else(
    tmp_path: Path, lines: Callable[[], list[dict[str, object]]]
) -> None:
    own = OwnCertificate(tmp_path / "web.pem", "porch", ())
    first, server = served(own)
    first.start()
    wait_for(lambda: bool(lines()))
    second = Web(lambda: WebServer(Listen("127.0.0.1", server.port), application(), tls=None), None)
    second.start()
    wait_for(lambda: len(lines()) > 1)
    second.stop()
    first.stop()
    line = lines()[1]
    assert (line["level"], line["event"]) == ("error", "the pages are not served")
    assert str(line["error"]).endswith("it cannot be listened on: another program has it")
    assert "traceback" not in line


def test_a_defect_of_the_pages_stays_with_them(lines: Callable[[], list[dict[str, object]]]) -> None:
    def broken() -> WebServer:
        raise ValueError("these views say nothing of who may open them: oops")

    web = Web(broken, None)
    web.start()
    wait_for(lambda: bool(lines()))
    web.stop()
    assert lines()[0]["event"] == "unexpected error"


def test_a_renewed_certificate_is_shown_without_a_restart(
    tmp_path: Path, lines: Callable[[], list[dict[str, object]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LOOK_AT_CERTIFICATE > 3600
    monkeypatch.setattr("edge.bootstrap.web.LOOK_AT_CERTIFICATE", 0.05)
    own = OwnCertificate(tmp_path / "web.pem", "porch", ())
    web, server = served(own)
    web.start()
    wait_for(lambda: bool(lines()))
    before = ssl.get_server_certificate(("127.0.0.1", server.port))
    own.path.unlink()
    wait_for(lambda: len(lines()) > 1)
    assert lines()[1]["event"] == "the certificate was renewed"
    assert ssl.get_server_certificate(("127.0.0.1", server.port)) != before
    web.stop()


def test_switched_off_there_are_none(tmp_path: Path) -> None:
    assert (
        build_web(settings_of(tmp_path, "[web]\nenabled = false\n"), lambda: pytest.fail("not wanted"))
        is None
    )


def test_inside_a_checkout_this_machine_alone_is_served(tmp_path: Path) -> None:
    assert settings_of(tmp_path).web_address == "127.0.0.1"
    assert settings_of(tmp_path, '[web]\nlisten = "::"\n').web_address == "::"


def test_the_command_line_tells_addresses_and_fingerprint(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[web]\nlisten = "::1"\nport = 9000\nhosts = "door.example"\n')
    assert web_addresses(settings) == ["https://door.example:9000/", "https://[::1]:9000/"]
    assert web_fingerprint(settings) == web_fingerprint(settings)
    assert "https://127.0.0.1:8443/" in web_addresses(settings_of(tmp_path, '[web]\nlisten = "::"\n'))


def test_without_tls_there_is_no_fingerprint(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[web]\ntls = false\nlisten = "127.0.0.1"\n')
    with pytest.raises(WebError, match=r"web\.tls is false"):
        web_fingerprint(settings)
    assert web_addresses(settings) == ["http://127.0.0.1:8443/"]
