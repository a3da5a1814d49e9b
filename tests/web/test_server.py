"""The server itself, over real sockets: TLS, clients that are slow or idle, and its end."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request

from edge.errors import WebError
from edge.web.security_known import KnownClients
from edge.web.server_admin import Listen, TlsFiles, WebServer
from edge.web.server_limits import ServerLimits
from tests.web.certificates import make_certificate

LIMITS = ServerLimits()
IDLE = 200
HEAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc"


def application(held: threading.Event | None = None, over: threading.Event | None = None) -> Flask:
    app = Flask("served")

    @app.get("/")
    def show() -> str:
        return f"{request.scheme} {request.remote_addr}"

    @app.post("/echo")
    def echo() -> bytes:
        return request.get_data()

    @app.get("/stream")
    def stream() -> Response:
        def parts() -> Iterator[str]:
            try:
                while True:
                    yield "data: x\n\n"
                    time.sleep(0.02)
            finally:
                if over is not None:
                    over.set()

        return Response(parts(), content_type="text/event-stream")

    @app.get("/hang")
    def hang() -> str:
        if held is not None:
            held.wait(20)
        return "late"

    return app


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@contextmanager
def served(certificate: Path | None, app: Any = None, limits: ServerLimits = LIMITS) -> Iterator[WebServer]:
    server = WebServer(
        Listen("127.0.0.1", 0),
        app or application(),
        tls=None if certificate is None else TlsFiles(certificate),
        limits=limits,
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def ask(server: WebServer, certificate: Path | None, path: str = "/") -> tuple[int, bytes]:
    connection = (
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        if certificate is None
        else http.client.HTTPSConnection("localhost", server.port, timeout=5, context=trusting(certificate))
    )
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def raw(server: WebServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def secure(server: WebServer, certificate: Path) -> ssl.SSLSocket:
    return trusting(certificate).wrap_socket(raw(server), server_hostname="localhost")


def is_hung_up(connection: socket.socket) -> bool:
    """Return whether the other end closes within the socket's time-out, whatever it said before."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def test_tls_is_spoken_with_the_certificate_of_the_file(certificate: Path) -> None:
    with served(certificate) as server:
        assert ask(server, certificate) == (200, b"https 127.0.0.1")


def test_without_a_certificate_it_is_plain_http() -> None:
    with served(None) as server:
        assert ask(server, None) == (200, b"http 127.0.0.1")


def test_tls_older_than_1_2_is_refused(certificate: Path) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    with pytest.warns(DeprecationWarning, match=r"TLSv1 "):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with served(certificate) as server, raw(server) as connection, pytest.raises(ssl.SSLError) as refused:
        old.wrap_socket(connection, server_hostname="localhost")
    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"  # said by the server, not by this client


def test_plain_http_on_the_port_of_https_is_sent_to_https(certificate: Path) -> None:
    with served(certificate) as server, raw(server) as connection:
        connection.sendall(b"GET /people?q=a HTTP/1.1\r\nHost: porch.local:8443\r\nConnection: close\r\n\r\n")
        head = connection.recv(65536)
    assert head.startswith(b"HTTP/1.1 308 ")
    assert b"\r\nLocation: https://porch.local:8443/people\r\n" in head


def test_a_program_is_not_led_on_with_its_token_in_the_clear(certificate: Path) -> None:
    with served(certificate) as server, raw(server) as connection:
        connection.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: porch.local\r\nConnection: close\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("host", [b"evil\tx", b"a/b", b"user@a", b""])
