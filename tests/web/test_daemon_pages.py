"""The whole daemon: its pages by HTTPS, from the code in its log to the first admin, and its end in time."""

import html
import http.client
import http.cookiejar
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.daemon.conftest import FAKE_VISION, READY, wait_for
from tests.web.secured import PASSWORD, TOKEN

EDGECTL = "import sys; from edge.cli import main; sys.exit(main())"
FAKE_EDGED = FAKE_VISION.with_name("fake_edged.py")


class Terminal:
    """A running `edged` with pages on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        (folder / "play.json").write_text(json.dumps([READY, ["sleep", 0.1]]))
        (folder / "edge.toml").write_text(
            '[camera]\nsource = "replay:film.avi"\n[door]\nrelay = "recording"\n[log]\nformat = "json"\n'
            f"[storage]\nballast_mib = 0\n[web]\nport = {self.port}\n"
        )
        self.start()

    def start(self) -> None:
        self.log = self.folder / "log"
        with self.log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, str(FAKE_EDGED), str(self.folder / "play.json"), *self._config()],
                stdout=subprocess.DEVNULL,
                stderr=stream,
                env=self._environ(),
            )
        wait_for(lambda: bool(self.said("the pages are served")), 60)

    def said(self, event: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"].startswith(event)]

    def edgectl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", EDGECTL, *self._config(), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self._environ(),
        )

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "data/web.pem"))

    def _config(self) -> list[str]:
        return ["--config", str(self.folder / "edge.toml")]

    def _environ(self) -> dict[str, str]:
        return os.environ | {"EDGE_DATA_DIR": str(self.folder / "data")}


class Visitor:
    """A browser over real HTTPS, which trusts the terminal's own certificate."""

    def __init__(self, terminal: Terminal) -> None:
        self.base = f"https://localhost:{terminal.port}"
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=terminal.trusting()),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )

    def get(self, path: str) -> str:
        with self.opener.open(self.base + path, timeout=20) as answer:
            text: str = answer.read().decode()
            return text

    def post(self, path: str, **form: str) -> str:
        found = TOKEN.search(self.get(path))
        assert found is not None
        data = urllib.parse.urlencode({"csrf_token": html.unescape(found[1]), **form}).encode()
        headers = {"Origin": self.base, "Referer": self.base + path}
        asked = urllib.request.Request(self.base + path, data, headers)  # noqa: S310 - it is https
        with self.opener.open(asked, timeout=20) as answer:
            text: str = answer.read().decode()
            return text


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    running = Terminal(tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def test_from_the_log_to_the_first_admin_and_to_a_lost_password(terminal: Terminal) -> None:
    shown = json.loads(terminal.edgectl("web", "fingerprint", "--json").stdout)
    (served,) = terminal.said("the pages are served")
    assert served["fingerprint"] == shown["sha256"]
    assert shown["addresses"] == [f"https://127.0.0.1:{terminal.port}/"]

    visitor = Visitor(terminal)
    assert "Set up this terminal" in visitor.get("/")
    (offered,) = terminal.said("nobody may administer")
    joined = visitor.post("/setup", code=offered["setup_code"], name="yui", password=PASSWORD)
    assert "<h1>Dashboard</h1>" in joined or "dashboard" in joined.casefold()
    assert "Your account" in visitor.get("/account")

    refused = terminal.edgectl("setup-code")
    assert refused.returncode == 1
    assert "there is an administrator already" in refused.stderr
    code = json.loads(terminal.edgectl("admin", "reset", "--json").stdout)["code"]
    other = Visitor(terminal)
    other.post("/setup", code=code, name="yui", password="another sentence of words")
    assert "Your account" in other.get("/account")
    assert "Log in" in visitor.get("/account")
    listed = json.loads(terminal.edgectl("admin", "list", "--json").stdout)
    assert [(one["name"], one["role"], one["enabled"]) for one in listed] == [("yui", "admin", True)]

    resident = psutil.Process(terminal.process.pid).memory_info().rss
    assert resident < 120 * 1024 * 1024
    maps = Path(f"/proc/{terminal.process.pid}/maps").read_text()
    assert not re.search(r"cv2|onnx|dlib|PIL/", maps)  # whatever the pages load

    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.process.wait(5) == 0
    terminal.start()
    assert terminal.said("nobody may administer") == []
    assert "Your account" in other.get("/account")  # a restart logs nobody out


def test_a_stopped_daemon_needs_none_for_a_code(terminal: Terminal) -> None:
    first = terminal.edgectl("setup-code")
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", first.stdout.splitlines()[0])
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.process.wait(5) == 0
    second = terminal.edgectl("setup-code")
    assert second.returncode == 0, second.stderr
    assert second.stdout.splitlines()[1].endswith("/setup")
    assert terminal.edgectl("admin", "list").returncode == 0


def test_an_open_stream_does_not_hold_up_the_end(terminal: Terminal) -> None:
    connection = http.client.HTTPSConnection(
        "localhost", terminal.port, context=terminal.trusting(), timeout=5
    )
    connection.request("GET", "/login")
    connection.getresponse().read()
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.process.wait(5) == 0
    connection.close()
