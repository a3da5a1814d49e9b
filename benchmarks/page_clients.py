"""Browsers at the terminal's pages, as `benchmarks.page_load` needs them: viewers, idle and slow connections.

`python -m benchmarks.page_clients ADDRESS NAME PASSWORD SECONDS` logs in, has three viewers of the live
picture and 200 connections that send a byte now and then, and unlocks the door every two seconds. Prints one
JSON object: how many pictures were seen, connections were open, and how long each unlocking took.
"""

import http.client
import json
import re
import socket
import ssl
import sys
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

VIEWERS, IDLE = 3, 200
DRIP = 4.0  # s between two bytes of a slow connection
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"|name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """One session at the pages."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    kept: http.client.HTTPSConnection | None = None  # as browsers keep it

    def connect(self) -> http.client.HTTPSConnection:
        where = urlsplit(self.address)
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(where.hostname or "", where.port, context=context, timeout=30)

    def headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookies, "Origin": self.address, "Referer": f"{self.address}/"}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        connection = self.kept = self.kept or self.connect()
        headers = self.headers()
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key.strip()] = rest.split(";", 1)[0]
        text = answer.read().decode(errors="replace")
        return answer.status, text

    def token(self, path: str) -> str:
        status, text = self.ask("GET", path)
        found = TOKEN.search(text)
        assert found is not None, (path, status)
        return found.group(1) or found.group(2)

    def log_in(self, name: str, password: str) -> None:
        form = {"csrf_token": self.token("/login"), "name": name, "password": password}
        status, _ = self.ask("POST", "/login", form)
        assert status in {302, 303}, status

    def set_up(self, code: str, name: str, password: str) -> None:
        form = {"csrf_token": self.token("/setup"), "code": code, "name": name, "password": password}
        status, text = self.ask("POST", "/setup", form)
        assert status in {302, 303}, text[-2000:]


def view(browser: Browser, until: float, seen: list[int]) -> None:
    """Look at the live picture: the stream, and each picture that it tells of."""
    while time.monotonic() < until:
        stream, pictures = browser.connect(), browser.connect()
        stream.request("GET", "/live/stream", headers=browser.headers())
        answer = stream.getresponse()
        while time.monotonic() < until:
            line = answer.readline()
            if not line:
                break
            if line.startswith(b"data:") and b'"number"' in line:
                pictures.request("GET", "/live/picture.jpg", headers=browser.headers())
                got = pictures.getresponse()
                got.read()
                seen[0] += got.status == http.HTTPStatus.OK
        stream.close()
        pictures.close()


def drip(address: str, until: float, most: list[int]) -> None:
    """Keep 200 connections open that never finish a request."""
    where = urlsplit(address)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    held: list[ssl.SSLSocket] = []
    while time.monotonic() < until:
        while len(held) < IDLE and time.monotonic() < until:
            plain = socket.create_connection((where.hostname or "", where.port or 443), timeout=30)
            held.append(context.wrap_socket(plain))
            held[-1].sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        most[0] = max(most[0], len(held))
        time.sleep(DRIP)
        held = [one for one in held if _dripped(one)]


def _dripped(one: ssl.SSLSocket) -> bool:
    try:
        one.sendall(b"x")
    except OSError:
        one.close()
        return False
    return True


def main() -> None:
    address, name, password, seconds = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
    browser = Browser(address)
    browser.log_in(name, password)
    until = time.monotonic() + seconds
    seen, most, unlocked = [0], [0], []
    threads = [
        threading.Thread(target=view, args=(browser, until, seen), daemon=True) for _ in range(VIEWERS)
    ]
    threads.append(threading.Thread(target=drip, args=(address, until, most), daemon=True))
    for thread in threads:
        thread.start()
    token = browser.token("/")
    while time.monotonic() < until:
        time.sleep(2)
        began = time.monotonic()
        try:
            status, _ = browser.ask("POST", "/door/unlock", {"csrf_token": token})
        except OSError:
            break  # the film is over, and the terminal with it
        if status in {200, 303}:
            unlocked.append(time.monotonic() - began)
    print(json.dumps({"pictures": seen[0], "connections": most[0], "unlocked": unlocked}))


if __name__ == "__main__":
    main()
