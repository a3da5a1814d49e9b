"""Who may send large bodies to a process that has only just begun."""

import socket
from pathlib import Path

import pytest

from edge.bootstrap.web_security import security_parts
from edge.config import Places, load_settings
from edge.domain.login_session import IDLE
from edge.web.security_known import KnownClients
from edge.web.server_admin import Listen, WebServer
from tests.web.secured import Secured

LARGE = 200 * 1024


def after_a_restart(secured: Secured, folder: Path) -> KnownClients:
    """Return who is known to the next process of the same boot."""
    file = folder / "edge.toml"
    file.write_text("")
    settings = load_settings(file, {"EDGE_DATA_DIR": str(folder)}, Places(file, folder))
    parts = security_parts(settings, secured.store, secured.clock, secured.accounts, secured.hasher)
    return parts.known


def status(port: int, cookie: str) -> int:
    """Return the answer to a large form that is the first request of all."""
    head = (
        "POST /people/examine HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Cookie: edge={cookie}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {LARGE}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode())
        connection.settimeout(0.5)
        try:
            early = connection.recv(65536)
        except TimeoutError:
            connection.settimeout(10)
            connection.sendall(b"\r\n".rjust(LARGE, b"x"))
            early = connection.recv(65536)
    return int(early.split(b" ")[1])


@pytest.fixture
def cookie(secured: Secured) -> str:
    """Return the cookie of somebody who is logged in."""
    secured.join()
    browser = secured.browser(secure=False)
    browser.log_in()
    given = browser.cookie("edge")
    assert given is not None
    return given


def test_whoever_is_logged_in_sends_pictures_to_the_next_process_at_once(
    secured: Secured, tmp_path: Path, cookie: str
) -> None:
    known = after_a_restart(secured, tmp_path)
    server = WebServer(Listen("127.0.0.1", 0), secured.app, tls=None, admits=known.admits)
    server.start()
    try:
        assert status(server.port, cookie) != 413
        assert status(server.port, "x" * 43) == 413
    finally:
        server.stop()


def test_a_session_that_holds_no_longer_is_not_known(secured: Secured, tmp_path: Path, cookie: str) -> None:
    headers = {"COOKIE": f"__Host-edge={cookie}"}
    assert after_a_restart(secured, tmp_path).admits(headers)
    secured.wait(IDLE + 1)
    assert not after_a_restart(secured, tmp_path).admits(headers)


def test_of_too_many_the_oldest_session_makes_room(
    secured: Secured, tmp_path: Path, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.web.security_known.MOST", 2)
    secured.wait(1)
    later = secured.browser(secure=False)
    later.log_in()
    known = after_a_restart(secured, tmp_path)
    known.remember("a third one")
    assert not known.admits({"COOKIE": f"edge={cookie}"})
    assert known.admits({"COOKIE": f"edge={later.cookie('edge')}"})