def test_nobody_is_sent_to_an_address_that_is_none(certificate: Path, host: bytes) -> None:
    with served(certificate) as server, raw(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_idle_and_slow_clients_take_no_thread_from_anybody(certificate: Path) -> None:
    with served(certificate) as server, ExitStack() as held:
        silent = [held.enter_context(raw(server)) for _ in range(IDLE // 4)]
        shaken = [held.enter_context(secure(server, certificate)) for _ in range(IDLE // 4)]
        heads = [held.enter_context(secure(server, certificate)) for _ in range(IDLE // 4)]
        bodies = [held.enter_context(secure(server, certificate)) for _ in range(IDLE // 4)]
        for one in heads:
            one.sendall(b"GET / HT")
        for one in bodies:
            one.sendall(HEAD)
        threads = threading.active_count()
        for _ in range(5):
            assert ask(server, certificate)[0] == 200
        assert threading.active_count() == threads
        assert len(silent) + len(shaken) + len(heads) + len(bodies) == IDLE


QUICK = replace(
    LIMITS, handshake=0.2, head=0.2, body_grace=0.1, idle=0.2, stalled=0.2, turn=0.05, body_rate=1e6
)


@pytest.mark.parametrize("sent", [b"", b"GET / HT", HEAD], ids=["idle", "half a head", "half a body"])
def test_who_is_late_is_hung_up_on(sent: bytes) -> None:
    with served(None, limits=replace(QUICK, turn=1)) as server, raw(server) as connection:
        if sent:
            connection.sendall(sent)
        assert is_hung_up(connection)


def test_a_handshake_has_its_time(certificate: Path) -> None:
    with served(certificate, limits=QUICK) as server, raw(server) as connection:
        connection.sendall(b"\x16\x03\x01")
        assert is_hung_up(connection)


def test_dripping_a_head_does_not_make_it_younger() -> None:
    with served(None, limits=replace(QUICK, head=0.5, idle=30)) as server, raw(server) as connection:
        connection.settimeout(0.05)
        began = time.monotonic()
        while time.monotonic() < began + 5:
            try:
                connection.sendall(b"G")
                if connection.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert 0.4 < time.monotonic() - began < 4


def test_an_answer_that_nobody_takes_is_not_kept() -> None:
    app = Flask("large")

    @app.get("/")
    def show() -> bytes:
        return bytes(8 * 1024 * 1024)

    with served(None, app, QUICK) as server, raw(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until = time.monotonic() + 10
        while _clients(server) and time.monotonic() < until:
            time.sleep(0.02)
        assert _clients(server) == 0


def _clients(server: WebServer) -> int:
    inner = server._server
    assert inner is not None
    return len(list(inner._clients()))


def test_a_long_answer_is_no_lateness() -> None:
    held = threading.Event()
    with served(None, application(held), QUICK) as server:
        threading.Timer(0.8, held.set).start()
        assert ask(server, None, "/hang") == (200, b"late")


def test_at_the_limit_the_idlest_of_the_busiest_client_makes_room() -> None:
    with served(None, limits=replace(LIMITS, connections=4)) as server, ExitStack() as held:
        first = [held.enter_context(raw(server)) for _ in range(4)]
        assert ask(server, None)[0] == 200
        assert is_hung_up(first[0])
        first[3].settimeout(0.2)
        assert not is_hung_up(first[3])


def test_a_body_over_the_limit_is_refused() -> None:
    with served(None, limits=replace(LIMITS, body=1000)) as server, raw(server) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "kind", [b"Content-Length: 5000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n1388\r\n" + b"a" * 5000]
)
def test_a_large_body_is_taken_of_whoever_is_known_alone(kind: bytes) -> None:
    known = KnownClients()
    known.remember("x" * 43)
    limits = replace(LIMITS, strange_body=1000)
    server = WebServer(Listen("127.0.0.1", 0), application(), tls=None, limits=limits, admits=known.admits)
    server.start()
    try:
        for cookie, taken in (
            (b"Cookie: a=b; __Host-edge=" + b"x" * 43, True),
            (b"Cookie: edge=" + b"x" * 43 + b"; c=d", True),
            (b"Authorization: Bearer " + b"x" * 43, True),
            (b"Authorization: Bearer " + b"y" * 43, False),
            (b"Cookie: xedge=" + b"x" * 43, False),
            (b"X: y", False),
        ):
            with raw(server) as connection:
                connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\n" + cookie + b"\r\n" + kind)
                if taken:
                    rest = b"a" * 5000 if b"Length" in kind else b"\r\n0\r\n\r\n"
                    connection.sendall(rest)
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 " if taken else b"HTTP/1.1 413 ")
    finally:
        server.stop()


def test_a_head_over_the_limit_is_refused() -> None:
    with served(None, limits=replace(LIMITS, head_bytes=2000)) as server, raw(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 4000)
        assert connection.recv(65536).startswith(b"HTTP/1.0 431 ")


def test_a_stream_ends_when_its_viewer_leaves(certificate: Path) -> None:
    over = threading.Event()
    with served(certificate, application(over=over)) as server:
        with secure(server, certificate) as connection:
            connection.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"data: x" in connection.recv(65536) + connection.recv(65536)
        assert over.wait(5)


@pytest.mark.parametrize("path", ["/hang", "/stream"])
def test_stop_waits_for_nobody_long(path: str) -> None:
    held = threading.Event()
    app = application(held)
    server = WebServer(Listen("127.0.0.1", 0), app, tls=None, limits=replace(LIMITS, stop=0.2))
    server.start()
    with raw(server) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        wait_for(lambda: any(one.busy for one in server._server._clients()))  # type: ignore[union-attr]
        server.stop()
        server.stop()
        assert is_hung_up(connection)
    held.set()
    wait_for(lambda: not [one for one in threading.enumerate() if one.name.startswith("web")])


def wait_for(what: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)


def test_a_port_in_use_is_one_clear_line() -> None:
    with served(None) as server:
        second = WebServer(Listen("127.0.0.1", server.port), application(), tls=None)
        with pytest.raises(WebError) as refused:
            second.start()
    assert str(refused.value) == (
        f"web: 127.0.0.1, port {server.port}: it cannot be listened on: another program has it"
    )


def test_a_file_without_a_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    file.write_text("nothing")
    with pytest.raises(WebError, match="no certificate and key that could be used"):
        WebServer(Listen("127.0.0.1", 0), application(), tls=TlsFiles(file)).start()


def test_a_renewed_certificate_is_shown_to_whoever_comes(tmp_path: Path) -> None:
    file = make_certificate(tmp_path)
    with served(file) as server:
        before = ssl.get_server_certificate(("127.0.0.1", server.port))
        make_certificate(tmp_path)
        server.renewed()
        assert ssl.get_server_certificate(("127.0.0.1", server.port)) != before


def test_only_the_named_proxy_speaks_for_browsers() -> None:
    for proxy, seen in (
        ("127.0.0.1", b"https 192.0.2.9"),
        ("192.0.2.1", b"http 127.0.0.1"),
        ("", b"http 127.0.0.1"),
    ):
        server = WebServer(Listen("127.0.0.1", 0, proxy), application(), tls=None)
        server.start()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            told = {"X-Forwarded-For": "198.51.100.1, 192.0.2.9", "X-Forwarded-Proto": "https"}
            connection.request("GET", "/", headers=told)
            assert connection.getresponse().read() == seen
            connection.close()
        finally:
            server.stop()
